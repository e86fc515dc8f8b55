//go:build unix

package conn

import (
	"io"
	"sync"
	"time"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// pump moves bytes from one connection of the host's to another on a goroutine of its own, without the turn, for as
// long as nothing is the matter: to take the turn for each piece takes as long as moving it. To others it is a Read
// of the source's under way. Whatever ends it, what came and did not go is what that Read has read.
type pump struct {
	from, to *hostCore
	read     *fetch // from's, meanwhile
	room     []byte
	write    hostWrite
	thread   *interp.Thread // waits for the end
	moved    func()         // is called when some went, without the turn; or nil

	mu     sync.Mutex
	phase  pumpPhase
	halted bool  // it shall move no more; set with the turn, too
	left   int64 // how many bytes may still come
	sent   int64

	came, went int   // of the last piece, for its end
	err        error // what the Read has ended with
}

// pumpPhase is what a pump is about.
type pumpPhase uint8

const (
	reads pumpPhase = iota
	writes
	isOver
)

// pumps returns what moves m's bytes without the turn; nil if they cannot be moved so: they are not between
// two connections of the host's, somebody is to see them, or something was read ahead.
func (m *move) pumps(s *interp.State) *pump {
	source, isConn := m.from.(*connSource)
	if !isConn || len(source.b) > 0 || len(m.piece.Bytes()) > 0 || sys.NetOf(s.Interp()).Observed() {
		return nil
	}
	from, ok1 := source.t.(*hosted)
	to, ok2 := m.to.t.(*hosted)
	if !ok1 || !ok2 || source.Shut() || m.to.Shut() || from.core.fetch != nil || from.core.chaos != nil || to.core.chaos != nil {
		return nil
	}
	return &pump{from: from.core, to: to.core, thread: s.Thread(), moved: m.moved, left: m.left}
}

// pump moves bytes for as long as that needs no turn.
func (m *move) pump(s *interp.State) error {
	p := m.pumps(s)
	if p == nil || m.left == 0 {
		return nil
	}
	m.thread.Stay()
	err := p.to.writing.Lock(m.thread, m.out().Deadline)
	if err != nil {
		return m.to.About(err)
	}
	defer p.to.writing.Unlock()
	p.from.readers++
	defer func() { p.from.readers-- }()
	p.begin()
	p.to.pump = p
	err = p.await(m)
	p.to.pump = nil
	m.sent, m.left = m.sent+p.sent, m.left-p.sent
	return err
}

func (p *pump) begin() {
	p.read = &fetch{done: make(chan struct{})}
	p.room = p.read.piece.Room(sys.MaxPiece)
	p.write.conn, p.from.fetch = p.to.conn, p.read
	interp.Aside(p.run, p.end)
}

// await waits until the pump has ended, or ends it: then a Read may still be under way.
func (p *pump) await(m *move) error {
	for deadline := soonest(m.in, m.out); ; deadline = soonest(m.in, m.out) {
		if p.halted { // in a Write
			deadline = m.out().Deadline
		}
		err := p.thread.Await(p.stopped, deadline)
		writing := p.writing()
		switch {
		case err == nil:
			return nil
		case err == interp.ErrTimeout && writing && !late(m.out), err == interp.ErrTimeout && !writing && !late(m.in):
			if late(m.in) || late(m.out) {
				p.halt() // the call comes that it is the limit of
			}
			continue
		}
		p.stop()
		if writing {
			return m.to.About(err)
		}
		return m.from.about(err)
	}
}

// soonest returns the deadline that comes first.
func soonest(one, other func() sys.Limit) time.Time {
	a, b := one().Deadline, other().Deadline
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func late(limit func() sys.Limit) bool {
	d := limit().Deadline
	return !d.IsZero() && !time.Now().Before(d)
}

// stop ends the pump, and a Write, if one is under way: that has ended when it returns.
func (p *pump) stop() {
	p.halt()
	if p.stopped() {
		return
	}
	p.write.interrupt()
	for !p.stopped() {
		p.thread.Park(time.Time{})
	}
	_ = interp.Guard(func() error { return p.to.conn.SetWriteDeadline(time.Time{}) })
}

// halt has the pump move no more than what is on its way. It is for who has the turn.
func (p *pump) halt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.halted = true
}

// giveWay ends the pump for a thread that wants to write to where it writes.
func (p *pump) giveWay() {
	p.halt()
	p.thread.Unpark()
}

func (p *pump) writing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.phase == writes
}

// stopped reports whether nobody has to wait for the pump any more.
func (p *pump) stopped() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.phase == isOver || p.halted && p.phase == reads
}

// run is the goroutine.
func (p *pump) run() error {
	for {
		size := int(min(p.left, int64(len(p.room))))
		if !p.hasRead(readSome(p.from.conn, p.room[:size])) {
			return nil
		}
		// Its conn stays, since whoever interrupts the Write may read that already.
		p.write.data, p.write.n, p.write.err = p.room[:p.came], 0, nil
		p.write.call()
		if !p.hasWritten() {
			return nil
		}
	}
}

// readSome is a Read that does not return nothing for no reason.
func readSome(conn io.Reader, room []byte) (int, error) {
	for range maxNothing {
		if n, err := interp.ReadInto(conn, room); err != nil || n > 0 {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

func (p *pump) hasRead(n int, err error) (goOn bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.came, p.went, p.err = n, 0, err
	if p.halted || err != nil {
		return false
	}
	p.phase = writes
	return true
}

func (p *pump) hasWritten() (goOn bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.went = p.write.n
	p.sent, p.left = p.sent+int64(p.went), p.left-int64(p.went)
	if p.moved != nil {
		p.moved()
	}
	if p.halted || p.write.err != nil || p.left == 0 {
		return false
	}
	p.phase = reads
	return true
}

// end makes of the rest what the Read has read. err is not nil when the host's connection has ended the goroutine.
func (p *pump) end(err error) {
	p.read.piece.Came(p.came)
	p.read.piece.Went(p.went)
	if p.read.err = p.err; err != nil {
		p.read.err = err
	}
	nothing := p.came == p.went && p.read.err == nil
	p.mu.Lock()
	p.phase = isOver
	p.mu.Unlock()
	in := p.from.in.Value()
	if in == nil {
		close(p.read.done)
		return
	}
	in.WithTurn(func() {
		if nothing {
			p.from.fetch = nil
		}
		close(p.read.done)
		p.from.waiting.WakeAll()
		p.thread.Unpark()
	})
}
