//go:build unix

package process

import (
	"io"
	"math"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/file"
	"wirelua/stdlib/internal/sys"
)

var (
	_ file.Timeouter = (*pipe)(nil)
	_ file.Abandoner = (*pipe)(nil)
)

// pipe is one end of a pipe, or a socket, as a file sees it.
type pipe struct{ fd *sys.FD }

func newFile(fd *sys.FD, readable, writable bool) *file.File {
	return file.New(&pipe{fd}, file.Options{
		Readable: readable, Writable: writable, Buffering: file.BufferNone,
	})
}

func (p *pipe) Read(s *interp.State, b []byte) (int, error) {
	n, err := p.fd.Read(s, b, p.fd.Limit().Begin(s, 0))
	if err == nil && n == 0 && len(b) > 0 {
		err = io.EOF
	}
	return n, closedBy(err)
}

func (p *pipe) Write(s *interp.State, b []byte) (int, error) {
	n, err := p.fd.Write(s, b, p.fd.Limit().Begin(s, 0))
	return n, closedBy(err)
}

// closedBy tells a file that was closed meanwhile from other errors.
func closedBy(err error) error {
	if err == unix.EBADF {
		return os.ErrClosed
	}
	return err
}

func (p *pipe) Close(s *interp.State) error { return p.fd.CloseUntold(s) }
func (p *pipe) Abandon(rest []byte)         { p.fd.Abandon(rest) }
func (p *pipe) Fileno() int                 { return p.fd.Fileno() }
func (p *pipe) Bare() (*sys.FD, bool)       { return p.fd, true }

func (p *pipe) SetTimeout(d time.Duration, limited bool) {
	if p.fd.Timeout = d; !limited {
		p.fd.Timeout = -1
	}
}

func (p *pipe) Timeout() (time.Duration, bool) { return max(p.fd.Timeout, 0), p.fd.Timeout >= 0 }

func newPipe(s *interp.State) int {
	r, w, err := sys.NetOf(s.Interp()).Pipe()
	if err != nil {
		return s.Raise(err)
	}
	return file.Push(s, newFile(r, true, false)) + file.Push(s, newFile(w, false, true))
}

// fdopen takes a descriptor over: a child opens what it was handed as 3, 4... with
// it. A number that something here has is copied instead.
func fdopen(s *interp.State) int {
	n := sys.NetOf(s.Interp())
	fd := s.IntRange(1, 0, math.MaxInt32, "fd")
	taken := n.Find(fd) == nil && file.Has(s.Interp(), fd)
	may := n.MayTake
	if taken {
		may = n.MayUse
	}
	if err := may(fd); err != nil {
		return s.Raise(err)
	}
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return s.Raise(err)
	}
	readable, writable := access(s, flags)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return s.Raise(err)
	}
	if taken {
		if fd, err = n.Copy(fd); err != nil {
			return s.Raise(err)
		}
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFIFO, unix.S_IFSOCK:
		f, err := n.OpenPipe(fd)
		if err != nil {
			return s.Raise(err)
		}
		return file.Push(s, newFile(f, readable, writable))
	}
	if err := n.Hold(1); err != nil {
		return s.Raise(err)
	}
	defer n.Release(1)
	own, err := n.Own(fd)
	if err != nil {
		return s.Raise(err)
	}
	return file.Push(s, file.New(file.OS(os.NewFile(uintptr(own), "file")), file.Options{
		Readable: readable, Writable: writable, Buffering: file.BufferNone,
	}))
}

// access reads argument 2, a mode; without one a descriptor is opened for what it
// can do.
func access(s *interp.State, flags int) (readable, writable bool) {
	if s.Absent(2) {
		mode := flags & unix.O_ACCMODE
		return mode != unix.O_WRONLY, mode != unix.O_RDONLY
	}
	switch strings.ReplaceAll(s.Str(2), "b", "") {
	case "r":
		return true, false
	case "w", "a":
		return false, true
	case "rw", "r+", "w+":
		return true, true
	}
	s.ArgError(2, "mode must be r, w or rw, got '%s'", s.Str(2))
	return false, false
}
