//go:build unix

package sys

import (
	"errors"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// Relay copies both ways between two connected stream sockets until both have
// ended, and returns the bytes that went from a to b and from b to a. The end
// of one direction is passed on with shutdown. A socket's timeout is how long it
// may be idle. The copying is done in the kernel where it can be (splice(2)),
// by goroutines of its own, which never need the lock.
func Relay(s *interp.State, a, b *FD) (ab, ba int64, err error) {
	if a == b {
		return 0, 0, unix.EINVAL
	}
	r := &relay{done: make(chan struct{}, 2), interrupted: make(chan struct{}, 1)}
	r.dirs[0] = &direction{r: r, src: a, dst: b}
	r.dirs[1] = &direction{r: r, src: b, dst: a}
	if err := r.claim(s); err != nil {
		return 0, 0, err
	}
	defer r.release()
	if err := s.Thread().CheckCancel(); err != nil {
		return 0, 0, err
	}
	now := time.Now().UnixNano()
	for _, d := range r.dirs {
		d.read.Store(now)
		go d.run()
	}
	s.Thread().Wait(r)
	for _, d := range r.dirs {
		if err == nil || errors.Is(err, errAborted) {
			err = d.err
		}
	}
	switch {
	case a.fd < 0 || b.fd < 0:
		err = unix.EBADF
	case errors.Is(err, errAborted):
		if err = s.Thread().CheckCancel(); err == nil {
			err = unix.ECANCELED
		}
	}
	return r.dirs[0].n, r.dirs[1].n, err
}

var errAborted = errors.New("aborted")

// relay is one call of Relay. It is what its thread waits in.
type relay struct {
	dirs        [2]*direction
	sides       []*side
	aborted     atomic.Bool
	done        chan struct{}
	interrupted chan struct{}
}

// direction copies from src to dst.
type direction struct {
	r        *relay
	src, dst *FD
	n        int64
	read     atomic.Int64 // when src was last heard of, in Unix nanoseconds
	err      error
}

// claim takes the four sides: threads that want to receive or send meanwhile
// queue up.
func (r *relay) claim(s *interp.State) error {
	t := s.Thread()
	for _, f := range []*FD{r.dirs[0].src, r.dirs[1].src} {
		for _, write := range []bool{false, true} {
			if f.fd < 0 {
				r.release()
				return unix.EBADF
			}
			d := f.side(write)
			for d.busy != nil {
				if err := t.CheckCancel(); err != nil {
					r.release()
					return err
				}
				d.queue = append(d.queue, t)
				t.Park(time.Time{})
				d.leave(t)
			}
			d.busy = t
			d.setDeadline(time.Time{})
			r.sides = append(r.sides, d)
		}
	}
	return nil
}

func (r *relay) release() {
	for _, d := range r.sides {
		d.busy, d.stale = nil, true
		if len(d.queue) > 0 {
			d.queue[0].Unpark()
		}
	}
}

// Wait waits until both directions have ended.
func (r *relay) Wait() {
	for ended := 0; ended < 2; {
		select {
		case <-r.done:
			ended++
		case <-r.interrupted:
			r.abort()
		}
	}
}

// Interrupt ends both directions.
func (r *relay) Interrupt() {
	select {
	case r.interrupted <- struct{}{}:
	default:
	}
}

// abort wakes whoever waits on one of the sides, and keeps it from waiting again.
func (r *relay) abort() {
	r.aborted.Store(true)
	for _, d := range r.sides {
		d.setDeadline(longAgo)
	}
}

func (d *direction) run() {
	if d.err = d.copy(); d.err != nil {
		d.r.abort()
	}
	d.r.done <- struct{}{}
}

// wait makes a call on one side until it need not wait. The deadline that wakes
// it may have been overtaken by traffic the other way.
func (d *direction) wait(f *FD, write bool, call func(fd int) error) error {
	side := &f.rd
	if write {
		side = &f.wr
	}
	for {
		var err error
		try := func(fd uintptr) bool {
			err = again(int(fd), callFunc(call))
			return err != unix.EAGAIN
		}
		pollErr := error(nil)
		if write {
			pollErr = f.raw.Write(try)
		} else {
			pollErr = f.raw.Read(try)
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
			side.setDeadline(time.Now().Add(rest))
		}
		if d.r.aborted.Load() { // abort's deadline may just have been replaced
			return errAborted
		}
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
	if d.src.Timeout > 0 {
		d.src.rd.setDeadline(time.Now().Add(d.src.Timeout))
	}
	err := d.splice()
	if err == errNoSplice {
		err = d.readWrite()
	}
	if err != nil {
		return err
	}
	return d.wait(d.dst, true, func(fd int) error {
		if err := unix.Shutdown(fd, unix.SHUT_WR); err != unix.ENOTCONN {
			return err
		}
		return nil // the other end is gone already
	})
}

var errNoSplice = errors.New("no splice")

// readWrite copies through memory.
func (d *direction) readWrite() error {
	b, pool := buffer(65536)
	defer pool.Put(b)
	for {
		n := 0
		err := d.wait(d.src, false, func(fd int) (err error) {
			n, err = unix.Read(fd, *b)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
		for sent := 0; sent < n; {
			err := d.wait(d.dst, true, func(fd int) error {
				m, err := send(fd, (*b)[sent:n], 0, nil)
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
