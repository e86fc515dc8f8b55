//go:build unix

package conn

import (
	"errors"
	"io"
	"math"
	"os"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/file"
	"wirelua/stdlib/internal/sys"
)

// FileSender is a Transport that sends from a file without a copy in memory.
type FileSender interface {
	// SendFile sends count bytes of the file open as descriptor in from offset on, fewer when it is
	// shorter, and returns how many went also when it fails.
	SendFile(s *interp.State, in int, offset, count int64, lim sys.Limit) (int64, error)
}

// sendfile sends a file from offset on. Files that have no positions are read and sent.
func sendfile(s *interp.State) int {
	c := Open(s, "sendfile")
	offset := s.OptInt(3, 0)
	count := s.OptInt(4, math.MaxInt64)
	if offset < 0 || count < 0 {
		s.ArgError(3, "offset and count must be 0 or more")
	}
	f, opened, err := fileArg(s, 2)
	if err != nil {
		return s.Raise(err)
	}
	if opened {
		defer f.Close(s)
	}
	in, done, err := copyOf(s, f, opened)
	if err != nil {
		return s.Raise(err)
	}
	defer done()
	begin, err := f.Begin()
	if err != nil {
		return s.Raise(err)
	}
	lim := c.Begin(s, 0)
	sent, err := c.sendFrom(s, in, begin+int64(offset), int64(count), lim)
	if sent == 0 && (err == unix.ESPIPE || err == unix.EINVAL) {
		sent, err = c.copyFile(s, f, int64(offset), int64(count), lim)
	}
	if err != nil {
		return failSent(s, c.About(err), sent)
	}
	return s.Return(lua.LNumber(sent))
}

// maxPiece is how much of a file is in memory at a time.
const maxPiece = 64 << 10

// sendFrom is FileSender's SendFile, for every transport. Who is observed has the bytes seen.
func (c *Conn) sendFrom(s *interp.State, in int, offset, count int64, lim sys.Limit) (sent int64, err error) {
	if direct, ok := c.t.(FileSender); ok && !sys.NetOf(s.Interp()).Observed() {
		return direct.SendFile(s, in, offset, count, lim)
	}
	p := make([]byte, min(count, maxPiece))
	for sent < count {
		n, err := unix.Pread(in, p[:min(int64(len(p)), count-sent)], offset+sent)
		if err != nil || n == 0 {
			return sent, err
		}
		if err := c.sendPart(s, p[:n], lim, &sent); err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// sendPart sends a part of a file.
func (c *Conn) sendPart(s *interp.State, p []byte, lim sys.Limit, sent *int64) error {
	w := sending{c: c, lim: lim}
	err := w.run(s, string(p))
	*sent += int64(w.sent)
	return err
}

// fileArg returns the file that argument n is, or names: then it is opened here.
func fileArg(s *interp.State, n int) (f *file.File, opened bool, err error) {
	ud, ok := s.Get(n).(*lua.LUserData)
	if !ok {
		path := s.Str(n)
		f, err := file.Open(s, path, os.O_RDONLY)
		if err != nil {
			return nil, false, interp.About(err, path)
		}
		return f, true, nil
	}
	f, ok = ud.Value.(*file.File)
	if !ok || f.Fileno() < 0 {
		s.TypeError(n, "path or open file")
	}
	if err := f.Settle(s); err != nil && !errors.Is(err, unix.ESPIPE) {
		return nil, false, err
	}
	return f, false, nil
}

// copyOf returns a copy of the file's descriptor, to be closed by done: another thread may
// close the file, and its number be another's then.
func copyOf(s *interp.State, f *file.File, opened bool) (in int, done func(), err error) {
	net, held := sys.NetOf(s.Interp()), 1
	if opened { // a file that no script has is not counted otherwise
		held = 2
	}
	if err := net.Hold(held); err != nil {
		return -1, nil, err
	}
	in, err = unix.FcntlInt(uintptr(f.Fileno()), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		net.Release(held)
		return -1, nil, err
	}
	return in, func() { unix.Close(in); net.Release(held) }, nil
}

// copyFile reads and sends, from where the file is.
func (c *Conn) copyFile(s *interp.State, f *file.File, offset, count int64, lim sys.Limit) (sent int64, err error) {
	p := make([]byte, maxPiece)
	for pos := int64(0); sent < count; {
		n, err := f.Read(s, p)
		if err == io.EOF {
			return sent, nil
		}
		if err != nil {
			return sent, err
		}
		skip := min(int64(n), max(0, offset-pos))
		pos += int64(n)
		data := p[skip:n]
		if err := c.sendPart(s, data[:min(int64(len(data)), count-sent)], lim, &sent); err != nil {
			return sent, err
		}
	}
	return sent, nil
}
