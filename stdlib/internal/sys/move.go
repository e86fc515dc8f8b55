//go:build unix

package sys

import (
	"bytes"
	"sync"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
)

// Moving makes do one operation, which moves bytes from one connection to another in many calls. The
// observer hears of it as what events returns when it is over; s's thread waits in do.
func (n *Net) Moving(s *interp.State, e trace.Event, events func(err error) []trace.Event, do func() error) error {
	return n.run(s, Limit{}, &op{Event: e, events: events, steps: do})
}

// Piece is what is on its way from one connection to another, in memory that is borrowed while
// there is something: who waits has none. The zero value is empty. It is for who has the turn,
// but that Room, Came and Free may be called by whoever has the Piece alone.
type Piece struct {
	b    *[]byte
	pool *sync.Pool
	packet
	f *FD // by which it is moved
	n int // how many bytes shall come at most
}

// MaxPiece is how many bytes a Piece has at most.
const MaxPiece = 64 << 10

// Room borrows memory for up to n bytes, which it returns: x has to be empty. Came must follow.
func (x *Piece) Room(n int) []byte {
	n = min(n, MaxPiece)
	x.b, x.pool = buffer(n)
	return (*x.b)[:n]
}

// Came says how many bytes have come into the room.
func (x *Piece) Came(n int) {
	x.p = (*x.b)[:n]
	x.Went(0)
}

// Bytes are those that have not gone yet.
func (x *Piece) Bytes() []byte { return x.p }

// Went takes away the first n bytes, which have gone.
func (x *Piece) Went(n int) {
	if x.p = x.p[n:]; len(x.p) == 0 {
		x.Free()
	}
}

// Free takes away all bytes.
func (x *Piece) Free() {
	if x.b != nil {
		x.pool.Put(x.b)
	}
	x.b, x.pool, x.p = nil, nil, nil
}

// Pull receives up to n bytes into x, which is empty and stays so at the end of the stream.
func (f *FD) Pull(s *interp.State, x *Piece, n int, lim Limit) error {
	x.f, x.n = f, n
	if !f.Observed() {
		return f.do(s, false, lim, (*pulling)(x))
	}
	o := &op{Event: trace.Event{Op: "recv", Size: int64(n)}}
	o.steps = func() error {
		err := f.do(s, false, lim, (*pulling)(x))
		o.Data = x.Bytes()
		return err
	}
	return f.run(s, lim, o)
}

type pulling Piece

func (c *pulling) Try(fd int) error {
	x := (*Piece)(c)
	k := packet{p: x.Room(x.n)}
	n, err := x.f.in(fd, &k)
	x.Came(n)
	if 0 < n && n < len(k.p) && !k.cut && x.f.streams() {
		x.f.desc.Drained()
	}
	return err
}

// Push sends some of x.
func (f *FD) Push(s *interp.State, x *Piece, lim Limit) error {
	x.f = f
	if !f.Observed() {
		return f.do(s, true, lim, (*pushing)(x))
	}
	data := bytes.Clone(x.Bytes()) // which are somebody else's once they have gone
	o := &op{Event: trace.Event{Op: "send", Size: int64(len(data))}}
	o.steps = func() error {
		err := f.do(s, true, lim, (*pushing)(x))
		o.Data = data[:len(data)-len(x.Bytes())]
		return err
	}
	return f.run(s, lim, o)
}

type pushing Piece

func (c *pushing) Try(fd int) error {
	x := (*Piece)(c)
	n, err := x.f.out(fd, &x.packet)
	x.Went(n)
	return err
}

// Finish ends sending.
func (f *FD) Finish(s *interp.State) error {
	if err := f.Shutdown(s, unix.SHUT_WR); err != unix.ENOTCONN {
		return err
	}
	return nil // the other end is gone already
}

// streams reports whether bytes come without boundaries between them.
func (f *FD) streams() bool { return f.Type == unix.SOCK_STREAM || f.Family == noFamily }

// MaxSpliced is how many bytes one call of splice may move: others wait for the turn meanwhile.
const MaxSpliced = 1 << 20

// Spliced is a pipe of the system's through which bytes go from one descriptor to another without
// ever leaving the kernel: splice(2). Like a Piece it has what is on its way.
type Spliced struct {
	net   *Net
	r, w  int
	left  int // how many bytes are in it
	f     *FD // on which a call is made
	count int // how many it may move
}

// Splices reports whether f is one that splice can be used on now. It waits on one that may block,
// be it called not to; and who is observed has to see the bytes.
func (f *FD) Splices() bool { return canSplice && f.streams() && !f.shared.Load() && !f.Observed() }

// NewSpliced opens one; nil when there is no room for it.
func (n *Net) NewSpliced() *Spliced {
	if !canSplice || n.Hold(2) != nil {
		return nil
	}
	r, w, err := splicePipe()
	if err != nil {
		n.Release(2)
		return nil
	}
	return &Spliced{net: n, r: r, w: w}
}

// Close closes it.
func (c *Spliced) Close() {
	unix.Close(c.r)
	unix.Close(c.w)
	c.net.Release(2)
}

// Len is how many bytes are on their way.
func (c *Spliced) Len() int { return c.left }

// Pull has up to n bytes come from f; none has come at the end of the stream. c must be empty.
func (c *Spliced) Pull(s *interp.State, f *FD, n int, lim Limit) error {
	c.f, c.count = f, n
	return f.do(s, false, lim, (*splicingIn)(c))
}

type splicingIn Spliced

func (c *splicingIn) Try(fd int) (err error) {
	c.left, err = c.f.in(fd, &packet{kind: aPipe, fd: c.w, count: c.count})
	return err
}

// Push has some of the bytes go to f.
func (c *Spliced) Push(s *interp.State, f *FD, lim Limit) error {
	c.f = f
	return f.do(s, true, lim, (*splicingOut)(c))
}

type splicingOut Spliced

func (c *splicingOut) Try(fd int) error {
	n, err := c.f.out(fd, &packet{kind: aPipe, fd: c.r, count: c.left})
	c.left -= n
	return err
}

// Take takes some of the bytes out into x, which is empty.
func (c *Spliced) Take(x *Piece) {
	n, err := takeBack(c.r, x.Room(c.left))
	if err != nil {
		n, c.left = 0, 0 // nobody else could have read it
	}
	c.left -= n
	x.Came(n)
}
