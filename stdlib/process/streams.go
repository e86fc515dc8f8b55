//go:build unix

package process

import (
	"errors"
	"syscall"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/file"
	"wirelua/stdlib/internal/child"
	"wirelua/stdlib/internal/sys"
)

// stream makes the child's descriptor i, one of the first three.
func (l *launch) stream(i int, name string) error {
	v := l.opts.Get(name)
	if i == 0 && l.opts.Has("input") {
		return l.input()
	}
	if v == lua.LNil {
		v = lua.LString("inherit")
	}
	word, ok := v.(lua.LString)
	switch {
	case !ok:
		return l.hand(v, name)
	case word == "null":
		return l.launch.Null()
	case word == "pipe":
		return l.pipe(i)
	case word == "inherit":
		return l.launch.Inherit(i)
	case word == "stdout" && i == 2:
		return l.launch.Again(1)
	}
	words := `"inherit", "null", "pipe"`
	if i == 2 {
		words += `, "stdout"`
	}
	l.opts.Wrong(name, words+", or a socket, pipe or file")
	return nil
}

// input makes a pipe the child's standard input, and has the option's text written to it: at once what
// there is room for, and the rest by a thread.
func (l *launch) input() error {
	text, ok := l.opts.Get("input").(lua.LString)
	switch {
	case !ok:
		l.opts.Wrong("input", "a string")
	case l.opts.Has("stdin"):
		l.opts.Error("options 'input' and 'stdin' are two for one stream")
	}
	ours, theirs, err := l.net.PipeEnd(true)
	if err != nil {
		return err
	}
	l.feed = newFile(ours, false, true)
	if err := l.launch.Give(theirs, nil); err != nil {
		return err
	}
	ours.Timeout = 0
	n, err := l.feed.Write(l.s, string(text))
	ours.Timeout = -1
	rest := text[n:]
	switch {
	case rest == "":
		return l.feed.Close(l.s)
	case err != unix.EAGAIN:
		return err
	}
	file.Object(l.s.Interp(), l.feed) // so that it ends with the interpreter
	feed := l.feed
	return l.s.NewThread(true).Start(l.s.NewFunction("spawn", func(s *interp.State) int {
		_, _ = feed.Write(s, string(rest)) // a program need not read all
		_ = feed.Close(s)
		return 0
	}, rest))
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

func (l *launch) pipe(i int) error {
	ours, theirs, err := l.net.PipeEnd(i == 0)
	if err != nil {
		return err
	}
	l.ours[i] = newFile(ours, i != 0, i == 0)
	if i == 0 {
		l.feed = l.ours[0]
	}
	return l.launch.Give(theirs, nil)
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
	return l.launch.Give(sys.Dup(fd.Fileno()))
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
	if copied, err := child.Copy(fd); err == nil {
		return l.launch.Give(copied, nil)
	}
	return l.launch.Give(sys.Dup(fd))
}

// handOutput hands over io.stdout or io.stderr of a host whose streams are no files.
func (l *launch) handOutput(f *file.File) error {
	switch standard := file.StandardOf(l.s.Interp()); f {
	case standard.Stdout:
		return l.launch.Inherit(1)
	case standard.Stderr:
		return l.launch.Inherit(2)
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
