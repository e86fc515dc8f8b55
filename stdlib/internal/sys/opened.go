//go:build unix

package sys

import (
	"sync"

	"golang.org/x/sys/unix"
)

// opened is a descriptor's number, as long as it is open. Who has no turn looks here,
// and keeps it open meanwhile.
type opened struct {
	mu sync.RWMutex
	fd int // -1 once it is closed, or another's
}

func (n *opened) close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	fd := n.fd
	n.fd = -1
	if fd < 0 {
		return nil
	}
	return unix.Close(fd)
}

// give returns the number for another to have.
func (n *opened) give() *opened {
	n.mu.Lock()
	defer n.mu.Unlock()
	to := &opened{fd: n.fd}
	n.fd = -1
	return to
}

// hold calls fn with the number, during which it stays what it is; it reports whether it is
// open.
func (n *opened) hold(fn func(fd int)) bool {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.fd < 0 {
		return false
	}
	fn(n.fd)
	return true
}
