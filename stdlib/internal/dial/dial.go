//go:build unix

// Package dial makes connections and listening sockets, for whatever protocol goes over them: to the first
// of a host's addresses that answers (RFC 8305), and with the options that a server has. All of
// it is done in the calling thread, which has the turn and may wait.
package dial

import (
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

// Connect connects to a place from another one, which may be nil, within timeout, the look-ups
// included, which is the descriptor's from then on; negative is for ever. It returns the
// descriptor and whom it is connected to. Errors name the address.
func Connect(s *interp.State, to lookup.Place, from *lookup.Place, timeout time.Duration) (*sys.FD, *addr.Addr, error) {
	fd, peer, err := connect(s, to, from, timeout)
	if err != nil {
		return nil, nil, interp.About(err, to.String())
	}
	fd.Timeout = timeout
	return fd, peer, nil
}

func connect(s *interp.State, to lookup.Place, from *lookup.Place, timeout time.Duration) (*sys.FD, *addr.Addr, error) {
	var lim sys.Limit
	switch {
	case timeout == 0:
		return nil, nil, &interp.OpError{Code: "EINPROGRESS", Errno: unix.EINPROGRESS,
			Message: "a connection cannot be made within a timeout of 0"}
	case timeout > 0:
		lim.Deadline = time.Now().Add(timeout)
	}
	addrs, err := to.Addresses(s, lim)
	if err != nil {
		return nil, nil, err
	}
	r := &race{s: s, name: to.Host, todo: interleave(addrs), lim: lim, delay: attemptDelay}
	if from != nil {
		if err := r.bindTo(*from); err != nil {
			return nil, nil, err
		}
	}
	return r.run()
}

// First connects to the first of the addresses that answers, as Connect does; another is tried beside one that
// takes longer than delay.
func First(s *interp.State, addrs []*addr.Addr, lim sys.Limit, delay time.Duration) (*sys.FD, *addr.Addr, error) {
	return (&race{s: s, lim: lim, delay: delay, todo: addrs}).run()
}
