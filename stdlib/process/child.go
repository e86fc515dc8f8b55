//go:build unix

package process

import (
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	childs "wirelua/stdlib/internal/child"
	"wirelua/stdlib/internal/sys"
)

// child is a program that was started. A goroutine waits for its end, so that it
// never stays as a zombie.
type child struct {
	pid   int
	group bool // it leads a process group of its own
	proc  *os.Process
	pumps []*pump
	feed  *sys.FD     // our end of the pipe that it reads from; or nil
	sent  atomic.Bool // a script sent it a signal

	done    chan struct{} // closed when it has ended, and its output was copied
	waiting interp.WaitList
	status  int   // exit status, or minus a signal
	err     error // when somebody else took the status away
}

// children are those of one interpreter that have not ended, and the copying that
// goes on for what they left running.
type children struct {
	in    *interp.Interpreter
	mu    sync.Mutex
	all   map[*child]struct{}
	pumps map[*pump]struct{}
}

type childrenKey struct{}

func childrenOf(in *interp.Interpreter) *children {
	return in.Local(childrenKey{}, func() any {
		k := &children{in: in, all: map[*child]struct{}{}, pumps: map[*pump]struct{}{}}
		in.OnClose(k.end)
		in.CountDescriptors(k.descriptors)
		return k
	}).(*children)
}

// descriptors is how many there are to wait for the ends of children, and to copy what
// they print.
func (k *children) descriptors() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return childDescriptors*len(k.all) + len(k.pumps)
}

// add takes charge of a program.
func (k *children) add(pid int, group bool, pumps []*pump, feed *sys.FD) *child {
	c := &child{pid: pid, group: group, pumps: pumps, feed: feed, done: make(chan struct{})}
	c.proc, c.err = os.FindProcess(pid)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all[c] = struct{}{}
	for _, p := range pumps {
		k.pumps[p] = struct{}{}
		go func() {
			p.run()
			k.mu.Lock()
			defer k.mu.Unlock()
			delete(k.pumps, p)
		}()
	}
	go k.watch(c)
	return c
}

// lateOutput is how long a child's output is waited for after its end, when it has
// left others running that could write more.
const lateOutput = 500 * time.Millisecond

func (k *children) watch(c *child) {
	if c.err == nil {
		awaitExit(c.pid)
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
	k.in.Locked(c.waiting.WakeAll)
}

// note keeps how the child ended.
func (c *child) note(state *os.ProcessState, err error) {
	if err != nil {
		c.err = err
		return
	}
	ws := state.Sys().(syscall.WaitStatus)
	c.status = ws.ExitStatus()
	if ws.Signaled() {
		c.status = -int(ws.Signal())
		if !c.sent.Load() {
			childs.SignalsFirst(ws.Signal())
		}
	}
}

func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// kill sends a signal. It is never another process that gets it: the number of
// one that has ended is not used.
func (c *child) kill(sig syscall.Signal) error {
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

// lateInput is how long a child is given to do with the last of its input.
const lateInput = 500 * time.Millisecond

// end ends what is left when the interpreter closes. It is called with the turn.
// Children that read what the script wrote are told of the end, and may read it first.
func (k *children) end() {
	var fed []*child
	for _, c := range k.list() {
		if c.feed != nil {
			c.feed.Close()
			fed = append(fed, c)
		}
	}
	waitFor(fed, lateInput)
	k.signal(unix.SIGTERM)
	if !waitFor(k.list(), 500*time.Millisecond) {
		k.signal(unix.SIGKILL)
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

func (k *children) list() []*child {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := make([]*child, 0, len(k.all))
	for c := range k.all {
		all = append(all, c)
	}
	return all
}

// signal sends a signal to all children, and to what these have started.
func (k *children) signal(sig syscall.Signal) {
	for _, c := range k.list() {
		if c.kill(sig) == nil && c.group {
			_ = unix.Kill(-c.pid, sig)
		}
	}
}

// waitFor waits until all have ended, and reports whether they have.
func waitFor(all []*child, patience time.Duration) bool {
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
