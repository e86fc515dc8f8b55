//go:build unix

// Package signal holds the module signal: what a script does when a signal comes.
package signal

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/signame"
)

// Module is the module signal.
//
//	local stop = thread.event()
//	signal.on("INT", function(name) print(name) stop:set() end)
//	stop:wait()
//
// A handler runs as a thread of its own, which the script waits for at its end as it does for
// others, and gets the signal's name, "SIGINT". The last handler given for a signal is the
// one that counts. "ignore" lets nothing happen; "default" gives the signal back
// to the system, or the host. Those that end any program end the wirelua command then, as
// they do without signal.on: USR1, USR2, ALRM, HUP and their like. QUIT (Ctrl-\) has it print what
// each thread waits in. SIGKILL and SIGSTOP cannot be handled. In the command, programs that a script starts ignore what it
// ignores; of what was ignored at the command's own start HUP and INT stay ignored.
//
// A thread that computes without ever waiting keeps handlers from running. In the
// wirelua command a signal that comes more than a second after one that no handler
// could be started for ends the script, as if it had none.
//
// Signals are the process's: when several interpreters in one program handle a
// signal, each hears of it, and so does the program itself if it asks for it
// (os/signal). What an interpreter does ends with it, or with the context of the
// run that said so.
//
// Inside the fence on needs the run door altogether (the rule "*"): what a signal
// does to the process is the host's, and a script must not keep Ctrl-C from it.
var Module = &interp.Module{
	Name: "signal",
	Doc:  "what a script does when a signal comes",
	Funcs: []interp.Function{
		{Name: "on", Args: `name, fn or "ignore" or "default"`, Doc: "has fn(name) called, as a thread, whenever the signal comes; returns true", Manual: `
		The script waits for a handler that runs, not for signals. What is ignored, children inherit.
		name string: with or without SIG: "INT", "TERM", "HUP", "USR1"
		fn function|"ignore"|"default": the handler, which gets the name
		-> true: always
		! EINVAL: the signal cannot be handled (KILL, STOP)
		> local got = thread.event()
		> signal.on("USR1", function(name) print(name) got:set() end)
		> process.spawn{"kill", "-USR1", tostring(process.pid)}
		> got:wait() --> SIGUSR1
		> signal.on("USR1", "default")
		`, Fn: on},
	},
}

// handlers are what one interpreter does about signals.
type handlers struct {
	in   *interp.Engine
	mu   sync.Mutex
	all  map[syscall.Signal]*handler
	host map[os.Signal]bool // those that the host delivers
	c    chan<- os.Signal   // where the host hears of them; nil when it delivers none
}

// handler is what a script wants done about one signal.
type handler struct {
	c    chan os.Signal
	quit chan struct{}

	thread *interp.Thread // who said so: new threads join its run
	fn     lua.LValue     // nil: nothing

	handed []time.Time // when the host delivered those not started yet; guarded by handlers.mu
}

type handlersKey struct{}

func handlersOf(in *interp.Engine) *handlers {
	return in.Local(handlersKey{}, func() any {
		h := &handlers{in: in, all: map[syscall.Signal]*handler{}}
		in.OnClose(h.close)
		in.MayWake(h.any)
		return h
	}).(*handlers)
}

// Deliver is for a host that asks the system for signals itself. From now on scripts of
// the interpreter's get those from the host: by the function that it returns, which
// reports whether a script handles the signal, or ignores it: not when the handler of an
// earlier one has had no chance to run for more than a second. Any goroutine may call
// that, at any time. When both asked the system, the host could only find out afterwards
// what the script made of a signal, by when that may have changed.
//
// The process is the script's, then: what it ignores the process does, so that programs inherit that,
// until os/signal is asked for c again, which is the host's channel.
func Deliver(host *interp.Interpreter, c chan<- os.Signal, sigs ...os.Signal) func(os.Signal) bool {
	var h *handlers
	in := host.Engine()
	in.WithTurn(func() { h = handlersOf(in) })
	h.mu.Lock()
	defer h.mu.Unlock()
	h.host, h.c = map[os.Signal]bool{}, c
	for _, sig := range sigs {
		h.host[sig] = true
	}
	return h.deliver
}

func (h *handlers) deliver(sig os.Signal) bool {
	s, _ := sig.(syscall.Signal)
	h.mu.Lock()
	defer h.mu.Unlock()
	k := h.all[s]
	if k == nil || k.thread.Stopped() {
		return false
	}
	if k.fn == nil {
		return true
	}
	if h.stuck() {
		return false
	}
	select {
	case k.c <- sig:
		k.handed = append(k.handed, time.Now())
	default: // as the system has it: who gets many may miss some
	}
	return true
}

