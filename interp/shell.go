package interp

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

// shellPath returns the shell to run, if the run door lets it through.
func (in *Interpreter) shellPath() (string, error) {
	path, err := in.policy.RunPath("sh")
	if path == "sh" {
		path = "/bin/sh"
	}
	return path, err
}

// startShell has the shell run a command, on the interpreter's own streams but for
// stdin and stdout when given.
func (in *Interpreter) startShell(s *State, command string, stdin, stdout *os.File) (*shell, error) {
	path, err := in.shellPath()
	if err != nil {
		return nil, err
	}
	in.io.flush(s) // what was written before shall stand before
	cmd := &exec.Cmd{
		Path: path, Args: []string{"sh", "-c", command}, Env: in.childEnv(), WaitDelay: lateOutput,
		Stdin: childInput(in.config.Stdin), Stdout: childOutput(in.stdout), Stderr: childOutput(in.stderr),
	}
	if stdin != nil {
		cmd.Stdin = stdin
	}
	if stdout != nil {
		cmd.Stdout = stdout
	}
	if !in.Foreground() {
		ownGroup(cmd)
	}
	if err := in.DescriptorRoom(cost(cmd)); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return in.io.shells.add(cmd, stdin != nil), nil
}

// cost is how many descriptors go with a program: one to wait for it by, and a pipe's end
// for each output that is copied to a writer.
func cost(cmd *exec.Cmd) int {
	n := 1
	for _, w := range []io.Writer{cmd.Stdout, cmd.Stderr} {
		if _, ok := w.(*output); ok {
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
func (p *shell) wait(s *State) error {
	return s.thread.Block(func(ctx context.Context) {
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
func childOutput(o *output) io.Writer {
	if f := fileOf(o.w); f != nil && f.SetWriteDeadline(time.Time{}) != nil {
		return f
	}
	if o.w == io.Discard {
		return nil
	}
	return o
}

// childEnv returns the environment of programs: what the env door lets a script
// read. It is not nil, which would mean all.
func (in *Interpreter) childEnv() []string {
	return in.policy.Environ(os.Environ())
}

// program is the Stream of io.popen.
type program struct {
	*osPipe
	p *shell
}

// Close closes the pipe and waits for the program to end.
func (p program) Close(s *State) error {
	if err := p.osPipe.Close(s); err != nil {
		return err
	}
	return p.p.wait(s)
}

func (p program) closeValues() []lua.LValue {
	how, code, _ := exitStatus(p.p.cmd.ProcessState)
	return []lua.LValue{lua.LString(how), lua.LNumber(code)}
}

// popen is io.popen(command, mode).
func (in *Interpreter) popen(s *State, command, mode string) (*File, error) {
	done, err := in.io.hold(2)
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
		p, err = in.startShell(s, command, nil, w)
	} else {
		ours, theirs = w, r
		p, err = in.startShell(s, command, r, nil)
	}
	theirs.Close()
	if err != nil {
		ours.Close()
		return nil, err
	}
	o := FileOptions{Readable: mode == "r", Writable: mode == "w", Buffering: BufferNone, Answers: true}
	return NewFile(program{&osPipe{f: ours}, p}, o), nil
}
