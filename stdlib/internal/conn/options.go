//go:build unix

package conn

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// OptionMethods are those of objects that run on a descriptor.
var OptionMethods = []interp.Function{
	{Name: "setsockopt", Args: "level, option, value", Doc: "sets an option to an integer, a boolean or a structure's bytes; SO_RCVTIMEO and SO_SNDTIMEO hold where the timeout is nil, and are answered nil, \"EAGAIN\"; returns true", Manual: `
		level integer: SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6...
		option integer: SO_, TCP_, IP_, IPV6_ constants
		value integer|boolean|string: as the option wants it
		-> true: always
		! ENOPROTOOPT: there is no such option on this socket
		! EINVAL: it does not take the value
		> local s = socket.socket()
		> s:setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, true)
		> s:setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		`, Fn: setsockopt},
	{Name: "getsockopt", Args: "level, option[, buflen]", Doc: "an option's integer, or with buflen its bytes", Manual: `
		level integer: as setsockopt's
		option integer: as setsockopt's
		buflen integer?: of an option that is a structure: 1-1024 bytes at most
		-> integer|string: its value
		! ENOPROTOOPT: there is no such option on this socket
		> local s = socket.socket()
		> print(s:getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM) --> true
		`, Fn: getsockopt},
}

// descriptor returns that of argument 1, which is open.
func descriptor(s *interp.State, op string) *sys.FD {
	o := self(s)
	fd := o.Endpoint().Descriptor()
	if fd == nil {
		s.TypeError(1, "socket with a descriptor")
	}
	mustBeOpen(s, o, op)
	return fd
}

func setsockopt(s *interp.State) int {
	fd, level, option := descriptor(s, "setsockopt"), s.Int(2), s.Int(3)
	var err error
	switch v := s.Get(4).(type) {
	case lua.LString:
		err = fd.SetBytes(s, level, option, string(v))
	case lua.LBool:
		n := 0
		if v {
			n = 1
		}
		err = fd.SetIntFor(s, level, option, n)
	case lua.LNumber:
		// Options are 32 bits, signed or not: either way the same bits.
		n := s.IntRange(4, math.MinInt32, math.MaxUint32, "value")
		err = fd.SetIntFor(s, level, option, int(int32(n)))
	default:
		s.TypeError(4, "number, boolean or string")
	}
	if err != nil {
		return s.Raise(err)
	}
	return s.True()
}

func getsockopt(s *interp.State) int {
	fd, level, option := descriptor(s, ""), s.Int(2), s.Int(3)
	if s.Absent(4) {
		n, err := fd.Int(level, option)
		if err != nil {
			return s.Raise(err)
		}
		return s.Return(lua.LNumber(int32(n)))
	}
	data, err := fd.Bytes(level, option, s.IntRange(4, 1, 1024, "buflen"))
	if err != nil {
		return s.Raise(err)
	}
	return s.Return(lua.LString(data))
}
