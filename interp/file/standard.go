package file

import (
	"io"
	"os"
	"syscall"

	"wirelua/interp"
)

// Standard are the files of an interpreter's standard streams: what io.stdin and its like
// are, and print and dofile use (interp.Streams) once SetStreams was called with them.
type Standard struct{ Stdin, Stdout, Stderr *File }

type standardKey struct{}

// StandardOf returns an interpreter's standard files.
func StandardOf(in *interp.Engine) *Standard {
	return in.Local(standardKey{}, func() any {
		t := &Standard{newStdin(in.Config().Stdin), newOutput(in.Stdout()), newOutput(in.Stderr())}
		in.OnClose(t.finish)
		return t
	}).(*Standard)
}

// Print makes Standard an interp.Streams.
func (t *Standard) Print(s *interp.State, text string) error {
	_, err := t.Stdout.Write(s, text)
	return err
}

// ReadAll makes Standard an interp.Streams.
func (t *Standard) ReadAll(s *interp.State) (string, error) {
	return t.Stdin.readUpTo(s, interp.MaxSource+1)
}

// Flush makes Standard an interp.Streams.
func (t *Standard) Flush(s *interp.State) {
	_ = t.Stdout.Flush(s) // nobody asked, so nobody can be told
	_ = t.Stderr.Flush(s)
}

// finish writes what scripts have buffered, when there is no thread to do it.
func (t *Standard) finish() {
	for _, f := range []*File{t.Stdout, t.Stderr} {
		if rest := f.t.wbuf; len(rest) > 0 {
			f.t.wbuf = nil
			_, _ = f.t.stream.(output).Output.Write(rest)
		}
	}
}

// Host reports whether the file is one of the host's, io.stdin and its like, which
// a script uses but did not open.
func (f *File) Host() bool { return f.standard }

// output is the Stream of standard output or error.
type output struct{ *interp.Output }

// newOutput makes the File by which scripts write, so that print and io.write keep their order.
// Each write goes out at once: somebody may be waiting for that line at the
// other end of a pipe.
func newOutput(o *interp.Output) *File {
	f := New(output{o}, Options{Writable: true, Answers: true, Buffering: BufferNone})
	f.standard = true
	return f
}

func (o output) Read(*interp.State, []byte) (int, error)            { return 0, syscall.EBADF }
func (o output) Write(s *interp.State, p []byte) (n int, err error) { return o.WriteFor(s, p) }
func (o output) Close(*interp.State) error                          { return nil }
func (o output) Fileno() int                                        { return fileno(o.Host()) }

// newStdin returns the File of the interpreter's standard input.
func newStdin(r io.Reader) *File {
	var stream Stream = input{interp.NewInput(r)}
	if f, ok := r.(*os.File); ok && f != nil {
		stream = newOSStream(f, true)
	}
	f := New(stream, Options{Readable: true, Answers: true})
	f.standard = true
	return f
}

// input is a Stream over any reader.
type input struct{ *interp.Input }

func (i input) Write(*interp.State, []byte) (int, error) { return 0, syscall.EBADF }

// fileno returns the descriptor of what is an *os.File, or wraps one that it can do
// without; else -1.
func fileno(v any) int {
	f, ok := v.(syscall.Conn)
	if !ok {
		return -1
	}
	fd := -1
	_ = interp.Guard(func() error {
		raw, err := f.SyscallConn() // not Fd, which makes the descriptor block
		if err != nil {
			return err
		}
		return raw.Control(func(n uintptr) { fd = int(n) })
	})
	return fd
}
