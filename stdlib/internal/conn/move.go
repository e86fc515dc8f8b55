//go:build unix

package conn

import (
	"io"
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/file"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/sys"
)

// move moves bytes from a connection or a file to a connection, without making strings: through
// memory that is borrowed for a piece, and once they come in large pieces, from one plain descriptor
// to another, within the system. It waits for one side at a time, so that no more than one piece is
// on its way; what of that does not go is the source's again, to be read next.
type move struct {
	from    source
	to      *Conn
	in, out func() sys.Limit // of the next wait for from, and for to
	left    int64            // how many bytes may still come
	sent    int64            // how many went
	moved   func()           // is called when some went; or nil
	piece   sys.Piece
	spliced *sys.Spliced // nil while it is not used
	never   bool         // nor will be
	thread  *interp.Thread
	next    *move // another one to the same
	woken   bool  // since to was closed
}

// source is what a move gets its bytes from.
type source interface {
	// pull receives up to n bytes; none at the end.
	pull(s *interp.State, x *sys.Piece, n int, lim sys.Limit) error
	// plain is the descriptor on which the next bytes are; nil when they are not on one alone.
	plain() *sys.FD
	// hold has others wait who want to receive, until release, which puts back what did not go.
	hold(s *interp.State, lim sys.Limit) error
	release(rest []byte)
	about(err error) error
}

// worthSplicing is how many bytes have to come at a time for splice to be worth its pipe.
const worthSplicing = 32 << 10

func (m *move) run(s *interp.State) error {
	err := m.from.hold(s, m.in())
	for again(err, m.in) {
		err = m.from.hold(s, m.in())
	}
	if err != nil {
		return m.from.about(err)
	}
	m.begin(s)
	defer m.end()
	for m.left > 0 && err == nil {
		if err = m.fetch(s); err == nil && m.underWay() == 0 {
			break
		}
		much := len(m.piece.Bytes()) >= worthSplicing
		for err == nil && m.underWay() > 0 {
			err = m.deliver(s)
		}
		if much && err == nil {
			err = m.pump(s)
		}
	}
	if m.woken {
		_ = m.thread.CheckCancel() // which may not have come to a wait
		err = m.to.About(unix.EBADF)
	}
	return err
}

func (m *move) begin(s *interp.State) {
	use(m.to, 1)
	m.thread, m.next, m.to.moves = s.Thread(), m.to.moves, m
}

// wake ends a wait for the source: to is being closed.
func (m *move) wake() {
	m.woken = true
	m.thread.Cancel()
}

// again reports whether a wait only seems to have been too long: meanwhile there was
// traffic the other way, which puts off the limit.
func again(err error, limit func() sys.Limit) bool {
	return err == interp.ErrTimeout && time.Now().Before(limit().Deadline)
}

// use keeps the descriptor from being given away, until use with -1.
func use(c *Conn, n int) {
	if fd := c.t.Descriptor(); fd != nil {
		fd.Use(n)
	}
}

// end gives back to the source what did not go.
func (m *move) end() {
	rest := append([]byte(nil), m.piece.Bytes()...)
	m.piece.Free()
	if m.spliced != nil {
		for m.spliced.Len() > 0 {
			m.spliced.Take(&m.piece)
			rest = append(rest, m.piece.Bytes()...)
			m.piece.Free()
		}
		m.spliced.Close()
	}
	use(m.to, -1)
	for at := &m.to.moves; ; at = &(*at).next {
		if *at == m {
			*at = m.next
			break
		}
	}
	m.from.release(rest)
}

// underWay is how many bytes have come and not gone: those of piece are before those spliced.
func (m *move) underWay() int {
	n := len(m.piece.Bytes())
	if m.spliced != nil {
		n += m.spliced.Len()
	}
	return n
}

// fetch has a piece come; none is the end.
func (m *move) fetch(s *interp.State) (err error) {
	from := m.splicesFrom()
	if from != nil && m.spliced != nil {
		err = m.spliced.Pull(s, from, int(min(m.left, sys.MaxSpliced)), m.in())
	} else {
		err = m.from.pull(s, &m.piece, int(min(m.left, sys.MaxPiece)), m.in())
	}
	n := m.underWay()
	m.left -= int64(n)
	s.Thread().Moved(n)
	if from != nil && m.spliced == nil && n >= worthSplicing && m.left > 0 {
		m.spliced = sys.NetOf(s.Interp()).NewSpliced()
		m.never = m.spliced == nil
	}
	if m.retry(err, m.in) {
		return m.fetch(s)
	}
	return m.from.about(err)
}

// retry reports whether a call that failed is to be made again, perhaps in another way.
func (m *move) retry(err error, limit func() sys.Limit) bool {
	if err == unix.EINVAL && m.spliced != nil && !m.never {
		m.never = true // these the system cannot splice
		return true
	}
	return again(err, limit)
}

