//go:build unix

package sys

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
)

// End is one end of a relay: a plain socket's descriptor, or one with a protocol
// on top. That is told by the functions. They are called without the turn, one
// reading and one writing at a time, and do not block: EAGAIN asks to wait until
// the descriptor is readable, or writable for the other two.
type End struct {
	FD         *FD
	Read       func(p []byte) (int, error) // 0 is the end
	Write      func(p []byte) (int, error) // after EAGAIN it is called with the same bytes
	CloseWrite func() error

	// Broken, if there is one, tells whether what looks like the end is a failure, which
	// ends the relay.
	Broken func() bool

	// Host is the connection of the host's that the descriptor stands for, if it does.
	Host net.Conn

	// Done, if there is one, is called with the turn when the relay is over, with its
	// error or nil, and returns what it shall be instead. It may wait.
	Done func(s *interp.State, err error) error
}

// Relay copies both ways between two connections until both have ended, and returns
// the bytes that went from a to b and from b to a. The end of one direction is passed
// on with shutdown. A socket's timeout is how long it may be idle. The copying is done
// in the kernel where it can be (splice(2)), by goroutines of its own, which never need
// the turn.
func Relay(s *interp.State, a, b End) (ab, ba int64, err error) {
	if a.FD == b.FD {
		return 0, 0, unix.EINVAL
	}
	r := &relay{done: make(chan struct{}, 2)}
	r.dirs[0] = &direction{r: r, src: a, dst: b}
	r.dirs[1] = &direction{r: r, src: b, dst: a}
	o := &op{Event: trace.Event{Op: "relay"}, events: r.events}
	o.steps = func() error { return r.run(s) }
	err = a.FD.run(s, Limit{}, o)
	return r.dirs[0].n, r.dirs[1].n, err
}

func (r *relay) run(s *interp.State) (err error) {
	if err := r.claim(s); err != nil {
		return err
	}
	defer r.release()
	if err := s.Thread().CheckCancel(); err != nil {
		return err
	}
	a, b := r.dirs[0].src.FD, r.dirs[1].src.FD
	if a.net.Hold(splicePipes) == nil {
		defer a.net.Release(splicePipes)
		r.pipes = true
	}
	for _, d := range r.dirs {
		d.describe()
		d.read.Store(time.Now().UnixNano())
		go d.run()
	}
	s.Thread().Outside(func() { <-r.done; <-r.done }, r.abort)
	for _, d := range r.dirs {
		if err == nil || errors.Is(err, errAborted) {
			err = d.err
		}
	}
	switch {
	case a.fd < 0 || b.fd < 0:
		return unix.EBADF
	case errors.Is(err, errAborted):
		if err = s.Thread().CheckCancel(); err == nil {
			err = unix.ECANCELED
		}
	}
	return err
}

// events are what the observer is told of a relay that has begun: each direction.
func (r *relay) events(err error) (events []trace.Event) {
	for _, d := range r.dirs {
		if d.event.Op == "" {
			continue
		}
		if d.event.Err = d.err; errors.Is(d.err, errAborted) {
			d.event.Err = err
		}
		d.event.N = d.n
		events = append(events, d.event)
	}
	return events
}

// describe notes for the observer what d reads from.
func (d *direction) describe() {
	f := d.src.FD
	if !f.Observed() {
		return
	}
	d.event = trace.Event{Op: "relay", FD: f.fd}
	switch {
	case d.src.Host != nil:
		d.event.FD = -1
		if a := d.src.Host.RemoteAddr(); a != nil {
			d.event.Address = a.String()
		}
		return
	case d.src.Read != nil:
		d.event.Layer = "tls"
	}
	d.event.Socket = f.Describe()
	d.event.Address = d.event.Socket.Peer
}

var errAborted = errors.New("aborted")

// relay is one call of Relay.
type relay struct {
	dirs    [2]*direction
	claimed []claim
	files   []*os.File
	pipes   bool // there is room for those of splice
	aborted atomic.Bool
	done    chan struct{} // gets one for each direction that has ended
}

// direction copies from src to dst.
type direction struct {
	r        *relay
	src, dst End
	n        int64
	read     atomic.Int64 // when src was last heard of, in Unix nanoseconds
	err      error
	event    trace.Event
}

// claim takes the four sides: threads that want to receive or send meanwhile
// queue up.
func (r *relay) claim(s *interp.State) error {
	t := s.Thread()
	for _, f := range []*FD{r.dirs[0].src.FD, r.dirs[1].src.FD} {
		for _, write := range []bool{false, true} {
			if f.fd < 0 {
				r.release()
				return unix.EBADF
			}
			if err := f.desc.Claim(t, write); err != nil {
				r.release()
				return err
			}
			r.claimed = append(r.claimed, claim{f.desc, write})
		}
		if f.fd < 0 {
			r.release()
			return unix.EBADF
		}
		file := f.num.goFile()
		_ = file.SetDeadline(time.Time{})
		r.files = append(r.files, file)
	}
	return nil
}

