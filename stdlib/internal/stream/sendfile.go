//go:build unix

package stream

import (
	"errors"
	"io"
	"math"
	"os"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// Sender sends count bytes of the file open as descriptor in from offset on, fewer
// when it is shorter, and returns how many went also when it fails.
type Sender func(s *interp.State, in int, offset, count int64, lim sys.Limit) (int64, error)

// SendFile is the method sendfile of a connection. Files that have no positions are
// read and sent; send is for the others. about completes its errors.
func SendFile(s *interp.State, t Transport, send Sender, about func(error) error) int {
	offset := s.OptInt(3, 0)
	count := s.OptInt(4, math.MaxInt64)
	if offset < 0 || count < 0 {
		s.ArgError(3, "offset and count must be 0 or more")
	}
	in, file, done, err := fileArg(s, 2)
	if err != nil {
		return s.Raise(err)
	}
	defer done()
	lim := t.Limit()
	sent, err := send(s, in, int64(offset), int64(count), lim)
	if file != nil && sent == 0 && (err == unix.ESPIPE || err == unix.EINVAL) {
		sent, err = copyFile(s, t, file, int64(offset), int64(count), lim)
	}
	if err == unix.EAGAIN {
		return s.Return(lua.LNil, lua.LString("EAGAIN"), lua.LNumber(sent))
	}
	if err != nil {
		e := *interp.AsOpError(about(err))
		e.Extra = map[string]lua.LValue{"sent": lua.LNumber(sent)}
		return s.Raise(&e)
	}
	return s.Return(lua.LNumber(sent))
}

// fileArg returns the descriptor of what argument n is, to be closed by done: a path,
// or a file, which is returned, too. That one's is a copy: another thread may close
// the file, and its number be another's then.
func fileArg(s *interp.State, n int) (in int, file *interp.File, done func(), err error) {
	ud, ok := s.Get(n).(*lua.LUserData)
	if !ok {
		path := s.Str(n)
		f, err := s.Interp().Policy().OpenFile(path, os.O_RDONLY, 0)
		if err != nil {
			e := *interp.AsOpError(err)
			e.Address = path
			return -1, nil, nil, &e
		}
		return int(f.Fd()), nil, func() { f.Close() }, nil
	}
	file, ok = ud.Value.(*interp.File)
	if !ok || file.Fileno() < 0 {
		s.TypeError(n, "path or open file")
	}
	if err := file.Settle(s); err != nil && !errors.Is(err, unix.ESPIPE) {
		return -1, nil, nil, err
	}
	in, err = unix.FcntlInt(uintptr(file.Fileno()), unix.F_DUPFD_CLOEXEC, 0)
	return in, file, func() { unix.Close(in) }, err
}

// copyFile reads and sends, from where the file is.
func copyFile(s *interp.State, t Transport, file *interp.File, offset, count int64, lim sys.Limit) (sent int64, err error) {
	p := make([]byte, 65536)
	for pos := int64(0); sent < count; {
		n, err := file.Read(s, p)
		if err == io.EOF {
			return sent, nil
		}
		if err != nil {
			return sent, err
		}
		skip := min(int64(n), max(0, offset-pos))
		pos += int64(n)
		data := string(p[skip:n])
		data = data[:min(int64(len(data)), count-sent)]
		m, err := t.SendAll(s, data, 0, lim)
		sent += int64(m)
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}
