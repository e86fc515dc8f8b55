//go:build unix

// Package child starts programs for scripts and sees to their ends: io.popen's and os.execute's,
// and those of the module process.
package child

import (
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/file"
	"wirelua/stdlib/internal/sys"
)

// Child is a program that was started. A goroutine waits for its end, so that it
// never stays as a zombie. Its methods are for who has the turn.
type Child struct {
	PID int

	group bool // it leads a process group of its own
	proc  *os.Process
	pumps []*pump
	feed  func()      // closes our end of the pipe that it reads from; or nil
	sent  atomic.Bool // it was sent a signal from here

	done    chan struct{} // closed when it has ended, and its output was copied
	waiting interp.WaitList
	status  syscall.WaitStatus
	err     error // when somebody else took the status away
}

// children are those of one interpreter that have not ended, and the copying that
// goes on for what they left running.
type children struct {
	in   *interp.Engine
	held int // descriptors of those that are about to be started

	mu    sync.Mutex
	all   map[*Child]struct{}
	pumps map[*pump]struct{}
}

type childrenKey struct{}

func childrenOf(in *interp.Engine) *children {
	return in.Local(childrenKey{}, func() any {
		k := &children{in: in, all: map[*Child]struct{}{}, pumps: map[*pump]struct{}{}}
		file.Track(in) // their files and pipes are closed after they have ended
		sys.NetOf(in)
		in.OnClose(k.end)
		in.CountDescriptors(k.descriptors)
		return k
	}).(*children)
}

// descriptors is how many there are to start children, to wait for their ends, and to copy what
// they print.
func (k *children) descriptors() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.held + toWait*len(k.all) + len(k.pumps)
}

// add takes charge of a program.
func (k *children) add(c *Child) {
	c.proc, c.err = os.FindProcess(c.PID)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all[c] = struct{}{}
	for _, p := range c.pumps {
		k.pumps[p] = struct{}{}
		go func() {
			p.run()
			k.mu.Lock()
			defer k.mu.Unlock()
			delete(k.pumps, p)
		}()
	}
	go k.watch(c)
}

// lateOutput is how long a child's output is waited for after its end, when it has
// left others running that could write more.
const lateOutput = 500 * time.Millisecond

func (k *children) watch(c *Child) {
	if c.err == nil {
		awaitExit(c.PID)
		c.note(c.proc.Wait())
	}
	late := time.NewTimer(lateOutput)
	defer late.Stop()
	for _, p := range c.pumps {
		select {
		case <-p.done:
		case <-late.C:
			late.Reset(0)
		}
	}
	k.mu.Lock()
	delete(k.all, c)
	k.mu.Unlock()
	close(c.done)
	k.in.WithTurn(c.waiting.WakeAll)
}

// note keeps how the child ended.
func (c *Child) note(state *os.ProcessState, err error) {
	if err != nil {
		c.err = err
		return
	}
	c.status = state.Sys().(syscall.WaitStatus)
	if c.status.Signaled() && !c.sent.Load() {
		signalsFirst(c.status.Signal())
	}
}

// signalsFirst is called when a program has ended by a signal that nobody here sent, before a
// script hears of it. Ctrl-C is for all programs of a terminal: when one of them
// died of it, ours is under way, too, and what comes first must not be left to chance.
func signalsFirst(sig syscall.Signal) {
	if sig == syscall.SIGINT || sig == syscall.SIGTERM || sig == syscall.SIGHUP {
		time.Sleep(20 * time.Millisecond)
	}
}

// Await waits until the program has ended; see interp.Thread.Await for when it gives up.
func (c *Child) Await(s *interp.State, deadline time.Time) error {
	return c.waiting.Await(s.Thread(), c.Ended, deadline)
}

// Status returns how the program ended; the error is that somebody else took that away. It is for
// when it has.
func (c *Child) Status() (syscall.WaitStatus, error) { return c.status, c.err }

// Ended reports whether the program has ended, and what it wrote was copied. Any goroutine may ask.
func (c *Child) Ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// Signal sends a signal; ESRCH when the program has ended. It is never another process that gets
// it: the number of one that has ended is not used.
func (c *Child) Signal(sig syscall.Signal) error {
	err := error(os.ErrProcessDone)
	if c.proc != nil {
		c.sent.Store(true)
		err = c.proc.Signal(sig)
	}
	if err == os.ErrProcessDone {
		return &interp.OpError{Code: "ESRCH", Errno: unix.ESRCH, Message: "the process has ended"}
	}
	return err
}

// signalAll sends a signal to the program, and to what it has started.
func (c *Child) signalAll(sig syscall.Signal) {
	if c.Signal(sig) == nil && c.group {
		_ = unix.Kill(-c.PID, sig)
	}
}

// How patient the interpreter's end is with programs: those that read what a script wrote get the
// first time to do with the last of it, all others SIGTERM at once, and SIGKILL after the second.
const (
	lateInput = time.Second
	lateEnd   = 500 * time.Millisecond
)

// end ends what is left when the interpreter closes. It is called with the turn.
// Those that read what the script wrote are told of the end, and may read it first.
func (k *children) end() {
	var fed []*Child
	for _, c := range k.list() {
		if c.feed != nil {
			c.feed()
			fed = append(fed, c)
		}
	}
	waitFor(fed, lateInput)
	k.signalAll(unix.SIGTERM)
	if !waitFor(k.list(), lateEnd) {
		k.signalAll(unix.SIGKILL)
		waitFor(k.list(), 2*time.Second) // longer only in the kernel's hands
	}
	k.mu.Lock()
	pumps := k.pumps
	k.pumps = map[*pump]struct{}{}
	k.mu.Unlock()
	for p := range pumps {
		_ = p.from.Close()
	}
}

func (k *children) list() []*Child {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := make([]*Child, 0, len(k.all))
	for c := range k.all {
		all = append(all, c)
	}
	return all
}

// signalAll sends a signal to all children, and to what these have started.
func (k *children) signalAll(sig syscall.Signal) {
	for _, c := range k.list() {
		c.signalAll(sig)
	}
}

// waitFor waits until all have ended, and reports whether they have.
func waitFor(all []*Child, patience time.Duration) bool {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for _, c := range all {
		select {
		case <-c.done:
		case <-limit.C:
			return false
		}
	}
	return true
}
