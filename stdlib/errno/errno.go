// Package errno holds the module errno.
package errno

import (
	"strings"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// Module is the module errno: the platform's error numbers by their names.
//
//	local code = s:getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
//	if code == errno.ECONNREFUSED then print(errno.name(code), errno.strerror(code)) end
//
// Where a number has two names both are fields; name gives EAGAIN rather than
// EWOULDBLOCK, and EOPNOTSUPP rather than ENOTSUP, as the code of error objects
// does.
var Module = &interp.Module{
	Name: "errno",
	Doc:  "The platform's error numbers by name: errno.ECONNREFUSED.",
	Funcs: []interp.Function{
		{Name: "name", Args: "n", Doc: `returns the name of error number n ("ECONNREFUSED"), nil when it has none`, Manual: `
		n integer: an error's number
		-> string?: its name
		> print(errno.name(errno.ECONNREFUSED)) --> ECONNREFUSED
		`, Fn: name},
		{Name: "strerror", Args: "n", Doc: `returns what error number n means ("connection refused"), as an error object's message says it`, Manual: `
		n integer: an error's number
		-> string: in words
		> print(errno.strerror(errno.ECONNREFUSED)) --> connection refused
		`, Fn: strerror},
	},
	Groups: groups,
	Constants: func() map[string]lua.LValue {
		all := map[string]lua.LValue{}
		each(func(name string, n syscall.Errno) { all[name] = lua.LNumber(n) })
		return all
	},
	Elsewhere: func(name string) bool { return strings.Contains(some, " "+name+" ") },
}

// some are the names that only some platforms have, and that scripts may ask for: of Linux, and of
// the BSDs and macOS.
const some = ` ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT EDEADLOCK EBFONT ENONET ENOPKG EADV ESRMNT ECOMM EDOTDOT ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC ERESTART ESTRPIPE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO ENOMEDIUM EMEDIUMTYPE ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED ERFKILL EHWPOISON EFTYPE EPROCLIM EAUTH ENEEDAUTH ERPCMISMATCH EPROGUNAVAIL EPROGMISMATCH EPROCUNAVAIL EBADRPC ENOATTR EDOOFUS EPWROFF EDEVERR EBADEXEC EBADARCH ESHLIBVERS EBADMACHO ENOPOLICY EQFULL ENOTCAPABLE ECAPMODE EINTEGRITY `

func name(s *interp.State) int {
	n := s.Int(1)
	if n <= 0 || n > maxErrno || !known(syscall.Errno(n)) {
		return s.Return(lua.LNil)
	}
	return s.Return(lua.LString(interp.ErrnoName(syscall.Errno(n))))
}

func strerror(s *interp.State) int {
	n := s.Int(1)
	if n == 0 {
		return s.Return(lua.LString("success"))
	}
	if n < 0 || n > maxErrno || !known(syscall.Errno(n)) {
		s.Push(lua.LString("unknown error " + lua.LNumber(n).String()))
		return 1
	}
	return s.Return(lua.LString(interp.AsOpError(syscall.Errno(n)).Message))
}
