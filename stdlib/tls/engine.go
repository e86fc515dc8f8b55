//go:build unix

package tls

import (
	"crypto/tls"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// engine is TLS over a descriptor without any waiting: a call that cannot go on
// answers EAGAIN and is made again later. So a connection that waits has nothing
// of crypto/tls on its stack, and whatever ends a wait, a time limit or a cancelled
// thread, leaves it as good as it was. Its methods need no turn.
type engine struct {
	conn *tls.Conn
	wire wire

	hmu   sync.Mutex // held by who goes on with the handshake
	shake *shake
	state atomic.Int32
	err   error // once the state is failed

	rmu   sync.Mutex // held by who reads
	plain []byte     // decrypted and not yet handed out
	ready atomic.Int64
	over  atomic.Bool // nothing more will come: reading says so without asking the system

	wmu  sync.Mutex // held by who writes
	owed int        // bytes encrypted for a call that was then answered EAGAIN
}

// States of an engine: a handshake begins as neither.
const (
	established = 1 + iota
	failed
)

// newEngine makes an engine for a descriptor. ahead was read from it already.
func newEngine(f *sys.FD, client bool, config *tls.Config, ahead []byte) *engine {
	e := &engine{wire: wire{f: f, fd: f.Fileno(), in: ahead}}
	e.wire.log.Store(f.Observed())
	if client {
		e.conn = tls.Client(&e.wire, config)
	} else {
		e.conn = tls.Server(&e.wire, config)
	}
	return e
}

// shake is a handshake under way. crypto/tls does one in a single call, which
// cannot be made again; so it is made by a goroutine of its own, which runs only
// while somebody goes on with it, and reads only then.
type shake struct {
	resume chan bool // true: go on; false: give up
	paused chan bool // true: it is over
}

// run begins or goes on with the handshake, until it is over or has to read what
// has not come.
func (e *engine) run() (over bool) {
	if h := e.shake; h != nil {
		h.resume <- true
		return <-h.paused
	}
	h := &shake{make(chan bool), make(chan bool)}
	e.shake = h
	e.wire.pause = func() bool {
		h.paused <- false
		return <-h.resume
	}
	interp.Aside(e.conn.Handshake, func(err error) {
		e.err = err
		h.paused <- true
	})
	return <-h.paused
}

// handshake goes on with the handshake. EAGAIN means that there is nothing to
// read, errUnsent that something must be sent first.
func (e *engine) handshake() error {
	e.hmu.Lock()
	defer e.hmu.Unlock()
	if e.state.Load() == failed {
		return e.err
	}
	if e.state.Load() == 0 {
		if !e.run() {
			if e.wire.unsent() && e.wire.flush() == unix.EAGAIN {
				return errUnsent
			}
			return unix.EAGAIN
		}
		e.settle()
	}
	// A client's last message may be on its way still.
	if e.wire.flush() == unix.EAGAIN {
		return errUnsent
	}
	return e.err
}

var errUnsent = &interp.OpError{Code: "ETLS", Message: "not all was sent"}

// settle notes how the handshake ended.
func (e *engine) settle() {
	e.shake, e.wire.pause = nil, nil
	state := int32(established)
	if e.err != nil {
		e.err = explain(e.err, true)
		state = failed
		e.over.Store(true)
	} else {
		e.rmu.Lock()
		e.drain() // data may have come with it
		e.rmu.Unlock()
	}
	e.wire.giveBack()
	e.state.Store(state)
}

// abandon ends a handshake under way; the engine is of no use then.
func (e *engine) abandon() {
	e.wire.kill()
	e.hmu.Lock()
	defer e.hmu.Unlock()
	if h := e.shake; h != nil {
		h.resume <- false
		for !<-h.paused {
			h.resume <- false
		}
		e.settle()
	}
}

// read reads into p what there is; 0 is the end. With peek it stays to be read.
func (e *engine) read(p []byte, peek bool) (int, error) {
	e.rmu.Lock()
	defer e.rmu.Unlock()
	return e.readLocked(p, peek)
}

// tryRead is read for who has the interpreter's turn, and so does not wait for
// somebody else's turn.
func (e *engine) tryRead(p []byte, peek bool) (int, error) {
	if !e.rmu.TryLock() {
		return 0, unix.EAGAIN
	}
	defer e.rmu.Unlock()
	return e.readLocked(p, peek)
}

func (e *engine) readLocked(p []byte, peek bool) (int, error) {
	defer func() { e.ready.Store(int64(len(e.plain))) }()
	if len(e.plain) == 0 {
		n, err := e.decrypt(p)
		if n == 0 || !peek {
			return n, err
		}
		e.plain = append(append([]byte(nil), p[:n]...), e.plain...)
	}
	n := copy(p, e.plain)
	if !peek {
		if e.plain = e.plain[n:]; len(e.plain) == 0 {
			e.plain = nil
		}
	}
	return n, nil
}

// decrypt reads from the descriptor once, if it has to, and decrypts all that
// came: what does not fit p into plain, so that nothing readable is left where
// select cannot see it.
func (e *engine) decrypt(p []byte) (n int, err error) {
	if e.wire.unsent() {
		e.wire.flush() // an answer that reading called for
	}
	for n < len(p) && err == nil {
		var m int
		m, err = e.conn.Read(p[n:])
		n += m
		e.wire.once = n > 0
	}
	e.noteEnd(err)
	if err == nil {
		e.drain()
	}
	e.wire.once = false
	e.wire.giveBack()
	if n > 0 || err == io.EOF {
		return n, nil // an error will be there again in the next call
	}
	return 0, explain(err, false)
}

// drain decrypts what was read from the descriptor into plain.
func (e *engine) drain() {
	b, pool := sys.Buffer(16 << 10)
	e.wire.once = true
	for {
		n, err := e.conn.Read(*b)
		if n > 0 && e.plain == nil {
			e.plain = make([]byte, 0, n+len(e.wire.in))
		}
		e.plain = append(e.plain, (*b)[:n]...)
		if err != nil {
			e.noteEnd(err)
			break
		}
	}
	e.wire.once = false
	e.ready.Store(int64(len(e.plain)))
	if pool != nil {
		pool.Put(b)
	}
}

func (e *engine) noteEnd(err error) {
	if err != nil && err != unix.EAGAIN {
		e.over.Store(true)
	}
}

// maxWrite is how much is encrypted at a time.
const maxWrite = 32 << 10

// write encrypts some of p, and sends it; it returns how much of p that was once
// all of it has gone to the system. When it answers EAGAIN some of p may be
// encrypted already: the next call must begin with the same bytes.
func (e *engine) write(p []byte) (int, error) {
	e.wmu.Lock()
	defer e.wmu.Unlock()
	if err := e.wire.flush(); err != nil {
		if err != unix.EAGAIN {
			e.owed = 0 // it will never go
		}
		return 0, e.gone(err)
	}
	if n := e.owed; n > 0 {
		e.owed = 0
		return n, nil
	}
	e.wire.cork()
	n, err := e.conn.Write(p[:min(len(p), maxWrite)])
	ferr := e.wire.flush()
	switch {
	case err != nil:
		return 0, e.gone(err)
	case ferr == unix.EAGAIN:
		e.owed = n
		return 0, ferr
	case ferr != nil:
		return 0, e.gone(ferr)
	}
	return n, nil
}

// gone explains why nothing can be written. When that is because the peer has
// closed the connection, it may have said why: a TLS 1.3 server that does not like
// its client's certificate.
func (e *engine) gone(err error) error {
	if errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET) {
		var p [1]byte
		var alert *interp.OpError
		if _, why := e.read(p[:], true); errors.As(why, &alert) {
			return alert
		}
	}
	return explain(err, false)
}

// owing returns how much of the last write's bytes, which was answered EAGAIN, are
// encrypted and will go whatever happens.
func (e *engine) owing() int {
	e.wmu.Lock()
	defer e.wmu.Unlock()
	return e.owed
}

// forget is owing, for who will not make that call again.
func (e *engine) forget() int {
	e.wmu.Lock()
	defer e.wmu.Unlock()
	n := e.owed
	e.owed = 0
	return n
}

// closeWrite ends the direction: everything is sent, then close_notify.
func (e *engine) closeWrite() error {
	e.wmu.Lock()
	defer e.wmu.Unlock()
	if err := e.wire.flush(); err != nil {
		return explain(err, false)
	}
	e.owed = 0
	if err := e.conn.CloseWrite(); err != nil {
		return explain(err, false)
	}
	return explain(e.wire.flush(), false)
}

// last writes p if it can be done at once.
func (e *engine) last(p []byte) {
	e.wmu.Lock()
	defer e.wmu.Unlock()
	if e.state.Load() == established && e.wire.flush() == nil {
		e.conn.Write(p)
	}
}
