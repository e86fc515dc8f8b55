//go:build unix

// Package child starts programs for scripts and sees to their ends: io.popen's and os.execute's,
// and those of the module process.
package child

import (
	"context"
	"io"
	"maps"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/file"
)

// shells are the programs that io.popen and os.execute have running. Each is
// waited for by a goroutine of its own, so that none stays as a zombie; Close ends
// those that are left, and gives those that read from a script time to read the rest.
type shells struct {
	mu   sync.Mutex
	all  map[*shell]struct{}
	held int // the cost of all
}

type shell struct {
	cmd  *exec.Cmd
	fed  bool          // its input is a script's
	held int           // descriptors that go with it; see cost
	done chan struct{} // closed when it has ended
}

// lateInput is how long a program is given to do with the last of its input, once
// the interpreter closes.
const lateInput = time.Second

// lateOutput is how long a program's output is still read after its end, when it
// has left others running that could write more.
const lateOutput = 500 * time.Millisecond

type shellsKey struct{}

func shellsOf(in *interp.Interpreter) *shells {
	return in.Local(shellsKey{}, func() any {
		k := &shells{all: map[*shell]struct{}{}}
		in.OnClose(k.killAll)
		in.CountDescriptors(k.descriptors)
		return k
	}).(*shells)
}

// ShellPath returns the shell to run, if the run door lets it through.
func ShellPath(in *interp.Interpreter) (string, error) {
	path, err := in.Policy().RunPath("sh")
	if path == "sh" {
		path = "/bin/sh"
	}
	return path, err
}

// startShell has the shell run a command, on the interpreter's own streams but for
// stdin and stdout when given.
func startShell(s *interp.State, command string, stdin, stdout *os.File) (*shell, error) {
	in := s.Interp()
	path, err := ShellPath(in)
	if err != nil {
		return nil, err
	}
	s.FlushOutput() // what was written before shall stand before
	cmd := &exec.Cmd{
		Path: path, Args: []string{"sh", "-c", command}, Env: Env(in), WaitDelay: lateOutput,
		Stdin: childInput(in.Config().Stdin), Stdout: childOutput(in.Stdout()), Stderr: childOutput(in.Stderr()),
	}
	if stdin != nil {
		cmd.Stdin = stdin
	}
	if stdout != nil {
		cmd.Stdout = stdout
	}
	if !Foreground(in) {
		ownGroup(cmd)
	}
	if err := in.DescriptorRoom(cost(cmd)); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return shellsOf(in).add(cmd, stdin != nil), nil
}

// cost is how many descriptors go with a program: one to wait for it by, and a pipe's end
// for each output that is copied to a writer.
func cost(cmd *exec.Cmd) int {
	n := 1
	for _, w := range []io.Writer{cmd.Stdout, cmd.Stderr} {
		if _, ok := w.(*interp.Output); ok {
			n++
		}
	}
	return n
}

// descriptors is the cost of those that are running.
func (k *shells) descriptors() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.held
}

func (k *shells) add(cmd *exec.Cmd, fed bool) *shell {
	p := &shell{cmd: cmd, fed: fed, held: cost(cmd), done: make(chan struct{})}
	k.mu.Lock()
	k.all[p] = struct{}{}
	k.held += p.held
	k.mu.Unlock()
	go func() { // Close waits for it, having killed the program
		_ = cmd.Wait() // the status is in ProcessState
		if how, code, _ := exitStatus(cmd.ProcessState); how == "signal" {
			SignalsFirst(syscall.Signal(code))
		}
		k.mu.Lock()
		delete(k.all, p)
		k.held -= p.held
		k.mu.Unlock()
		close(p.done)
	}()
	return p
}

func (k *shells) killAll() {
	k.mu.Lock()
	all := maps.Clone(k.all) // they take themselves off it
	k.mu.Unlock()
	late := time.NewTimer(lateInput)
	defer late.Stop()
	for p := range all {
		if p.fed {
			select {
			case <-p.done:
			case <-late.C:
				late.Reset(0)
			}
		}
	}
	for p := range all {
		p.kill()
	}
	for p := range all {
		<-p.done
	}
}

// kill ends the program, unless it has ended: its number may be another's then.
func (p *shell) kill() {
	select {
	case <-p.done:
	default:
		kill(p.cmd)
	}
}

// wait waits, without the turn, until the program has ended.
func (p *shell) wait(s *interp.State) error {
	return s.Thread().Block(func(ctx context.Context) {
		select {
		case <-p.done:
		case <-ctx.Done():
		}
	})
}

