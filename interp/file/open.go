package file

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"wirelua/interp"
	"wirelua/interp/internal/osfile"
)

// Open opens a file of the host's, as io.open does; flag is os.OpenFile's. The policy is asked, and
// others run while a FIFO waits for its other end. Errors are a *policy.Denied, a
// *fs.PathError, an *interp.OpError at a limit, or why the thread was interrupted. The file is the
// caller's to close, unless it makes an object of it with Push.
func Open(s *interp.State, name string, flag int) (*File, error) {
	done, err := hold(s.Interp(), 1)
	if err != nil {
		return nil, err
	}
	defer done()
	f, first, err := osfile.Open(s.Interp().Policy().OpenFile, name, flag, s.Thread().Sleep)
	if err != nil {
		return nil, err
	}
	opened := newOSFile(f, flag)
	opened.rbuf, opened.t.name = first, name
	return opened, nil
}

// newOSFile makes the File of what was opened with flag.
func newOSFile(f *os.File, flag int) *File {
	access := flag & (os.O_RDONLY | os.O_WRONLY | os.O_RDWR)
	o := Options{Readable: access != os.O_WRONLY, Writable: access != os.O_RDONLY, Answers: true}
	stream := OS(f)
	_, regular := stream.(*osFile)
	if !regular {
		o.Buffering = BufferNone // somebody may be waiting at the other end
	}
	opened := New(stream, o)
	if regular {
		opened.want = 4 << 10 // it costs no memory while it waits, as it never does
		if flag&os.O_APPEND != 0 && !o.Readable {
			_, _ = f.Seek(0, io.SeekEnd) // for file:seek(), which tells the size then
		}
	}
	return opened
}

// CreateTemp creates a file of a new name in the folder for such files, readable by its owner alone. It
// is for reading, too, if flag has os.O_RDWR. name is what an error is about.
func CreateTemp(in *interp.Engine, flag int) (f *os.File, name string, err error) {
	p := in.Policy()
	name = os.TempDir() // a rule for the one file would be of no use
	if err = p.Write(name); err == nil && flag&os.O_RDWR != 0 {
		err = p.Read(name)
	}
	if err != nil {
		return nil, name, err
	}
	for range 100 {
		name = filepath.Join(os.TempDir(), "lua_"+strconv.FormatUint(rand.Uint64(), 36))
		f, err = p.OpenFile(name, flag|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return f, name, err
}

// Temp opens a file without a name: it is gone when it is closed, however that comes. name is
// what an error is about.
func Temp(in *interp.Engine) (opened *File, name string, err error) {
	if err := in.DescriptorRoom(1); err != nil {
		return nil, "", err
	}
	f, name, err := CreateTemp(in, os.O_RDWR)
	if err != nil {
		return nil, name, err
	}
	if err := in.Policy().Remove(name); err != nil {
		f.Close()
		return nil, name, err
	}
	opened = newOSFile(f, os.O_RDWR)
	opened.t.name = name
	return opened, name, nil
}
