//go:build unix

package dial

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

// attemptDelay is how long an attempt may take before the next one is begun
// beside it: RFC 8305's Connection Attempt Delay.
const attemptDelay = 250 * time.Millisecond

// race connects to one of many addresses, as RFC 8305 (Happy Eyeballs) has it:
// an attempt is begun when the last one has taken a while or has failed, those
// begun before go on, and the first that succeeds wins. All of it happens in the
// calling thread.
type race struct {
	s      *interp.State
	name   string // of the host; for the policy
	lim    sys.Limit
	delay  time.Duration
	source map[int]*addr.Addr // where attempts come from, by family; nil: from anywhere
	from   string             // the source's name; for the policy

	todo    []*addr.Addr
	pending []*attempt // in the order they were begun
	next    time.Time  // when another is due though others go on
	poller  *sys.Poller
	winner  *attempt
	failed  error // the most telling failure so far
}

// attempt is one connection being made.
type attempt struct {
	fd      *sys.FD
	addr    *addr.Addr
	start   time.Time
	watched bool // by the poller
}

// interleave orders addresses by turns of their families. The resolver's first
// choice comes first, and each family stays in its order.
func interleave(addrs []*addr.Addr) []*addr.Addr {
	var sorted, first, second []*addr.Addr
	for _, a := range addrs {
		if a.Family == addrs[0].Family {
			first = append(first, a)
		} else {
			second = append(second, a)
		}
	}
	for i := range max(len(first), len(second)) {
		if i < len(first) {
			sorted = append(sorted, first[i])
		}
		if i < len(second) {
			sorted = append(sorted, second[i])
		}
	}
	return sorted
}

// bindTo makes all attempts come from p.
func (r *race) bindTo(p lookup.Place) error {
	addrs, err := p.Addresses(r.s, r.lim)
	if err != nil {
		return err
	}
	r.source, r.from = map[int]*addr.Addr{}, p.Host
	for _, a := range slices.Backward(addrs) {
		r.source[a.Family] = a // in the end, the first of each
	}
	if p.Port != 0 {
		r.delay = -1 // two attempts cannot have one port
	}
	return nil
}

// run returns the first connection made and whom it is to.
func (r *race) run() (*sys.FD, *addr.Addr, error) {
	defer r.end()
	for r.winner == nil && len(r.todo)+len(r.pending) > 0 {
		if err := r.s.Thread().CheckCancel(); err != nil {
			return nil, nil, err
		}
		now := time.Now()
		if !r.lim.Deadline.IsZero() && !now.Before(r.lim.Deadline) {
			return nil, nil, interp.ErrTimeout
		}
		step := r.wait
		if len(r.pending) == 0 || len(r.todo) > 0 && r.delay >= 0 && !now.Before(r.next) {
			step = r.begin
		}
		if err := step(); err != nil {
			return nil, nil, err
		}
	}
	if r.winner == nil {
		return nil, nil, r.failed
	}
	return r.winner.fd, r.winner.addr, nil
}

// end closes all attempts but the winner. It is called also when the script is
// stopped in the middle.
func (r *race) end() {
	for _, a := range r.pending {
		if a != r.winner {
			a.fd.CloseFor(r.s)
		}
	}
	if r.poller != nil {
		r.poller.Close()
	}
}

// begin makes the next attempt. Like wait and settle it returns an error only
// when that ends the race.
func (r *race) begin() error {
	addr := r.todo[0]
	r.todo = r.todo[1:]
	r.next = time.Now().Add(r.delay)
	fd, err := sys.NetOf(r.s.Interp()).Socket(r.s, addr.Family, unix.SOCK_STREAM, unix.IPPROTO_TCP)
	if err != nil {
		r.fail(err)
		return nil
	}
	a := &attempt{fd: fd, addr: addr, start: time.Now()}
	r.pending = append(r.pending, a)
	fd.Timeout = r.left() // limits what the policy's rules by name look up
	if r.source != nil {
		if err := r.bind(a); err != nil {
			return r.settle(a, err)
		}
	}
	lim := sys.Limit{Nonblock: true}
	if len(r.pending) == 1 && len(r.todo) == 0 {
		lim = r.lim // nothing else to do meanwhile
	}
	return r.settle(a, fd.Connect(r.s, addr, r.name, lim))
}

func (r *race) bind(a *attempt) error {
	from := r.source[a.addr.Family]
	if from == nil {
		return &interp.OpError{Code: "EAI_ADDRFAMILY", Message: "the source address is of another family"}
	}
	err := a.fd.Bind(r.s, from, r.from)
	if err == nil || err == unix.ECANCELED {
		return err
	}
	return interp.About(err, from.String()) // the source is what was wrong, not whom to connect to
}

// left returns the time left as a descriptor's timeout.
func (r *race) left() time.Duration {
	if r.lim.Deadline.IsZero() {
		return -1
	}
	return max(time.Until(r.lim.Deadline), 1)
}

// settle notes how an attempt stands: err is what a call that makes the
// connection returned.
func (r *race) settle(a *attempt, err error) error {
	switch err {
	case nil:
		r.winner = a
	case unix.EINPROGRESS:
	case unix.ECANCELED: // the thread; no connection fails with that
		return err
	default:
		a.fd.CloseFor(r.s)
		r.pending = slices.DeleteFunc(r.pending, func(p *attempt) bool { return p == a })
		r.fail(err)
	}
	return nil
}

// fail notes a failure. The next attempt, if there is one, need not wait.
func (r *race) fail(err error) {
	r.next = time.Time{}
	if r.failed == nil || !vague(err) {
		r.failed = err
	}
}

// vague reports whether a failure says only that this script has no way to use
// the address, which is worth telling only if nothing else went wrong: that there
// is no IPv6 is rarely what keeps a script from connecting to localhost.
func vague(err error) bool {
	switch e := interp.AsOpError(err); e.Code {
	case "EAFNOSUPPORT", "EADDRNOTAVAIL", "ENETUNREACH", "EAI_ADDRFAMILY", "EACCES":
		return true
	}
	return false
}

// wait waits until an attempt succeeds or fails, another is due, or time is up.
func (r *race) wait() error {
	until := r.lim
	if len(r.todo) > 0 && r.delay >= 0 && (until.Deadline.IsZero() || r.next.Before(until.Deadline)) {
		until.Deadline = r.next
	}
	if len(r.pending) == 1 {
		return r.look(r.pending[0], until)
	}
	if err := r.watch(); err != nil {
		return err
	}
	ready, err := r.poller.Wait(r.s, until, nil)
	if err != nil {
		return err
	}
	for _, a := range slices.Clone(r.pending) {
		if ready[a.fd.Fileno()] == 0 || r.winner != nil {
			continue
		}
		if err := r.look(a, sys.Limit{Nonblock: true}); err != nil {
			return err
		}
	}
	return nil
}

// look waits for one attempt's outcome.
func (r *race) look(a *attempt, lim sys.Limit) error {
	return r.settle(a, a.fd.Connecting(r.s, a.addr, a.start, lim))
}

// watch makes the poller, when there first is more than one attempt to wait for,
// and has it watch all of them. A descriptor that closes it forgets by itself.
func (r *race) watch() (err error) {
	if r.poller == nil {
		if r.poller, err = sys.NetOf(r.s.Interp()).NewPoller(); err != nil {
			return err
		}
	}
	for _, a := range r.pending {
		if a.watched {
			continue
		}
		if err := r.poller.Set(a.fd.Fileno(), 0, sys.Writable); err != nil {
			return err
		}
		a.watched = true
	}
	return nil
}
