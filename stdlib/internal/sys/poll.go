//go:build unix

package sys

import (
	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// Readiness of a descriptor.
const (
	Readable = 1 << iota
	Writable
	Exceptional
)

// Poller watches descriptors with an epoll or kqueue instance, which itself
// is a descriptor that can be waited for: a thread that waits for a thousand descriptors costs no
// more than one that waits for one.
type Poller struct{ f *FD }

// NewPoller makes a Poller. One nobody refers to is closed by the collector.
func (n *Net) NewPoller() (*Poller, error) {
	fd, err := pollCreate()
	if err != nil {
		return nil, err
	}
	f, err := n.New(fd, -1, 0, 0)
	if err != nil {
		return nil, err
	}
	return &Poller{f}, nil
}

// Fileno returns the instance's own descriptor, -1 once it is closed.
func (p *Poller) Fileno() int { return p.f.fd }

// Close closes the instance; a thread waiting on it wakes and finds EBADF.
func (p *Poller) Close() { p.f.Close() }

// Set watches a descriptor for a set of Readable, Writable and Exceptional; for
// none of them it is forgotten. old is what it was watched for before.
func (p *Poller) Set(fd, old, events int) error {
	return p.f.run(nil, atOnce, &op{call: callFunc(func(ep int) error { return pollSet(ep, fd, old, events) })})
}

// Wait waits until a descriptor is ready or the limit is reached, and returns
// the ready ones, by number: none at the limit.
func (p *Poller) Wait(s *interp.State, lim Limit) (map[int]int, error) {
	var ready map[int]int
	err := p.f.run(s, lim, &op{call: callFunc(func(fd int) (err error) {
		ready, err = pollNow(fd)
		if err == nil && len(ready) == 0 {
			return unix.EAGAIN
		}
		return err
	})})
	if err == unix.EAGAIN || err == interp.ErrTimeout {
		return nil, nil
	}
	return ready, err
}
