//go:build unix

package process

import (
	"errors"
	"io"
	"os"
	"syscall"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/file"
	"wirelua/stdlib/internal/sys"
)

// stream makes the child's descriptor i, one of the first three.
func (l *launch) stream(i int, v lua.LValue, name string) error {
	if v == lua.LNil {
		v = lua.LString("inherit")
	}
	word, ok := v.(lua.LString)
	if !ok {
		return l.hand(v, name)
	}
	switch word {
	case "null":
		return l.null()
	case "pipe":
		return l.pipe(i)
	case "inherit":
		if i == 0 {
			return l.inheritInput()
		}
		return l.inheritOutput(i)
	}
	l.opts.Error(`option '%s' must be "inherit", "null", "pipe", or a socket, pipe or file, got '%s'`, name, word)
	return nil
}

// files makes the child's descriptors from 3 on.
func (l *launch) files() error {
	t := l.opts.Table("files", "an array")
	if t == nil {
		return nil
	}
	for i := 1; i <= t.Len(); i++ {
		if err := l.hand(t.RawGetInt(i), "files"); err != nil {
			return err
		}
	}
	return nil
}

// give adds a descriptor, which is the launch's from then on, to the child's.
func (l *launch) give(fd int, err error) error {
	if err != nil {
		return err
	}
	if err := l.hold(); err != nil {
		_ = unix.Close(fd)
		return err
	}
	l.fds = append(l.fds, fd)
	return nil
}

// hold counts a descriptor until the launch is over.
func (l *launch) hold() error {
	err := l.net.Hold(1)
	if err == nil {
		l.held++
	}
	return err
}

func (l *launch) null() error {
	return l.give(unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0))
}

func (l *launch) pipe(i int) error {
	ours, theirs, err := l.net.PipeEnd(i == 0)
	if err != nil {
		return err
	}
	l.ours[i] = newFile(ours, i != 0, i == 0)
	if i == 0 {
		l.feed = ours
	}
	return l.give(theirs, nil)
}

// inheritInput hands on the interpreter's standard input, if it is an open file:
// copying from another reader would take input that nobody asked for.
func (l *launch) inheritInput() error {
	if fd := hostFile(l.s.Interp().Config().Stdin); fd >= 0 {
		return l.give(fd, nil)
	}
	return l.null()
}

func (l *launch) inheritOutput(i int) error {
	in := l.s.Interp()
	host, to := in.Config().Stdout, in.Stdout()
	if i == 2 {
		host, to = in.Config().Stderr, in.Stderr()
	}
	if fd := hostFile(host); fd >= 0 {
		return l.give(fd, nil)
	}
	if host == nil || host == io.Discard {
		return l.null()
	}
	if err := l.hold(); err != nil {
		return err
	}
	fds, err := sys.Pipe()
	if err != nil {
		return err
	}
	_ = unix.SetNonblock(fds[0], true) // for the poller, so that closing it ends the copying
	l.pumps = append(l.pumps, &pump{from: os.NewFile(uintptr(fds[0]), "pipe"), to: to, done: make(chan struct{})})
	return l.give(fds[1], nil)
}

// pump copies a child's output to a stream of the host's that is no file.
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

// hostFile returns a copy of the descriptor of a stream of the host's that is an
// open file a child can use, or wraps one; -1 for any other. Its mode is the host's
// affair.
func hostFile(stream any) int {
	c, ok := stream.(syscall.Conn)
	if !ok {
		return -1
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return -1
	}
	copied := -1
	_ = raw.Control(func(fd uintptr) {
		if usable(int(fd)) {
			copied, err = sys.Dup(int(fd))
		} else {
			copied, err = reopen(int(fd))
		}
		if err != nil {
			copied = -1
		}
	})
	return copied
}

// usable reports whether a child can do with a descriptor as it is: one that
// blocks, or never has to.
func usable(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_NONBLOCK == 0 {
		return err == nil
	}
	var st unix.Stat_t
	return unix.Fstat(fd, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG
}

// holder is what may have a descriptor of the funnel's and add nothing to it, as a TLS
// connection does: bare is false then. A closed one has none.
type holder interface {
	Bare() (fd *sys.FD, bare bool)
}

func bare(v any) bool {
	h, ok := v.(holder)
	if ok {
		_, ok = h.Bare()
	}
	return ok
}

// hand hands over a socket, a pipe or a file.
func (l *launch) hand(v lua.LValue, name string) error {
	ud, ok := v.(*lua.LUserData)
	if !ok {
		l.opts.Error("option '%s': socket, pipe or file expected, got %s", name, v.Type())
	}
	switch o := ud.Value.(type) {
	case holder:
		fd, bare := o.Bare()
		if !bare {
			break
		}
		if fd == nil {
			return &interp.OpError{Code: "EBADF", Errno: unix.EBADF, Message: "option '" + name + "': the socket is closed"}
		}
		l.nothingAhead(name, ud.Value.(interface{ Buffered() int }).Buffered())
		return l.share(fd)
	case *file.File:
		return l.handFile(o, name)
	}
	l.opts.Error("option '%s': socket, pipe or file expected that has a descriptor of its own, got %s", name, l.s.Display(v))
	return nil
}

// share hands over a descriptor of the funnel's.
func (l *launch) share(fd *sys.FD) error {
	if err := fd.Share(l.s); err != nil {
		return err
	}
	return l.give(sys.Dup(fd.Fileno()))
}

func (l *launch) handFile(f *file.File, name string) error {
	fd := f.Fileno()
	if fd < 0 {
		if name != "stdin" && f.Writable && !f.Closed() {
			return l.handOutput(f)
		}
		return &interp.OpError{Code: "EBADF", Errno: unix.EBADF, Message: "option '" + name + "': the file has no open descriptor"}
	}
	own := l.net.Find(fd)
	if own != nil && !bare(f.Stream()) {
		l.opts.Error("option '%s': the file stands for more than its descriptor: a TLS connection", name)
	}
	// The child shall begin where the script is.
	if err := f.Settle(l.s); err != nil && !errors.Is(err, syscall.ESPIPE) {
		return err
	}
	if f.Readable {
		l.nothingAhead(name, f.Buffered())
	}
	if own != nil {
		return l.share(own)
	}
	if !usable(fd) {
		if again, err := reopen(fd); err == nil {
			return l.give(again, nil)
		}
	}
	return l.give(sys.Dup(fd))
}

// handOutput hands over io.stdout or io.stderr of a host whose streams are no files.
func (l *launch) handOutput(f *file.File) error {
	switch standard := file.StandardOf(l.s.Interp()); f {
	case standard.Stdout:
		return l.inheritOutput(1)
	case standard.Stderr:
		return l.inheritOutput(2)
	}
	return &interp.OpError{Code: "EBADF", Errno: unix.EBADF, Message: "the file has no descriptor"}
}

// nothingAhead raises an error when a script has read on in what it hands over:
// the child would never see that.
func (l *launch) nothingAhead(name string, n int) {
	if n > 0 {
		l.opts.Error("option '%s': %d bytes have been read ahead, which the child would not get; read them first", name, n)
	}
}
