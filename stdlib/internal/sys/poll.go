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
	err := p.f.run(nil, atOnce, &op{call: callFunc(func(ep int) error { return pollSet(ep, fd, old, events) })})
	switch {
	case err != nil:
	case old == 0:
		p.f.polls++
	case events == 0:
		p.f.polls--
	}
	return err
}

// Wake has those that wait look again.
func (p *Poller) Wake() { p.f.desc.Wake() }

// Wait waits until a descriptor is ready or the limit is reached, and returns
// the ready ones, by number: none at the limit. more, if there is one, adds those that are ready otherwise,
// and is asked again after Wake.
func (p *Poller) Wait(s *interp.State, lim Limit, more func(ready map[int]int)) (map[int]int, error) {
	var ready map[int]int
	err := p.f.run(s, lim, &op{call: callFunc(func(fd int) (err error) {
		if ready, err = pollNow(fd); err != nil {
			return err
		}
		if more != nil {
			more(ready)
		}
		if len(ready) == 0 {
			return unix.EAGAIN
		}
		return nil
	})})
	if err == unix.EAGAIN || err == interp.ErrTimeout {
		return nil, nil
	}
	return ready, err
}
