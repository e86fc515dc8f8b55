//go:build unix

package sys

import (
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
)

// Disconnect dissolves a datagram socket's connect. EOPNOTSUPP for any other socket.
func (f *FD) Disconnect(s *interp.State) error {
	return f.run(s, atOnce, &op{Event: trace.Event{Op: "disconnect"}, call: callFunc(func(fd int) error {
		if f.Type != unix.SOCK_DGRAM {
			return unix.EOPNOTSUPP
		}
		return disconnect(fd, f.Family)
	})})
}