// fileOf returns the open file that a stream of the host's is, or stands for, as the
// prompt's do; else nil.
func fileOf(stream any) *os.File {
	if s, ok := stream.(interface{ File() *os.File }); ok {
		return s.File()
	}
	f, _ := stream.(*os.File)
	return f
}

// childInput returns what a program gets as standard input: ours, if it can have the
// very descriptor. Copying from a reader would take input that nobody asked for;
// and a pipe on Go's poller would have to be made blocking, for us too.
func childInput(r io.Reader) io.Reader {
	if f := fileOf(r); f != nil && f.SetReadDeadline(time.Time{}) != nil {
		return f
	}
	return nil // the null device
}

// childOutput returns what a program writes to: our descriptor, or our writer.
func childOutput(o *interp.Output) io.Writer {
	if f := fileOf(o.Host()); f != nil && f.SetWriteDeadline(time.Time{}) != nil {
		return f
	}
	if o.Host() == io.Discard {
		return nil
	}
	return o
}

// Env returns the environment of programs that a script starts: what the env
// door lets the script read. It is never nil, which would mean all. It may be
// called by any goroutine.
func Env(in *interp.Interpreter) []string { return in.Policy().Environ(os.Environ()) }

// Foreground reports whether programs that a script starts stay in the process group of
// this one: there is a terminal, which only its foreground group may read, and whose
// Ctrl-C is for that. Otherwise they get a group of their own, so that ending them ends
// also what they have started. Any goroutine may call it.
func Foreground(in *interp.Interpreter) bool {
	f := fileOf(in.Config().Stdin)
	if f == nil {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// SignalsFirst is called when a program has ended by a signal that nobody here sent, before a
// script hears of it. Ctrl-C is for all programs of a terminal: when one of them
// died of it, ours is under way, too, and what comes first must not be left to chance. It
// sleeps for 20 ms, and is for goroutines that wait for programs: they must not have the turn.
func SignalsFirst(sig syscall.Signal) {
	if sig == syscall.SIGINT || sig == syscall.SIGTERM || sig == syscall.SIGHUP {
		time.Sleep(20 * time.Millisecond)
	}
}

// ended waits for the program to end, and returns how it did.
func (p *shell) ended(s *interp.State) ([]lua.LValue, error) {
	if err := p.wait(s); err != nil {
		return nil, err
	}
	how, code, _ := exitStatus(p.cmd.ProcessState)
	return []lua.LValue{lua.LString(how), lua.LNumber(code)}, nil
}

// Execute has the shell run a command, waits for its end, and returns its status as of wait(2).
func Execute(s *interp.State, command string) (status int, err error) {
	p, err := startShell(s, command, nil, nil)
	if err != nil {
		return 0, err
	}
	if err := p.wait(s); err != nil {
		p.kill() // nobody could ever ask for it again
		return 0, err
	}
	_, _, status = exitStatus(p.cmd.ProcessState)
	return status, nil
}

// Popen has the shell run a command, and returns a file that reads its output or, with mode "w",
// writes its input. Closing it waits for the program's end.
func Popen(s *interp.State, command, mode string) (*file.File, error) {
	done, err := file.Hold(s.Interp(), 2)
	if err != nil {
		return nil, err
	}
	defer done()
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	ours, theirs := r, w
	var p *shell
	if mode == "r" {
		p, err = startShell(s, command, nil, w)
	} else {
		ours, theirs = w, r
		p, err = startShell(s, command, r, nil)
	}
	theirs.Close()
	if err != nil {
		ours.Close()
		return nil, err
	}
	o := file.Options{Readable: mode == "r", Writable: mode == "w", Buffering: file.BufferNone, Answers: true, Ended: p.ended}
	return file.New(file.OS(ours), o), nil
}

// ownGroup gives a program a process group of its own, so that killing it ends
// also those that it started.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func kill(cmd *exec.Cmd) {
	if cmd.SysProcAttr != nil && cmd.SysProcAttr.Setpgid {
		_ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
	}
	_ = cmd.Process.Kill()
}

// exitStatus returns how a program ended, as io.popen's close tells ("exit" or
// "signal", and its number) and as os.execute does: the status of wait(2).
func exitStatus(p *os.ProcessState) (how string, code, raw int) {
	ws, ok := p.Sys().(syscall.WaitStatus)
	switch {
	case !ok:
		return "exit", p.ExitCode(), p.ExitCode() << 8
	case ws.Signaled():
		return "signal", int(ws.Signal()), int(ws)
	}
	return "exit", ws.ExitStatus(), int(ws)
}
