//go:build unix

package socket

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/file"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

var messageMethods = []interp.Function{
	{Name: "sendmsg", Args: "data or array[, ancillary[, flags[, address]]]", Doc: "how many bytes were taken; ancillary is an array of {level, type, bytes}; waits", Manual: `
		data string|string[]: one message, or the pieces of one
		ancillary table[]?: items {level, type, bytes}, such as {socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors}
		flags integer?: MSG_ constants, added
		address endpoint?: where to, of a socket that is not connected
		-> integer: bytes of data taken
		or nil, "EAGAIN": a non-blocking socket, and there is no room
		! EMSGSIZE: the message is too long
		> local a, b = socket.socketpair()
		> print(a:sendmsg({"to", "gether"})) --> 8
		> print(b:recv()) --> together
		`, Fn: sendmsg},
	{Name: "recvmsg", Args: "n[, ancsize=0[, flags]]", Doc: "data, ancillary, flags, address; waits", Manual: `
		n integer: bytes at most
		ancsize integer?: the room for ancillary data; see CMSG_SPACE
		flags integer?: MSG_ constants, added
		-> string data: up to n bytes
		-> {[1]:integer,[2]:integer,[3]:string}[] ancillary: items {level, type, bytes}
		-> integer flags: MSG_TRUNC, MSG_CTRUNC and the like, added
		-> address? from: the sender; nil on a stream
		or nil, "EAGAIN": a non-blocking socket, and there is nothing
		> local a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
		> a:sendall("a datagram")
		> local data, ancillary, flags = b:recvmsg(4)
		> print(data, #ancillary, flags == socket.MSG_TRUNC) --> a da	0	true
		`, Fn: recvmsg},
}

var messageFuncs = []interp.Function{
	{Name: "send_fds", Args: "socket, data, fds[, flags]", Doc: "sends descriptors over a Unix socket, with at least one byte of data; returns how many bytes were sent; waits", Manual: `
		socket socket: of AF_UNIX
		data string: at least one byte
		fds any[]: descriptors' numbers, or what has one: sockets, files
		flags integer?: MSG_ constants, added
		-> integer: bytes of data sent
		> local a, b = socket.socketpair()
		> local listener = socket.create_server("127.0.0.1", 0)
		> socket.send_fds(a, "x", {listener})
		> local data, fds = socket.recv_fds(b, 1, 1)
		> print(data, socket.fromfd(fds[1]):getsockname() == listener:getsockname()) --> x	true
		> socket.close(fds[1])
		`, Fn: sendFDs},
	{Name: "recv_fds", Args: "socket, n, maxfds[, flags]", Doc: "data, an array of descriptors, flags, address; waits", Manual: `
		socket socket: of AF_UNIX
		n integer: bytes at most
		maxfds integer: descriptors at most
		flags integer?: MSG_ constants, added
		-> string data: up to n bytes
		-> integer[] fds: descriptors' numbers, which are the script's to close
		-> integer flags: MSG_CTRUNC when there were more descriptors
		-> address? from: the sender
		> local a, b = socket.socketpair()
		> socket.send_fds(a, "x", {0, 1})
		> local data, fds = socket.recv_fds(b, 1, 2)
		> print(data, #fds) --> x	2
		> for _, fd in ipairs(fds) do socket.close(fd) end
		`, Fn: recvFDs},
	{Name: "CMSG_LEN", Args: "n", Doc: "the length of an ancillary item with n bytes of data", Manual: `
		n integer: bytes of data
		-> integer: bytes
		> print(socket.CMSG_LEN(4) == socket.CMSG_LEN(0) + 4) --> true
		`, Fn: func(s *interp.State) int {
		return s.Return(lua.LNumber(unix.CmsgLen(s.IntRange(1, 0, math.MaxInt32, "n"))))
	}},
	{Name: "CMSG_SPACE", Args: "n", Doc: "the room an ancillary item with n bytes of data takes", Manual: `
		n integer: bytes of data
		-> integer: bytes, with what aligns the next one
		> print(socket.CMSG_SPACE(1) >= socket.CMSG_LEN(1)) --> true
		`, Fn: func(s *interp.State) int {
		return s.Return(lua.LNumber(unix.CmsgSpace(s.IntRange(1, 0, math.MaxInt32, "n"))))
	}},
}

