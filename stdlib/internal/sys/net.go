//go:build unix

// Package sys is the one way from Lua to socket system calls. An operation of a script's is
// one value, op, that goes through one function, Net.run: what it may reach is asked of
// the policy, whether the descriptor is open, the call is made on a descriptor that does not
// block, the interpreter's scheduler (interp.Desc) waits while it cannot go
// on, within a deadline, and the observer is told. Bytes come and go in two functions
// only, FD.in and FD.out. An errno is left for interp.State.Raise to describe.
//
// All functions must be called with the interpreter's turn, as functions
// called by Lua are; those that take a State may wait, and give it up meanwhile.
package sys

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"weak"

	"wirelua/interp"
	"wirelua/interp/chaos"
	"wirelua/interp/dump"
	"wirelua/interp/policy"
	"wirelua/interp/trace"
)

// Net is what one interpreter has of the network: its open descriptors, its
// policy and its observer.
type Net struct {
	in       *interp.Engine
	policy   *policy.Checker
	free     bool // the policy allows everything
	observer trace.Observer
	limit    int
	forlorn  []dump.Leak             // what the collector has closed, by the lines that made it
	accepts  map[*accepting]struct{} // under way on goroutines of their own
	open     map[*tracked]struct{}
	self     weak.Pointer[interp.Engine]
	given    map[int]*given // bare descriptors the script came by
	held     int            // what is open beside these; see Hold
	chaos    *chaos.Spec    // nil: nothing is disturbed
	keeper   *Keeper        // nil: what is closed is closed
	names    names
	numbers  uint64     // how many sockets the observer was told of
	Run      *trace.Run // whose they are

	receives spare[receive]
	sends    spare[sending]
	overs    spare[op]

	// DefaultTimeout is what new sockets begin with; negative is none.
	DefaultTimeout time.Duration
}

type netKey struct{}

// NetOf returns the interpreter's Net.
func NetOf(in *interp.Engine) *Net {
	return in.Local(netKey{}, func() any {
		knowHosts()
		n := &Net{
			in:             in,
			policy:         in.Policy(),
			free:           in.Policy().AllowsAll(),
			observer:       in.Config().Observer,
			Run:            new(trace.Run),
			limit:          in.Config().Limits.Sockets,
			chaos:          chaosOf(in.Config().Chaos),
			open:           map[*tracked]struct{}{},
			self:           weak.Make(in),
			given:          map[int]*given{},
			DefaultTimeout: -1,
		}
		in.OnClose(n.closeAll)
		in.DescribeWaits(n.describeAll)
		in.FindLeaks(n.leaks)
		in.CountDescriptors(func() int { return n.sockets() + n.held + interp.DescriptorsToWait })
		return n
	}).(*Net)
}

// chaosOf returns what is to be disturbed; nil when nothing is.
func chaosOf(s chaos.Spec) *chaos.Spec {
	if !s.On() {
		return nil
	}
	return &s
}

func (n *Net) closeAll() {
	n.closeOpen()
	for fd := range n.given {
		n.forget(fd).discard()
	}
	for a := range n.accepts {
		a.wake()
	}
}

// given is a descriptor that the script has by its number only.
type given struct {
	num     *opened // that of what it was detached from; nil for one that came from elsewhere
	kin     *kin
	foreign bool // others have it, too
	seen    *trace.Socket
	made    *madeBy // nil when that is not noted
	origin
}

func (n *Net) closeGiven(fd int) error { return n.forget(fd).close() }

// forget takes a bare descriptor from the script, and returns it to be closed.
func (n *Net) forget(fd int) *opened {
	g := n.given[fd]
	delete(n.given, fd)
	if g != nil && g.num != nil {
		return g.num
	}
	return &opened{fd: fd}
}

// Find returns the open FD that has the descriptor fd; nil when none has.
func (n *Net) Find(fd int) *FD {
	for t := range n.open {
		if f := t.of.Value(); f != nil && f.fd == fd && !f.gone.Load() {
			return f
		}
	}
	return nil
}

// sockets is how many descriptors Limits.Sockets counts.
func (n *Net) sockets() int { return len(n.open) + len(n.given) + len(n.accepts) }

// room reports whether so many more descriptors may be opened.
func (n *Net) room(more int) error {
	if n.limit > 0 && n.sockets()+more > n.limit {
		return &interp.OpError{Code: "EMFILE", Errno: syscall.EMFILE,
			Message: fmt.Sprintf("no more than %d sockets allowed (Limits.Sockets)", n.limit)}
	}
	return n.in.DescriptorRoom(more)
}

// Hold counts descriptors that are no FDs, and are about to be opened, until Release is
// called with their number. It fails with EMFILE when Limits.Descriptors does not allow them.
func (n *Net) Hold(more int) error {
	err := n.in.DescriptorRoom(more)
	if err == nil {
		n.held += more
	}
	return err
}

// Release is called when what Hold has counted is closed, or counted elsewhere.
func (n *Net) Release(less int) { n.held -= less }

// Observed reports whether there is an observer.
func (n *Net) Observed() bool { return n.observer != nil }

// opening is an operation that opens a descriptor.
func (n *Net) opening(s *interp.State, e trace.Event, door func() error, open func() (*FD, error)) (f *FD, err error) {
	o := &op{Event: e, door: door}
	o.FD = -1
	o.steps = func() (err error) {
		if f, err = open(); err == nil {
			o.made = f
		}
		return err
	}
	return f, n.run(s, Limit{}, o)
}

// track makes the descriptor fd f's, and notes it without keeping f: a socket that no script holds any more
// is closed by the collector.
func (n *Net) track(f *FD, fd int) {
	t := &tracked{opened: opened{fd: fd}, of: weak.Make(f)}
	f.fd, f.num = fd, t
	n.open[t] = struct{}{}
	t.listed.Store(true)
	runtime.AddCleanup(f, forgotten.close, forgotten{n.self, t})
}

// untrack is for what is closed, or another's.
func (n *Net) untrack(t *tracked) {
	t.listed.Store(false)
	delete(n.open, t)
}

// tracked is an open descriptor, and what it leaves when nobody closes it.
type tracked struct {
	opened
	of     weak.Pointer[FD]
	listed atomic.Bool   // in Net.open
	seen   *trace.Socket // what the observer was last told of it; nil: nothing
	made   *madeBy       // nil when that is not noted
}

// forgotten is a tracked of which the FD was collected. This is interp.OnDrop by hand, since the descriptor has to be
// closed when the interpreter is gone, too: sockets come and go by the thousand, and a weak pointer and
// a cleanup more for each would cost more than accept(2).
type forgotten struct {
	in weak.Pointer[interp.Engine]
	t  *tracked
}

// close is called on the one goroutine that all cleanups have, which must not wait.
func (f forgotten) close() {
	f.t.discard()
	if in := f.in.Value(); in != nil && f.t.listed.Load() {
		go in.WithTurn(func() {
			if n := NetOf(in); f.t.listed.Load() {
				n.untrack(f.t)
				n.dropped(f.t)
				n.lost(f.t, "collector")
			}
		})
	}
}
