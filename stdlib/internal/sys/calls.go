//go:build unix

package sys

import (
	"runtime"
	"strings"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// Bind binds the socket: bind(2). It is the listen door's.
func (f *FD) Bind(s *interp.State, a *Addr, name string) error {
	if f.fd < 0 {
		return unix.EBADF
	}
	start := time.Now()
	err := f.mayListen(s, a, name)
	if err == nil && f.fd < 0 {
		err = unix.EBADF // closed while the policy looked a name up
	}
	if err == nil {
		if err = bind(f.fd, a.Sockaddr()); err == nil {
			f.bound, f.port = true, a.Port
		}
	}
	f.observe(s, "bind", start, a.String(), nil, err)
	return err
}

// Listen makes the socket accept connections: listen(2). A socket that was
// never bound is bound to every address by that, which the listen door is
// asked for.
func (f *FD) Listen(s *interp.State, backlog int) error {
	if f.fd < 0 {
		return unix.EBADF
	}
	start := time.Now()
	err := f.mayBecomeServer(s)
	if err == nil {
		err = unix.Listen(f.fd, backlog)
	}
	f.observe(s, "listen", start, "", nil, err)
	return err
}

// Connect connects the socket: connect(2). When it cannot wait the answer is
// EINPROGRESS, then EALREADY, and nil (or EISCONN) once it is connected.
func (f *FD) Connect(s *interp.State, a *Addr, name string, lim Limit) error {
	if f.fd < 0 {
		return unix.EBADF
	}
	start := time.Now()
	err := f.connect(s, a, name, lim)
	f.observe(s, "connect", start, a.String(), nil, err)
	return err
}

func (f *FD) connect(s *interp.State, a *Addr, name string, lim Limit) error {
	dest, err := f.mayConnect(s, a, name)
	if err != nil {
		return err
	}
	if f.fd < 0 {
		return unix.EBADF
	}
	sa, done, err := f.reach(dest)
	if err != nil {
		return err
	}
	defer done()
	err = f.tryConnect(f.fd, sa)
	for pause := time.Millisecond; err == unix.EAGAIN && !lim.Nonblock; pause = min(2*pause, 20*time.Millisecond) {
		// A Unix socket whose backlog is full: nothing tells when there is room.
		if err := s.Thread().CheckCancel(); err != nil {
			return err
		}
		if !lim.Deadline.IsZero() && !time.Now().Before(lim.Deadline) {
			return interp.ErrTimeout
		}
		s.Thread().Park(time.Now().Add(pause))
		if f.fd < 0 {
			return unix.EBADF
		}
		err = f.tryConnect(f.fd, sa)
	}
	if err == unix.EINTR { // the connection goes on being made
		err = unix.EINPROGRESS
	}
	if lim.Nonblock || err != unix.EINPROGRESS && err != unix.EALREADY {
		return err
	}
	return f.do(s, true, lim, callFunc(func(fd int) error { return f.connected(fd, sa) }))
}

// connected says whether a connection that was begun has been made. A socket
// is told to be writable when it is new, too, so that alone says nothing; asking
// connect again does. On Linux it also tells what went wrong, and makes a failed
// socket as good as new, which asking SO_ERROR instead would not.
func (f *FD) connected(fd int, sa unix.Sockaddr) error {
	if runtime.GOOS != "linux" {
		soerr, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && soerr != 0 {
			err = unix.Errno(soerr)
		}
		if err != nil && err != unix.EISCONN && err != unix.EINPROGRESS && err != unix.EALREADY {
			return err
		}
	}
	switch err := f.tryConnect(fd, sa); err {
	case unix.EISCONN:
		return nil
	case unix.EALREADY, unix.EINPROGRESS:
		return unix.EAGAIN
	default:
		return err
	}
}

// Accept takes a connection: accept(2). The client has the default timeout.
func (f *FD) Accept(s *interp.State, lim Limit) (*FD, *Addr, error) {
	if err := f.net.room(1); err != nil {
		return nil, nil, err
	}
	var start time.Time
	if f.net.observer != nil {
		start = time.Now()
	}
	nfd := -1
	var sa unix.Sockaddr
	err := f.do(s, false, lim, callFunc(func(fd int) (err error) {
		if f.shared.Load() {
			return errShared
		}
		for {
			if nfd, sa, err = accept(fd); err != unix.ECONNABORTED {
				return err
			}
		}
	}))
	if err == errShared {
		nfd, sa, err = f.acceptShared(s, lim)
	}
	if err == nil {
		if err = f.net.room(1); err != nil { // others have opened some while this waited
			unix.Close(nfd)
		}
	}
	if err != nil {
		f.observe(s, "accept", start, "", nil, err)
		return nil, nil, err
	}
	c, peer := f.net.adopt(nfd, f.Family, f.Type, f.Proto), FromSockaddr(sa, f.Family)
	if f.net.observer != nil {
		c.observe(s, "accept", start, peer.String(), nil, nil)
	}
	return c, peer, nil
}

// Buffers that system calls read into are taken once there is something to
// read: ten thousand waiting connections hold none.
var (
	small = sync.Pool{New: func() any { b := make([]byte, 4096); return &b }}
	large = sync.Pool{New: func() any { b := make([]byte, 65536); return &b }}
	whole = sync.Pool{New: func() any { b := uncleared(65536); return &b }} // each becomes a string
)

func buffer(n int) (*[]byte, *sync.Pool) {
	switch {
	case n <= 4096:
		return small.Get().(*[]byte), &small
	case n <= 65536:
		return large.Get().(*[]byte), &large
	}
	b := uncleared(n)
	return &b, nil
}

// maxRecv bounds the buffer of one receiving call. A larger n is no error: a
// call may always return less than was asked for.
const maxRecv = 16 << 20

// maxAncillary is more than a kernel has room for in one message.
const maxAncillary = 256 << 10

// Recv receives up to n bytes: recv(2). "" is the end of a stream. from, when
// not nil, is set to the sender.
func (f *FD) Recv(s *interp.State, n, flags int, lim Limit, from **Addr) (string, error) {
	lim.Nonblock = lim.Nonblock || flags&unix.MSG_DONTWAIT != 0
	n = min(n, maxRecv)
	var start time.Time
	if f.net.observer != nil {
		start = time.Now()
	}
	c := f.net.receives.take()
	c.f, c.n, c.flags, c.wantFrom = f, n, flags, from != nil
	c.direct = f.plenty && n > 32768 && n <= 65536
	err := f.do(s, false, lim, c)
	data := c.data
	f.plenty = len(data) > 32768
	if from != nil {
		*from = c.from
	}
	c.f, c.data, c.from = nil, "", nil
	f.net.receives.put(c)
	if f.net.observer != nil {
		f.observe(s, "recv", start, "", []byte(data), err)
	}
	return data, err
}

// receive is one call of recvfrom(2).
type receive struct {
	f        *FD
	n, flags int
	wantFrom bool
	direct   bool // into memory that becomes the string, if much comes
	data     string
	from     *Addr
}

func (c *receive) call(fd int) error {
	b, pool := (*[]byte)(nil), &whole
	if c.direct {
		b = whole.Get().(*[]byte)
	} else {
		b, pool = buffer(c.n)
	}
	got, sa, err := c.receive(fd, (*b)[:c.n])
	got = min(got, c.n) // with MSG_TRUNC it is how long the whole message was
	switch {
	case got <= 0 || err != nil:
	case got > len(*b)/2 && (c.direct || pool == nil):
		c.data, pool = unsafe.String(&(*b)[0], got), nil
	default:
		c.data = string((*b)[:got])
	}
	if pool != nil {
		pool.Put(b)
	}
	if err == nil && c.wantFrom {
		c.from = FromSockaddr(sa, -1)
	}
	return err
}

func (c *receive) receive(fd int, p []byte) (int, unix.Sockaddr, error) {
	flags := receiveFlags(fd, c.flags) | c.f.dontwait()
	if c.wantFrom && c.f.Family == unix.AF_UNIX {
		return recvfromUnix(fd, p, flags)
	}
	return recvfrom(fd, p, flags, c.wantFrom)
}

// receiveFlags leaves MSG_TRUNC out on a stream: there the kernel throws the bytes away
// and writes nothing, but says how many they were, and the buffer would be told as data.
// Without the flag the bytes are taken out of the stream just so, and are the right ones.
func receiveFlags(fd, flags int) int {
	if flags&unix.MSG_TRUNC == 0 {
		return flags
	}
	// Asked of the kernel, as a script may have named another type for the descriptor.
	if typ, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err != nil || typ == unix.SOCK_STREAM {
		flags &^= unix.MSG_TRUNC
	}
	return flags
}

// uncleared returns n bytes that nobody has set to zero: of much memory that is
// about to be written that is half the cost.
func uncleared(n int) []byte {
	var b strings.Builder
	b.Grow(n)
	b.WriteByte(0) // the place of an empty string's data is nowhere
	return unsafe.Slice(unsafe.StringData(b.String()), n)
}

// spare keeps objects for the next call; the interpreter's lock guards it.
type spare[T any] struct{ list []*T }

func (p *spare[T]) take() *T {
	if n := len(p.list); n > 0 {
		v := p.list[n-1]
		p.list = p.list[:n-1]
		return v
	}
	return new(T)
}

func (p *spare[T]) put(v *T) {
	if len(p.list) < 64 {
		p.list = append(p.list, v)
	}
}

func recvfrom(fd int, p []byte, flags int, from bool) (int, unix.Sockaddr, error) {
	if !from && flags == 0 {
		// read(2) is recv(2) without flags, and has no address to make room for.
		n, err := unix.Read(fd, p)
		if err != unix.ENOTSOCK && err != unix.EISDIR {
			return n, nil, err
		}
	}
	return unix.Recvfrom(fd, p, flags)
}

// bytesOf returns a string's bytes, which must not be written to.
func bytesOf(str string) []byte { return unsafe.Slice(unsafe.StringData(str), len(str)) }

// Send sends data: send(2). It returns how many bytes were taken.
func (f *FD) Send(s *interp.State, data string, flags int, lim Limit) (int, error) {
	return f.SendTo(s, data, flags, nil, "", lim)
}

// SendTo sends data to an address (nil: where the socket is connected to):
// sendto(2).
func (f *FD) SendTo(s *interp.State, data string, flags int, to *Addr, name string, lim Limit) (int, error) {
	lim.Nonblock = lim.Nonblock || flags&unix.MSG_DONTWAIT != 0
	var start time.Time
	if f.net.observer != nil {
		start = time.Now()
	}
	var sa unix.Sockaddr
	addr := ""
	if to != nil {
		dest, err := f.mayConnect(s, to, name)
		done := func() {}
		if err == nil {
			sa, done, err = f.reach(dest)
		}
		if err != nil {
			f.observe(s, "send", start, to.String(), nil, err)
			return 0, err
		}
		defer done()
		addr = to.String()
	}
	c := f.net.sends.take()
	c.f, c.data, c.flags, c.to, c.n = f, data, flags, sa, 0
	err := f.do(s, true, lim, c)
	n := max(c.n, 0)
	c.f, c.data, c.to = nil, "", nil
	f.net.sends.put(c)
	if f.net.observer != nil {
		f.observe(s, "send", start, addr, bytesOf(data)[:n], err)
	}
	return n, err
}

// sending is one call of sendto(2).
type sending struct {
	f        *FD
	data     string
	flags, n int
	to       unix.Sockaddr
}

func (c *sending) call(fd int) (err error) {
	if c.f.shared.Load() {
		c.n, err = sendNow(fd, bytesOf(c.data), c.flags, c.to)
		return err
	}
	c.n, err = send(fd, bytesOf(c.data), c.flags, c.to)
	return err
}

// send raises no SIGPIPE: Go's runtime ignores that signal but for descriptors 1
// and 2, which the flag is for.
func send(fd int, p []byte, flags int, to unix.Sockaddr) (int, error) {
	if flags == 0 && to == nil && len(p) > 0 && fd > 2 {
		n, err := unix.Write(fd, p) // send(2) without its extras, and cheaper
		if err != unix.EDESTADDRREQ {
			return n, err
		}
	}
	return sendmsg(fd, p, nil, to, flags|unix.MSG_NOSIGNAL)
}

// SendAll sends all of data, and returns how many bytes went also when it fails.
func (f *FD) SendAll(s *interp.State, data string, flags int, lim Limit) (sent int, err error) {
	for sent < len(data) {
		n, err := f.Send(s, data[sent:], flags, lim)
		sent += n
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// SendMsg sends pieces of data and ancillary data, which Net.MayAttach was asked about
// if a script made it up: sendmsg(2).
func (f *FD) SendMsg(s *interp.State, pieces [][]byte, oob []byte, flags int, to *Addr, name string, lim Limit) (int, error) {
	lim.Nonblock = lim.Nonblock || flags&unix.MSG_DONTWAIT != 0
	start := time.Now()
	var sa unix.Sockaddr
	addr := ""
	if to != nil {
		dest, err := f.mayConnect(s, to, name)
		done := func() {}
		if err == nil {
			sa, done, err = f.reach(dest)
		}
		if err != nil {
			f.observe(s, "sendmsg", start, to.String(), nil, err)
			return 0, err
		}
		defer done()
		addr = to.String()
	}
	n := 0
	err := f.do(s, true, lim, callFunc(func(fd int) (err error) {
		n, err = sendmsgPieces(fd, pieces, oob, sa, flags|f.dontwait()|unix.MSG_NOSIGNAL)
		return err
	}))
	if err == nil && len(oob) > 0 {
		f.net.lendAll(s, oob)
	}
	if f.net.observer != nil {
		var all []byte
		for _, p := range pieces {
			all = append(all, p...)
		}
		f.observe(s, "sendmsg", start, addr, all[:max(n, 0)], err)
	}
	return max(n, 0), err
}

// Message is what RecvMsg received.
type Message struct {
	Data  string
	Items []Item // ancillary data
	Flags int
	From  *Addr
}

// RecvMsg receives data and ancillary data: recvmsg(2). Descriptors that came
// along are close-on-exec, and the script's. It fails with EMFILE when there is no room
// for any of them.
func (f *FD) RecvMsg(s *interp.State, n, oobn, flags int, lim Limit) (m Message, err error) {
	lim.Nonblock = lim.Nonblock || flags&unix.MSG_DONTWAIT != 0
	if f.Family == unix.AF_UNIX && oobn >= unix.CmsgLen(4) {
		if err := f.net.room(1); err != nil {
			return m, err
		}
	}
	start := time.Now()
	var control []byte
	err = f.do(s, false, lim, callFunc(func(fd int) error {
		p, oob := make([]byte, min(n, maxRecv)), make([]byte, min(oobn, maxAncillary))
		got, gotOOB, rflags, sa, err := f.recvmsg(fd, p, oob, receiveFlags(fd, flags)|f.dontwait()|msgCloexec)
		if err != nil {
			return err
		}
		got, gotOOB = min(got, len(p)), min(gotOOB, len(oob)) // the whole message may have been longer
		m = Message{Data: string(p[:got]), Flags: rflags &^ msgCloexec, From: FromSockaddr(sa, -1)}
		control = oob[:gotOOB]
		return nil
	}))
	if err == nil {
		err = f.net.take(&m, control)
	}
	f.observe(s, "recvmsg", start, "", bytesOf(m.Data), err)
	return m, err
}

// recvmsg makes the call. Where x/sys/unix does it, it receives a byte of its own if
// there is room for ancillary data alone: which must not be lost to a stream.
func (f *FD) recvmsg(fd int, p, oob []byte, flags int) (n, oobn, rflags int, sa unix.Sockaddr, err error) {
	if f.Family == unix.AF_UNIX {
		return recvmsgUnix(fd, p, oob, flags)
	}
	if len(p) == 0 && f.Type == unix.SOCK_STREAM {
		flags |= unix.MSG_PEEK
	}
	return unix.Recvmsg(fd, p, oob, flags)
}

// Shutdown closes one or both directions: shutdown(2).
func (f *FD) Shutdown(s *interp.State, how int) error {
	if f.fd < 0 {
		return unix.EBADF
	}
	start := time.Now()
	err := unix.Shutdown(f.fd, how)
	f.observe(s, "shutdown", start, "", nil, err)
	return err
}

// Sockname returns the socket's own address: getsockname(2).
func (f *FD) Sockname() (*Addr, error) {
	if f.fd < 0 {
		return nil, unix.EBADF
	}
	sa, err := sockname(f.fd)
	if err != nil {
		return nil, err
	}
	return FromSockaddr(sa, f.Family), nil
}

// Peername returns the address at the other end: getpeername(2).
func (f *FD) Peername() (*Addr, error) {
	if f.fd < 0 {
		return nil, unix.EBADF
	}
	sa, err := peername(f.fd)
	if err != nil {
		return nil, err
	}
	return FromSockaddr(sa, f.Family), nil
}
