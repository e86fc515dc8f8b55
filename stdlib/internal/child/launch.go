//go:build unix

package child

import (
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/file"
	"wirelua/stdlib/internal/sys"
)

// Program is what is started.
type Program struct {
	Path string
	Argv []string
	Env  []string // never nil, which would mean all of ours
	Dir  string   // which it begins in; "" is ours

	Feed *file.File // by which its standard input is written to; or nil
}

// Launch collects the descriptors that a program gets, from its standard input on. It owns
// them until Start has passed them on, or Close is called, which must be.
type Launch struct {
	s       *interp.State
	in      *interp.Engine
	all     *children
	fds     []int // copies, closed once the program has them
	held    int   // how many descriptors are counted for these and the pumps
	pumps   []*pump
	started bool
}

// NewLaunch begins to start a program.
func NewLaunch(s *interp.State) *Launch {
	return &Launch{s: s, in: s.Interp(), all: childrenOf(s.Interp())}
}

// Give makes fd, which is the launch's from then on, the program's next descriptor; it returns err,
// which is that of getting fd, if there is one. The error may also be that of a limit (EMFILE).
func (l *Launch) Give(fd int, err error) error {
	if err != nil {
		return err
	}
	if err := l.hold(1); err != nil {
		_ = unix.Close(fd)
		return err
	}
	l.fds = append(l.fds, fd)
	return nil
}

// hold counts descriptors until the launch is over.
func (l *Launch) hold(n int) error {
	err := l.in.DescriptorRoom(n)
	if err == nil {
		l.held += n
		l.all.held += n
	}
	return err
}

// Null makes the null device the next descriptor.
func (l *Launch) Null() error {
	return l.Give(unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0))
}

// Again makes the descriptor that the program gets as number i the next one, too.
func (l *Launch) Again(i int) error { return l.Give(sys.Dup(l.fds[i])) }

// Inherit makes one of the interpreter's own streams the next descriptor: 0, 1 or 2. Standard input
// that is no open file is the null device: copying from another reader would take input that
// nobody asked for. To an output that is none, what the program writes is copied.
func (l *Launch) Inherit(stream int) error {
	if stream == 0 {
		if fd := hostFile(l.in.Config().Stdin); fd >= 0 {
			return l.Give(fd, nil)
		}
		return l.Null()
	}
	to := l.in.Stdout()
	if stream == 2 {
		to = l.in.Stderr()
	}
	if fd := hostFile(to.Host()); fd >= 0 {
		return l.Give(fd, nil)
	}
	if to.Host() == io.Discard {
		return l.Null()
	}
	return l.pump(to)
}

// pump makes a pipe the next descriptor, from which is copied to an output.
func (l *Launch) pump(to io.Writer) error {
	if err := l.hold(1); err != nil {
		return err
	}
	from, theirs, err := pipe(false)
	if err != nil {
		return err
	}
	l.pumps = append(l.pumps, &pump{from: from, to: to, done: make(chan struct{})})
	return l.Give(theirs, nil)
}

// pipe opens a pipe of which we have one end, on Go's poller, and a program the other, a bare
// descriptor that blocks and is close-on-exec.
func pipe(write bool) (ours *os.File, theirs int, err error) {
	fds, err := sys.Pipe()
	if err != nil {
		return nil, -1, err
	}
	if write {
		fds[0], fds[1] = fds[1], fds[0]
	}
	_ = unix.SetNonblock(fds[0], true)
	return os.NewFile(uintptr(fds[0]), "pipe"), fds[1], nil
}

// Start starts the program. The turn is given up while the system loads it.
func (l *Launch) Start(p Program) (*Child, error) {
	closeOnExec()
	if err := l.in.DescriptorRoom(toWait); err != nil {
		return nil, err
	}
	attr := &syscall.ProcAttr{Dir: p.Dir, Env: p.Env, Sys: &syscall.SysProcAttr{Setpgid: !foreground(l.in)}}
	for _, fd := range l.fds {
		attr.Files = append(attr.Files, uintptr(fd))
	}
	c := &Child{group: attr.Sys.Setpgid, pumps: l.pumps, done: make(chan struct{})}
	if p.Feed != nil {
		c.feed = p.Feed.Dropped()
	}
	var err error
	l.s.Thread().Outside(func() { // not os/exec, nor os.StartProcess, which take files and may change their mode
		c.PID, _, err = syscall.StartProcess(p.Path, p.Argv, attr)
	}, nil)
	if err != nil {
		return nil, err
	}
	l.started = true
	l.Close()
	l.all.add(c)
	return c, nil
}

// Close closes the program's descriptors, of which it has copies if it was started.
func (l *Launch) Close() {
	for _, fd := range l.fds {
		_ = syscall.Close(fd)
	}
	l.fds = nil
	l.all.held -= l.held
	l.held = 0
	if !l.started {
		for _, p := range l.pumps {
			_ = p.from.Close()
		}
	}
}

// pump copies a program's output to a stream of the host's that is no file.
type pump struct {
	from *os.File
	to   io.Writer
	done chan struct{}
}

func (p *pump) run() {
	defer close(p.done)
	_, _ = io.Copy(p.to, p.from)
	_ = p.from.Close()
}
