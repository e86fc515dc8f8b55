//go:build unix

package tls

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

var _ net.Conn = (*wire)(nil)

// wire is what crypto/tls reads and writes: a descriptor that never waits. Where
// crypto/tls can try again later, in reading after the handshake, it is told
// EAGAIN. Where it can not, the handshake pauses (see pause), and what the system
// does not take is kept to be sent later, as a failed write would be its last.
//
// Its methods are called only while the descriptor is held open, by calls that
// go through sys.FD.
type wire struct {
	f     *sys.FD
	fd    int         // its number
	pause func() bool // while shaking hands: waits until reading may go on; false: give up

	// For reading, which one goroutine does at a time.
	in      []byte  // read and not yet handed out
	inBuf   *[]byte // what in lies in, when that is borrowed
	inPool  *sync.Pool
	once    bool    // read no more from the descriptor in this call
	eof     bool    // the descriptor is at its end
	header  [5]byte // of the record being handed out
	nheader int
	left    int // bytes of that record beyond its header

	mu      sync.Mutex // guards what follows
	out     []byte     // ciphertext the system has not taken yet
	outBuf  *[]byte
	outPool *sync.Pool
	corked  bool // collect what is written, to send it at once
	dead    bool // the descriptor is not to be touched any more
	err     error

	log   atomic.Bool // keep what moved, for the observer
	moved []sys.Part  // guarded by mu
}

// maxRead is how much is read at a time: four full records.
const maxRead = 64 << 10

// Read hands out bytes up to the end of a record, never beyond: what follows may
// not be TLS any more.
func (w *wire) Read(p []byte) (int, error) {
	for len(w.in) == 0 {
		err := w.fill()
		if err == unix.EAGAIN && w.pause != nil {
			w.giveBack()
			if !w.pause() {
				return 0, errAbandoned
			}
			continue
		}
		if err != nil {
			return 0, err
		}
	}
	n := copy(p, w.in[:w.record(w.in[:min(len(p), len(w.in))])])
	w.in = w.in[n:]
	return n, nil
}

var errAbandoned = &interp.OpError{Code: "EBADF", Errno: unix.EBADF, Message: "closed during the handshake"}

// fill reads from the descriptor.
func (w *wire) fill() error {
	if w.once {
		return unix.EAGAIN
	}
	if w.inBuf == nil {
		w.inBuf, w.inPool = sys.Buffer(maxRead)
	}
	n, err := w.f.TryReceive(w.fd, *w.inBuf)
	if err != nil {
		return err
	}
	if w.log.Load() {
		w.mu.Lock()
		w.note(false, (*w.inBuf)[:n])
		w.mu.Unlock()
	}
	if n == 0 {
		w.eof = true
		return io.EOF
	}
	w.in = (*w.inBuf)[:n]
	return nil
}

// giveBack ends the loan of the buffer, between calls: a connection that waits
// holds none.
func (w *wire) giveBack() {
	if w.inBuf == nil {
		return
	}
	if len(w.in) > 0 {
		w.in = append([]byte(nil), w.in...)
	} else {
		w.in = nil
	}
	if w.inPool != nil {
		w.inPool.Put(w.inBuf)
	}
	w.inBuf, w.inPool = nil, nil
}

// record returns how many of the bytes belong to the record being handed out, and
// notes that they are.
func (w *wire) record(p []byte) int {
	n := copy(w.header[w.nheader:], p)
	if w.nheader < 5 {
		if w.nheader += n; w.nheader < 5 {
			return n
		}
		w.left = int(w.header[3])<<8 | int(w.header[4])
	}
	body := min(w.left, len(p)-n)
	if w.left -= body; w.left == 0 {
		w.nheader = 0
	}
	return n + body
}

// Write takes all of p.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	n := 0
	if len(w.out) == 0 && !w.corked {
		var err error
		if n, err = w.send(p); err != nil && err != unix.EAGAIN {
			w.err = err
			return n, err
		}
	}
	if n < len(p) {
		if w.out == nil {
			w.outBuf, w.outPool = sys.Buffer(maxRead)
			w.out = (*w.outBuf)[:0]
		}
		w.out = append(w.out, p[n:]...)
	}
	return len(p), nil
}

func (w *wire) send(p []byte) (int, error) {
	if w.dead {
		return 0, errAbandoned
	}
	n, err := w.f.TrySend(w.fd, p)
	if w.log.Load() && n > 0 {
		w.note(true, p[:n])
	}
	return n, err
}

// note keeps what moved.
func (w *wire) note(sent bool, p []byte) {
	if last := len(w.moved) - 1; last >= 0 && w.moved[last].Sent == sent && len(p) > 0 {
		w.moved[last].Data = append(w.moved[last].Data, p...)
		return
	}
	w.moved = append(w.moved, sys.Part{Sent: sent, Data: append([]byte(nil), p...)})
}

// cork has Write collect what it gets until flush is called: all records of one
// call go with one system call.
func (w *wire) cork() {
	w.mu.Lock()
	w.corked = true
	w.mu.Unlock()
}

// flush sends what the system had not taken; EAGAIN when it still does not.
func (w *wire) flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.corked = false
	for len(w.out) > 0 && w.err == nil {
		n, err := w.send(w.out)
		w.out = w.out[n:]
		if err == unix.EAGAIN {
			return err
		}
		w.err = err
	}
	if w.out != nil {
		if w.outPool != nil {
			w.outPool.Put(w.outBuf)
		}
		w.out, w.outBuf, w.outPool = nil, nil, nil
	}
	return w.err
}

// unsent reports whether there is something to flush.
func (w *wire) unsent() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.out) > 0 && w.err == nil
}

// Moved makes a wire sys.Traffic.
func (w *wire) Moved() (parts []sys.Part) {
	w.mu.Lock()
	defer w.mu.Unlock()
	parts, w.moved = w.moved, nil
	return parts
}

// kill keeps what is still to come from touching the descriptor.
func (w *wire) kill() {
	w.mu.Lock()
	w.dead = true
	w.mu.Unlock()
}

// The rest of net.Conn is of no use here: waiting is left to sys.FD.
func (w *wire) Close() error                     { return nil }
func (w *wire) LocalAddr() net.Addr              { return &net.UnixAddr{} }
func (w *wire) RemoteAddr() net.Addr             { return &net.UnixAddr{} }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