// claim is a direction that other threads cannot use.
type claim struct {
	d     *interp.Desc
	write bool
}

func (r *relay) release() {
	for _, c := range r.claimed {
		c.d.Release(c.write)
	}
}

// abort wakes whoever waits on one of the sides, and keeps it from waiting again.
func (r *relay) abort() {
	r.aborted.Store(true)
	for _, f := range r.files {
		_ = f.SetDeadline(longAgo)
	}
}

var longAgo = time.Unix(1, 0)

func (d *direction) run() {
	if d.err = d.copy(); d.err != nil {
		d.r.abort()
	}
	d.r.done <- struct{}{}
}

// wait makes a call on one side until it need not wait. The deadline that wakes
// it may have been overtaken by traffic the other way.
func (d *direction) wait(f *FD, write bool, call func(fd int) error) error {
	file := f.num.goFile()
	if file == nil {
		return unix.EBADF
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return unix.EBADF
	}
	for {
		var err error
		try := func(fd uintptr) bool {
			err = callFunc(call).Try(int(fd))
			return err != unix.EAGAIN
		}
		pollErr := error(nil)
		if write {
			pollErr = raw.Write(try)
		} else {
			pollErr = raw.Read(try)
		}
		if pollErr == nil {
			return err
		}
		if d.r.aborted.Load() {
			return errAborted
		}
		if !errors.Is(pollErr, os.ErrDeadlineExceeded) {
			return unix.EBADF
		}
		if rest := d.r.patience(f); rest <= 0 {
			return interp.ErrTimeout
		} else {
			setDeadline(file, write, time.Now().Add(rest))
		}
		if d.r.aborted.Load() { // abort's deadline may just have been replaced
			return errAborted
		}
	}
}

func setDeadline(f *os.File, write bool, t time.Time) {
	if write {
		_ = f.SetWriteDeadline(t)
	} else {
		_ = f.SetReadDeadline(t)
	}
}

// patience is how much longer f may be idle: no traffic in either direction.
func (r *relay) patience(f *FD) time.Duration {
	if f.Timeout <= 0 {
		return time.Hour
	}
	last := max(r.dirs[0].read.Load(), r.dirs[1].read.Load())
	return f.Timeout - time.Since(time.Unix(0, last))
}

// moved notes that bytes moved.
func (d *direction) moved(n int) {
	d.n += int64(n)
	d.read.Store(time.Now().UnixNano())
}

func (d *direction) copy() error {
	if src := d.src.FD; src.Timeout > 0 {
		setDeadline(src.num.goFile(), false, time.Now().Add(src.Timeout))
	}
	err := errNoSplice
	if d.r.pipes && d.src.Read == nil && d.dst.Write == nil && !d.src.FD.shared.Load() && !d.dst.FD.shared.Load() {
		err = d.splice() // which would wait for a descriptor that blocks
	}
	if err == errNoSplice {
		err = d.readWrite()
	}
	if err == nil && d.src.Broken != nil && d.src.Broken() {
		err = unix.EPIPE
	}
	if err != nil {
		return err
	}
	return d.wait(d.dst.FD, true, d.closeWrite)
}

var errNoSplice = errors.New("no splice")

// readWrite copies through memory.
func (d *direction) readWrite() error {
	b, pool := buffer(65536)
	defer pool.Put(b)
	for {
		n := 0
		err := d.wait(d.src.FD, false, func(fd int) (err error) {
			n, err = d.readSome(fd, *b)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
		for sent := 0; sent < n; {
			err := d.wait(d.dst.FD, true, func(fd int) error {
				m, err := d.writeSome(fd, (*b)[sent:n])
				sent += max(m, 0)
				return err
			})
			if err != nil {
				return err
			}
		}
		d.moved(n)
	}
}

func (d *direction) readSome(fd int, p []byte) (int, error) {
	if d.src.Read != nil {
		return d.src.Read(p)
	}
	return d.src.FD.in(fd, &packet{p: p})
}

func (d *direction) writeSome(fd int, p []byte) (int, error) {
	if d.dst.Write != nil {
		return d.dst.Write(p)
	}
	return d.dst.FD.out(fd, &packet{p: p})
}

func (d *direction) closeWrite(fd int) error {
	if d.dst.CloseWrite != nil {
		return d.dst.CloseWrite()
	}
	if err := unix.Shutdown(fd, unix.SHUT_WR); err != unix.ENOTCONN {
		return err
	}
	return nil // the other end is gone already
}