func sendmsg(s *interp.State) int {
	k, fd := open(s, "sendmsg")
	pieces := messageData(s, 2)
	oob := ancillary(s, 3)
	if err := fd.Net().MayAttach(oob); err != nil {
		return s.Raise(k.About(err))
	}
	flags := s.OptInt(4, 0)
	lim := k.Begin(s, flags)
	var to *addr.Addr
	var name string
	if !s.Absent(5) {
		to, name, _ = lookup.CheckAddr(s, 5, fd.Family, lim)
	}
	n, err := fd.SendMsg(s, pieces, oob, flags, to, name, lim)
	if err != nil && to != nil {
		err = interp.About(err, to.String())
	}
	if err == unix.EBADF && fd.Fileno() >= 0 {
		return s.Raise(&interp.OpError{Code: "EBADF", Errno: unix.EBADF, Message: "a descriptor in the ancillary data is not open"})
	}
	if err != nil {
		return conn.Fail(s, k.About(err))
	}
	return s.Return(lua.LNumber(n))
}

// messageData returns argument n, a string or an array of strings, in pieces. They are added
// up before they are copied.
func messageData(s *interp.State, n int) (pieces [][]byte) {
	t, ok := s.Get(n).(*lua.LTable)
	if !ok {
		return [][]byte{[]byte(s.Str(n))}
	}
	size, work := 0, s.Work()
	for i := 1; i <= t.Len(); i++ {
		v := t.RawGetInt(i)
		text, ok := s.Text(v)
		if !ok {
			s.ArgError(n, "item %d is a %s, not a string", i, v.Type())
		}
		size += len(text)
		s.Fits(size)
		work.Spend(10 + len(text)>>4)
		pieces = append(pieces, []byte(text))
	}
	return pieces
}

// ancillary encodes argument n, an array of {level, type, bytes}.
func ancillary(s *interp.State, n int) []byte {
	var oob []byte
	work := s.Work()
	t := s.OptTable(n)
	for i := 1; i <= t.Len(); i++ {
		item, ok := t.RawGetInt(i).(*lua.LTable)
		if !ok {
			s.ArgError(n, "item %d must be a table {level, type, bytes}", i)
		}
		level, ok1 := item.RawGetInt(1).(lua.LNumber)
		typ, ok2 := item.RawGetInt(2).(lua.LNumber)
		data, ok3 := item.RawGetInt(3).(lua.LString)
		if !ok1 || !ok2 || !ok3 {
			s.ArgError(n, "item %d must be a table {level, type, bytes}", i)
		}
		s.Fits(len(oob) + len(data))
		work.Spend(10 + len(data)>>4)
		oob = append(oob, sys.Cmsg(int(level), int(typ), []byte(data))...)
	}
	return oob
}

func recvmsg(s *interp.State) int {
	k, _ := open(s, "recvmsg")
	n, oobn, flags := s.IntRange(2, 0, math.MaxInt32, "size"), conn.Size(s, 3, 0), conn.RecvFlags(s, 4)
	x := receiving{k: k, n: n, oobn: oobn, flags: flags, lim: k.Begin(s, flags)}
	m, err := x.message(s)
	if err != nil {
		return conn.Fail(s, err)
	}
	t := s.NewTable()
	for _, c := range m.Items {
		item := s.NewTable()
		item.RawSetInt(1, lua.LNumber(c.Level))
		item.RawSetInt(2, lua.LNumber(c.Type))
		item.RawSetInt(3, lua.LString(c.Data))
		t.Append(item)
	}
	s.Return(lua.LString(m.Data), t, lua.LNumber(m.Flags))
	k.PushSender(s, m.From)
	return 4
}

// receiving is a call that receives a message.
type receiving struct {
	k       *conn.Conn
	n, oobn int
	flags   int
	lim     sys.Limit
}

