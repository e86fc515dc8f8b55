//go:build unix

package child

import (
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/interp/file"
)

// ShellPath returns the shell to run, if the run door lets it through.
func ShellPath(in *interp.Engine) (string, error) {
	path, err := in.Policy().RunPath("sh")
	if path == "sh" {
		path = "/bin/sh"
	}
	return path, err
}

// shell has the shell run a command on the interpreter's own streams, but for the one that is
// piped, 0 or 1: of that, ours is the other end. -1 is none.
func shell(s *interp.State, command string, piped int) (c *Child, ours *file.File, err error) {
	l := NewLaunch(s)
	defer l.Close()
	p := Program{Argv: []string{"sh", "-c", command}, Env: Env(l.in)}
	if p.Path, err = ShellPath(l.in); err != nil {
		return nil, nil, err
	}
	s.FlushOutput() // what was written before shall stand before
	for stream := range 3 {
		if stream == piped {
			ours, err = l.pipe(piped == 0)
		} else {
			err = l.Inherit(stream)
		}
		if err != nil {
			break
		}
	}
	if piped == 0 {
		p.Feed = ours
	}
	if err == nil {
		c, err = l.Start(p)
	}
	if err != nil && ours != nil {
		_ = ours.Close(s)
	}
	return c, ours, err
}

// pipe makes a pipe the next descriptor, and returns the file of its other end.
func (l *Launch) pipe(write bool) (*file.File, error) {
	if err := l.hold(1); err != nil { // until it is a script's
		return nil, err
	}
	ours, theirs, err := pipe(write)
	if err != nil {
		return nil, err
	}
	if err := l.Give(theirs, nil); err != nil {
		_ = ours.Close()
		return nil, err
	}
	return file.New(file.OS(ours), file.Options{Readable: !write, Writable: write, Buffering: file.BufferNone, Answers: true}), nil
}

// Popen has the shell run a command, and returns a file that reads its output or, with mode "w",
// writes its input. Closing that waits for the program's end.
func Popen(s *interp.State, command, mode string) (*file.File, error) {
	piped := 1
	if mode == "w" {
		piped = 0
	}
	c, f, err := shell(s, command, piped)
	if err != nil {
		return nil, err
	}
	f.Ended = c.told
	return f, nil
}

// told waits for the program to end, and tells how it did as io.popen's close does.
func (c *Child) told(s *interp.State) ([]lua.LValue, error) {
	if err := c.Await(s, time.Time{}); err != nil {
		return nil, err
	}
	switch status, err := c.Status(); {
	case err != nil:
		return nil, err
	case status.Signaled():
		return []lua.LValue{lua.LString("signal"), lua.LNumber(status.Signal())}, nil
	default:
		return []lua.LValue{lua.LString("exit"), lua.LNumber(status.ExitStatus())}, nil
	}
}

// Execute has the shell run a command, waits for its end, and returns its status as of wait(2).
func Execute(s *interp.State, command string) (syscall.WaitStatus, error) {
	c, _, err := shell(s, command, -1)
	if err != nil {
		return 0, err
	}
	if err := c.Await(s, time.Time{}); err != nil {
		c.signalAll(syscall.SIGKILL) // nobody could ever ask for it again
		return 0, err
	}
	return c.Status()
}
