//go:build unix

package tls

import (
	"io"
	"strings"

	"wirelua/interp"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/sys"
)

func makefile(s *interp.State) int {
	c := open(s, "")
	mode := s.OptStr(2, "rw")
	if mode == "" || strings.Trim(mode, "rwb") != "" {
		s.ArgError(2, "mode must be made of r, w and b, got '%s'", mode)
	}
	name := ""
	if c.peer != nil {
		name = c.peer.String()
	}
	c.files++
	return s.PushFile(interp.NewFile(&fileStream{c}, interp.FileOptions{
		Readable:  strings.Contains(mode, "r"),
		Writable:  strings.Contains(mode, "w"),
		Buffering: interp.BufferFull,
		Name:      name,
	}))
}

var _ interp.Abandoner = (*fileStream)(nil)

// fileStream is a connection as a file sees it: whether or not the script has
// closed the connection itself.
type fileStream struct{ c *Conn }

func (f *fileStream) Read(s *interp.State, p []byte) (int, error) {
	data, err := conn.Receive(s, below{f.c}, len(p), 0, f.c.Limit())
	if err == nil && data == "" && len(p) > 0 {
		err = io.EOF
	}
	return copy(p, data), err
}

func (f *fileStream) Write(s *interp.State, p []byte) (n int, err error) {
	data := string(p)
	for n < len(data) && err == nil {
		var m int
		m, err = f.c.send(s, data[n:], 0, f.c.Limit())
		n += m
	}
	return n, err
}

func (f *fileStream) Close(s *interp.State) error {
	f.c.files--
	return f.c.release(s)
}

// Abandon is called when the script dropped the file: what it wrote goes out if
// there is room for it at once.
func (f *fileStream) Abandon(rest []byte) {
	if len(rest) > 0 {
		f.c.fd.Hold(func() { f.c.e.last(rest) })
	}
}

func (f *fileStream) Fileno() int   { return f.c.fd.Fileno() }
func (f *fileStream) Buffered() int { return f.c.Buffered() }

type below struct{ *Conn }

func (b below) Recv(s *interp.State, n, flags int, lim sys.Limit) (string, error) {
	return b.recv(s, n, flags, lim)
}