// patience is how long a handler may be kept from running.
const patience = time.Second

// stuck reports whether one has been for too long: something computes, and never waits.
func (h *handlers) stuck() bool {
	for _, k := range h.all {
		if !k.thread.Stopped() && len(k.handed) > 0 && time.Since(k.handed[0]) > patience {
			return true
		}
	}
	return false
}

func on(s *interp.State) int {
	sig := signame.Arg(s, 1, 0)
	if sig == unix.SIGKILL || sig == unix.SIGSTOP || sig == 0 {
		return s.Raise(&interp.OpError{Code: "EINVAL", Errno: unix.EINVAL, Address: signame.Name(sig),
			Message: "this signal cannot be handled"})
	}
	if err := s.Interp().Policy().Run("*"); err != nil {
		return s.Raise(err)
	}
	h := handlersOf(s.Interp())
	word, ok := s.Get(2).(lua.LString)
	switch {
	case !ok:
		h.set(s, sig, s.Callable(2))
	case word == "ignore":
		h.set(s, sig, nil)
	case word == "default":
		h.drop(sig)
	default:
		s.ArgError(2, `a function, "ignore" or "default" expected, got '%s'`, word)
	}
	return s.True()
}

// set begins to handle a signal, or changes how.
func (h *handlers) set(s *interp.State, sig syscall.Signal, fn lua.LValue) {
	k := &handler{
		c: make(chan os.Signal, 16), quit: make(chan struct{}),
		thread: s.Thread(), fn: fn,
	}
	h.mu.Lock()
	old := h.all[sig]
	h.all[sig] = k
	h.mu.Unlock()
	h.hear(k, sig) // before the old one ends: no signal falls in between
	if old != nil {
		old.end()
	}
	go h.listen(k)
}

// hear has the signal come to who handles it, or to nobody.
func (h *handlers) hear(k *handler, sig syscall.Signal) {
	switch {
	case h.c != nil && k.fn == nil && sig != unix.SIGCHLD: // who ignores that cannot wait for programs
		signal.Ignore(sig)
	case h.host[sig]:
		signal.Notify(h.c, sig)
	default:
		signal.Notify(k.c, sig)
	}
}

// any reports whether a script handles a signal: what comes may have threads go on.
func (h *handlers) any() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, k := range h.all {
		if k.fn != nil && !k.thread.Stopped() {
			return true
		}
	}
	return false
}

// drop ends the handling of a signal.
func (h *handlers) drop(sig syscall.Signal) {
	h.mu.Lock()
	k := h.all[sig]
	delete(h.all, sig)
	h.mu.Unlock()
	if k != nil {
		h.giveBack(k, sig)
	}
}

// giveBack gives a signal back to the host, or to the system.
func (h *handlers) giveBack(k *handler, sig syscall.Signal) {
	switch {
	case h.host[sig]:
		signal.Notify(h.c, sig)
	case h.c != nil && k.fn == nil:
		signal.Notify(k.c, sig) // ends its being ignored
	}
	k.end()
}

func (k *handler) end() {
	signal.Stop(k.c)
	close(k.quit)
}

// listen starts a thread for each signal that comes.
func (h *handlers) listen(k *handler) {
	for {
		select {
		case <-k.quit:
			return
		case sig := <-k.c:
			if k.fn != nil {
				h.in.WithTurn(func() { h.call(k, sig.(syscall.Signal)) })
			}
		}
	}
}

// call starts the handler's thread, unless another handler has come since.
func (h *handlers) call(k *handler, sig syscall.Signal) {
	h.mu.Lock()
	current := h.all[sig] == k
	if len(k.handed) > 0 {
		k.handed = k.handed[1:]
	}
	h.mu.Unlock()
	if !current {
		return
	}
	name := lua.LString(signame.Name(sig))
	if err := k.thread.NewThread(false).Start(k.fn, name); err != nil && !k.thread.Stopped() {
		_, _ = h.in.Stderr().Write([]byte("signal " + string(name) + ": " + err.Error() + "\n"))
	}
}

// close ends all, when the interpreter closes. It is called with its turn.
func (h *handlers) close() {
	h.mu.Lock()
	all := h.all
	h.all = map[syscall.Signal]*handler{}
	h.mu.Unlock()
	for sig, k := range all {
		h.giveBack(k, sig)
	}
}