// message receives one. On a stream MSG_WAITALL has it go on until n bytes have come, or ancillary data
// that end it, as the system's call, which never waits, cannot; what came before it fails is returned.
func (x *receiving) message(s *interp.State) (m sys.Message, err error) {
	m, err = x.once(s, x.n)
	if x.flags&^unix.MSG_PEEK != unix.MSG_WAITALL || x.lim.Nonblock || x.k.Transport().Traits().Type != unix.SOCK_STREAM {
		return m, err
	}
	if x.flags&unix.MSG_PEEK != 0 {
		return x.peekAll(s, m, err)
	}
	pieces, size := []string{m.Data}, len(m.Data)
	for err == nil && 0 < size && size < x.n && !m.Ends() {
		next, err := x.once(s, x.n-size)
		if err != nil || next.Data == "" {
			break
		}
		pieces, size = append(pieces, next.Data), size+len(next.Data)
		m.Join(next)
	}
	m.Data = strings.Join(pieces, "")
	return m, err
}

// peekAll waits until there is as much as a peek asks for, where it asks for no ancillary data: peeking
// never passes these.
func (x *receiving) peekAll(s *interp.State, m sys.Message, err error) (sys.Message, error) {
	if err == nil && x.oobn == 0 && len(m.Data) < x.n {
		m.Data, err = x.k.Receive(s, x.n, x.flags, x.lim)
	}
	return m, err
}

// once receives what there is.
func (x *receiving) once(s *interp.State, n int) (m sys.Message, err error) {
	data, ahead, err := x.k.Beside(s, n, x.flags, x.lim, func() (err error) {
		m, err = x.k.Transport().Descriptor().RecvMsg(s, n, x.oobn, x.flags, x.lim)
		return err
	})
	if ahead {
		m.Data = data
	}
	return m, err
}

func sendFDs(s *interp.State) int {
	k, fd := open(s, "sendmsg")
	data, t := s.Str(2), s.Table(3)
	if data == "" {
		s.ArgError(2, "at least one byte of data must go with descriptors")
	}
	var fds []int
	for i := 1; i <= t.Len(); i++ {
		fds = append(fds, descriptor(s, 3, i, t.RawGetInt(i)))
	}
	flags := s.OptInt(4, 0)
	n, err := fd.SendMsg(s, [][]byte{[]byte(data)}, unix.UnixRights(fds...), flags, nil, "", k.Begin(s, flags))
	if err != nil {
		return conn.Fail(s, k.About(err))
	}
	return s.Return(lua.LNumber(n))
}

// descriptor returns the descriptor of an item of argument n: a number, or an
// object with fileno().
func descriptor(s *interp.State, n, i int, v lua.LValue) int {
	switch v := v.(type) {
	case lua.LNumber:
		if err := sys.NetOf(s.Interp()).MayUse(int(v)); err != nil {
			s.Raise(err)
		}
		if fd := int(v); lua.LNumber(fd) != v || !sys.IsOpen(fd) {
			s.Raise(&interp.OpError{Code: "EBADF", Errno: unix.EBADF, Message: fmt.Sprintf("item %d, %s, is no open descriptor", i, interp.Shown(v))})
		}
		return int(v)
	case *lua.LUserData:
		if f, ok := v.Value.(*file.File); ok && f.Host() {
			if err := sys.NetOf(s.Interp()).MayUse(f.Fileno()); err != nil {
				s.Raise(err)
			}
		}
		if f, ok := v.Value.(interface{ Fileno() int }); ok && f.Fileno() >= 0 {
			return f.Fileno()
		}
	}
	s.ArgError(n, "item %d must be a descriptor, or an open object that has one", i)
	return -1
}

func recvFDs(s *interp.State) int {
	k, _ := open(s, "recvmsg")
	n, max, flags := s.IntRange(2, 0, math.MaxInt32, "size"), s.IntRange(3, 0, 253, "maxfds"), conn.RecvFlags(s, 4)
	x := receiving{k: k, n: n, oobn: unix.CmsgLen(4 * max), flags: flags, lim: k.Begin(s, flags)} // with CmsgSpace there may be room for one more
	m, err := x.message(s)
	if err != nil {
		return conn.Fail(s, err)
	}
	t := s.NewTable()
	for _, c := range m.Items {
		for _, fd := range c.FDs {
			t.Append(lua.LNumber(fd))
		}
	}
	s.Return(lua.LString(m.Data), t, lua.LNumber(m.Flags))
	k.PushSender(s, m.From)
	return 4
}