// splicesFrom is the descriptor from which bytes can be spliced; nil when they cannot be.
func (m *move) splicesFrom() *sys.FD {
	from := m.from.plain()
	if m.never || from == nil || !from.Splices() || m.splicesTo() == nil {
		return nil
	}
	return from
}

func (m *move) splicesTo() *sys.FD {
	to, ok := m.to.Bare()
	if m.never || !ok || to == nil || !to.Splices() {
		return nil
	}
	return to
}

// deliver sends some of what is under way.
func (m *move) deliver(s *interp.State) (err error) {
	if m.to.Shut() {
		return m.to.About(unix.EBADF)
	}
	before := m.underWay()
	if to := m.splicesTo(); to != nil && len(m.piece.Bytes()) == 0 {
		err = m.spliced.Push(s, to, m.out())
	} else {
		if len(m.piece.Bytes()) == 0 {
			m.spliced.Take(&m.piece)
		}
		err = m.to.t.Push(s, &m.piece, m.out())
	}
	m.sent += int64(before - m.underWay())
	if m.moved != nil {
		m.moved()
	}
	if m.retry(err, m.out) {
		return nil
	}
	return m.to.About(err)
}

// connSource is a connection that bytes are moved from.
type connSource struct {
	*Conn
	held bool
}

func (c *connSource) hold(s *interp.State, lim sys.Limit) error {
	if !lim.Nonblock {
		if err := c.reader.Lock(s.Thread(), lim.Deadline); err != nil {
			return err
		}
		c.held = true
	}
	use(c.Conn, 1)
	return nil
}

// release puts in front of what was read ahead what did not go.
func (c *connSource) release(rest []byte) {
	if len(rest) > 0 {
		c.Unread(rest)
		tell(c.t)
	}
	use(c.Conn, -1)
	if c.held {
		c.reader.Unlock()
	}
}

func (c *connSource) about(err error) error { return c.About(err) }

func (c *connSource) pull(s *interp.State, x *sys.Piece, n int, lim sys.Limit) error {
	switch {
	case c.Shut():
		return unix.EBADF
	case len(c.b) > 0:
		x.Came(copy(x.Room(n), c.b))
		c.drop(len(x.Bytes()))
		return nil
	}
	return c.t.Pull(s, x, n, lim)
}

func (c *connSource) plain() *sys.FD {
	if fd, ok := c.Bare(); ok && len(c.b) == 0 {
		return fd
	}
	return nil
}

// fileSource is a file or a pipe that bytes are moved from.
type fileSource struct{ f *file.File }

func (f fileSource) hold(*interp.State, sys.Limit) error { return nil }
func (f fileSource) release(rest []byte)                 { f.f.Unread(rest) }
func (f fileSource) about(err error) error               { return err }
func (f fileSource) plain() *sys.FD                      { return nil }

func (f fileSource) pull(s *interp.State, x *sys.Piece, n int, _ sys.Limit) error {
	n, err := f.f.Read(s, x.Room(n))
	x.Came(n)
	if err == io.EOF {
		return nil
	}
	return err
}

// sources is what sendfrom takes.
const sources = "connection, pipe or file"

func sendfrom(s *interp.State) int {
	c := Open(s, "sendfrom")
	lim := c.Begin(s, 0)
	m := move{to: c, out: func() sys.Limit { return lim }, left: math.MaxInt64}
	m.in = m.out
	name := ""
	switch from := interp.ObjectArg[any](s, 2, sources).(type) {
	case *Conn:
		limIn := from.t.Traits().Limit()
		m.from, m.in = &connSource{Conn: from}, func() sys.Limit { return limIn }
		name = from.String()
	case *file.File:
		m.from, name = fileSource{from}, from.Name
	default:
		s.TypeError(2, sources)
	}
	if !s.Absent(3) {
		m.left = int64(s.IntRange(3, 0, math.MaxInt, "size"))
	}
	err := m.told(s, name)
	if err != nil {
		return failSent(s, err, m.sent)
	}
	return s.Return(lua.LNumber(m.sent))
}

// told is run, of which the observer hears as one operation of the connection's.
func (m *move) told(s *interp.State, name string) error {
	e := event(s, m.to, "sendfrom")
	e.Detail = "from " + name
	return sys.NetOf(s.Interp()).Moving(s, e, func(err error) []trace.Event {
		e.N, e.Err = m.sent, err
		return []trace.Event{e}
	}, func() error { return m.run(s) })
}

// event is what the observer is told first of an operation on c that moves bytes.
func event(s *interp.State, c *Conn, op string) trace.Event {
	e := trace.Event{Op: op, FD: -1}
	if !sys.NetOf(s.Interp()).Observed() {
		return e
	}
	fd := c.t.Descriptor()
	if _, bare := c.t.(Bare); fd != nil && !bare {
		e.Layer = "tls"
	}
	if h, ok := c.t.(*hosted); ok {
		e.Address = addrOrNone(h.peer)
	} else {
		e.FD, e.Socket = fd.Fileno(), describe(s, c.t)
		e.Address = e.Socket.Peer
	}
	return e
}
