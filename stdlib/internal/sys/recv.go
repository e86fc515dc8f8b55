//go:build unix

package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/addr"
)

// maxRecv bounds the buffer of one receiving call. A larger n is no error: a
// call may always return less than was asked for.
const maxRecv = 16 << 20

// maxAncillary is more than a kernel has room for in one message.
const maxAncillary = 256 << 10

// Recv receives up to n bytes: recv(2). "" is the end of a stream. from, when
// not nil, is set to the sender.
func (f *FD) Recv(s *interp.State, n, flags int, lim Limit, from **addr.Addr) (string, error) {
	c := f.net.receives.take()
	if c.op.call == nil {
		c.op.call, c.Op = c, "recv"
	}
	c.flags, c.named, c.n = flags, from != nil || f.Type == unix.SOCK_DGRAM && f.Observed(), min(n, maxRecv)
	c.Size, c.Flags = int64(n), flags
	c.direct = f.plenty && c.n > 32768 && c.n <= 65536
	lim = lim.flagged(flags)
	c.waits = !lim.Nonblock
	err := f.run(s, lim, &c.op)
	data := c.data
	if err == nil {
		f.plenty = len(data) > 32768
	}
	s.Thread().Moved(len(data))
	if from != nil && err == nil {
		*from = c.addr
	}
	c.data, c.peer = "", nil
	c.forget()
	f.net.receives.put(c)
	return data, err
}

// receive is one call of Recv.
type receive struct {
	op
	packet
	n      int
	waits  bool
	direct bool // into memory that becomes the string, if much comes
	data   string
}

func (c *receive) Try(fd int) error {
	b, pool := (*[]byte)(nil), &whole
	if c.direct {
		b = whole.Get().(*[]byte)
	} else {
		b, pool = buffer(c.n)
	}
	c.p = (*b)[:c.n]
	got, err := c.f.in(fd, &c.packet)
	if c.f.ended(err, c.waits) {
		err = nil
	}
	if c.named && err == nil {
		c.addr = addr.From(c.peer, -1)
	}
	switch {
	case got == 0 || err != nil:
	case got > len(*b)/2 && (c.direct || pool == nil):
		c.data, pool = unsafe.String(&(*b)[0], got), nil
	default:
		c.data = string((*b)[:got])
	}
	if pool != nil {
		pool.Put(b)
	}
	if 0 < got && got < c.n && c.flags == 0 && !c.cut && (c.f.Type == unix.SOCK_STREAM || c.f.Family == noFamily) {
		c.f.desc.Drained()
	}
	c.cut = false
	c.p, c.Data = nil, bytesOf(c.data)
	return err
}

// Message is what RecvMsg received.
type Message struct {
	Data  string
	Items []Item // ancillary data
	Flags int
	From  *addr.Addr
}

// Ends reports whether the message ends with what came: descriptors did with it, as the system has it.
func (m *Message) Ends() bool {
	for _, it := range m.Items {
		if len(it.FDs) > 0 {
			return true
		}
	}
	return m.Flags&unix.MSG_CTRUNC != 0
}

// Join adds to what is known of m what came with the data behind its own.
func (m *Message) Join(next Message) {
	m.Flags |= next.Flags
	if len(next.Items) > 0 {
		m.Items = next.Items
	}
}

// RecvMsg receives data and ancillary data: recvmsg(2). Descriptors that came
// along are close-on-exec, and the script's. It fails with EMFILE when there is no room
// for any of them.
func (f *FD) RecvMsg(s *interp.State, n, oobn, flags int, lim Limit) (m Message, err error) {
	lim = lim.flagged(flags)
	o := &op{Event: trace.Event{Op: "recvmsg", Size: int64(n), Flags: flags}, door: func() error {
		if f.Family == unix.AF_UNIX && oobn >= unix.CmsgLen(4) {
			return f.net.room(1)
		}
		return nil
	}}
	o.steps = func() error {
		var control []byte
		err := f.do(s, false, lim, callFunc(func(fd int) (err error) {
			m, control, err = f.message(fd, n, oobn, flags)
			if f.ended(err, !lim.Nonblock) {
				err = nil
			}
			return err
		}))
		if err == nil {
			err = f.net.take(&m, control)
		}
		o.Data, o.addr = bytesOf(m.Data), m.From
		return err
	}
	return m, f.run(s, lim, o)
}

// message receives a message, whose ancillary data it returns as they came. The memory for it is
// taken for each attempt: who waits has none.
func (f *FD) message(fd, n, oobn, flags int) (m Message, control []byte, err error) {
	k := packet{kind: aMessage, flags: flags, p: make([]byte, min(n, maxRecv)), oob: make([]byte, min(oobn, maxAncillary))}
	got, err := f.in(fd, &k)
	if err != nil {
		return m, nil, err
	}
	m = Message{Data: string(k.p[:got]), Flags: k.got &^ msgCloexec, From: addr.From(k.peer, -1)}
	return m, k.oob[:k.noob], nil
}

// Read reads up to len(p) bytes from a pipe or a stream socket: read(2). 0 is the end.
func (f *FD) Read(s *interp.State, p []byte, lim Limit) (n int, err error) {
	err = f.run(s, lim, &op{call: callFunc(func(fd int) (err error) {
		n, err = f.in(fd, &packet{p: p})
		return err
	})})
	return n, err
}

// TryReceive reads from a stream socket without waiting: EAGAIN when there is nothing,
// 0 at the end. fd is the descriptor's number, which a call of Do, Once or Hold
// keeps its own. The turn is not needed.
func (f *FD) TryReceive(fd int, p []byte) (n int, err error) { return f.in(fd, &packet{p: p}) }
