//go:build unix

package socket

import (
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/sys"
)

var _ conn.Lender = (*Socket)(nil)

// End is the socket as a relay sees it.
func (k *Socket) End(*interp.State) (sys.End, error) {
	if k.Fileno() < 0 {
		return sys.End{}, k.about(unix.EBADF)
	}
	return sys.End{FD: k.fd}, nil
}

// Lend gives the descriptor to a protocol on top; see conn.Lender. Files made of
// the socket may have read ahead, and a thread that waits on it would take bytes
// that are the protocol's.
func (k *Socket) Lend() (*sys.FD, *addr.Addr, error) {
	busy := func(why string) error {
		return k.about(&interp.OpError{Code: "EBUSY", Errno: unix.EBUSY, Message: why})
	}
	switch {
	case k.Fileno() < 0:
		return nil, nil, k.about(unix.EBADF)
	case k.files > 0:
		return nil, nil, busy("the socket has open files (makefile)")
	case k.fd.Busy(false) || k.fd.Busy(true):
		return nil, nil, busy("another thread is waiting on the socket")
	}
	k.closed = true
	return k.fd, k.peer, nil
}

// Return takes the descriptor back.
func (k *Socket) Return() { k.closed = false }
