//go:build unix

package conn

import (
	"io"
	"strings"

	"wirelua/interp"
	"wirelua/interp/file"
	"wirelua/stdlib/internal/sys"
)

func makefile(s *interp.State) int {
	c := Open(s, "")
	mode := s.OptStr(2, "rw")
	if mode == "" || strings.Trim(mode, "rwb") != "" {
		s.ArgError(2, "mode must be made of r, w and b, got '%s'", mode)
	}
	name := ""
	if c.Peer != nil {
		name = c.Peer.String()
	}
	c.files++
	return file.Push(s, file.New(&fileStream{c}, file.Options{
		Readable:  strings.Contains(mode, "r"),
		Writable:  strings.Contains(mode, "w"),
		Buffering: file.BufferFull,
		Name:      name,
	}))
}

var (
	_ file.Abandoner = (*fileStream)(nil)
	_ file.Shared    = (*fileStream)(nil)
)

// fileStream is a connection as a file sees it: whether or not the script has closed the connection
// itself.
type fileStream struct{ c *Conn }

func (f *fileStream) Read(s *interp.State, p []byte) (int, error) {
	r := reading{c: f.c, lim: f.c.Begin(s, 0), file: true}
	data, err := r.receive(s, len(p), 0)
	if err == nil && data == "" && len(p) > 0 {
		err = io.EOF
	}
	return copy(p, data), err
}

// Fill reads ahead for all who read the connection.
func (f *fileStream) Fill(s *interp.State, n int) error {
	r := reading{c: f.c, lim: f.c.Begin(s, 0), file: true}
	more, err := r.fill(s, n)
	if err == nil && !more {
		err = io.EOF
	}
	return err
}

func (f *fileStream) Ahead() (p []byte, taken int) { return f.c.b, f.c.taken }
func (f *fileStream) Take(n int)                   { f.c.drop(n) }

func (f *fileStream) Unread(p []byte) {
	f.c.Unread(p)
	tell(f.c.t)
}

func (f *fileStream) Watched() *interp.Watches { return watches(f.c.t) }

func (f *fileStream) Write(s *interp.State, p []byte) (int, error) {
	w := sending{c: f.c, lim: f.c.Begin(s, 0), file: true}
	err := w.run(s, string(p))
	return w.sent, err
}

func (f *fileStream) Close(s *interp.State) error {
	f.c.files--
	return f.c.release(s)
}

// Abandon is called when the script dropped the file: what it wrote goes out if there is room for
// it at once.
func (f *fileStream) Abandon(rest []byte) {
	if len(rest) > 0 {
		f.c.t.Abandon(rest)
	}
}

func (f *fileStream) Fileno() int { return fileno(f.c.t) }

// Bare is Conn.Bare, but for that the connection may be closed.
func (f *fileStream) Bare() (fd *sys.FD, ok bool) {
	if b, ok := f.c.t.(Bare); ok {
		return b.Bare(), true
	}
	return nil, false
}

func (f *fileStream) Buffered() int { return f.c.Buffered() }
