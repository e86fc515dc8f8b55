//go:build unix

package process

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// memory is what a Lua shared memory holds. It is a file in memory that is read
// and written, not mapped: to touch a mapping that another process has made
// shorter would end this one.
type memory struct {
	name string
	size int
	path string
	file *os.File // nil once closed
	open map[*os.File]struct{}
}

var memoryType = &interp.Type{
	Name: "shared_memory",
	Doc:  "memory that several processes have opened; positions begin with 1",
	Methods: []interp.Function{
		{Name: "read", Args: "[pos=1[, n]]", Doc: "the n bytes at pos, or all from there on", Manual: `
		pos integer?: of the first byte, from 1 on
		n integer?: bytes; to the end when left out
		-> string: the bytes
		! EBADF: it is closed
		> local m = process.shared_memory{size = 8}
		> print(#m:read(), m:read(1, 1) == "\0") --> 8	true
		`, Fn: memoryRead},
		{Name: "write", Args: "pos, data", Doc: "puts data at pos; returns true", Manual: `
		pos integer: of the first byte, from 1 on
		data string: must fit
		-> true: always
		! EBADF: it is closed
		> local m = process.shared_memory{size = 8}
		> m:write(3, "hi")
		> print(m:read(3, 2)) --> hi
		`, Fn: memoryWrite},
		{Name: "close", Args: "", Doc: "closes it here; others go on using it; returns true, also when it was closed before", Manual: `
		-> true
		> local m = process.shared_memory{size = 8}
		> print(m:close(), m:close()) --> true	true
		`, Fn: func(s *interp.State) int {
			if err := memorySelf(s).close(); err != nil {
				return s.Raise(err)
			}
			return s.True()
		}},
		{Name: "unlink", Args: "", Doc: "takes its name away: it ends when the last process has closed it; returns true", Manual: `
		-> true
		! ENOENT: it has no name any more
		> local m = process.shared_memory{size = 8}
		> print(m:unlink()) --> true
		`, Fn: memoryUnlink},
		{Name: "with", Args: "fn, ...", Doc: "calls fn(memory, ...), then closes it; gives fn's results or error", Manual: `
		fn fun(memory:shared_memory,...:any):...: called with it
		... any: further arguments
		-> any ...: fn's results
		> print(process.shared_memory{size = 8}:with(function(m) return m.size end)) --> 8
		`, Fn: func(s *interp.State) int {
			m := memorySelf(s)
			return interp.With(s, m.close)
		}},
	},
	Fields: []interp.Field{
		{Name: "name", Type: "string", Doc: "by which other processes open it"},
		{Name: "size", Type: "integer", Doc: "how many bytes it has"},
	},
	Index: func(_ *interp.State, v any, key string) lua.LValue {
		m := v.(*memory)
		switch key {
		case "name":
			return lua.LString(m.name)
		case "size":
			return lua.LNumber(m.size)
		}
		return nil
	},
	String: func(v any) string {
		m := v.(*memory)
		if m.file == nil {
			return fmt.Sprintf("shared_memory(%s, closed)", m.name)
		}
		return fmt.Sprintf("shared_memory(%s, %d bytes)", m.name, m.size)
	},
	Strict: true,
}

func memorySelf(s *interp.State) *memory {
	return interp.ObjectArg[*memory](s, 1, "shared_memory")
}

type memoriesKey struct{}

// memoriesOf returns the files of those that are open in an interpreter.
func memoriesOf(in *interp.Engine) map[*os.File]struct{} {
	return in.Local(memoriesKey{}, func() any {
		all := map[*os.File]struct{}{}
		in.CountDescriptors(func() int { return len(all) })
		in.OnClose(func() {
			for f := range all {
				_ = f.Close()
			}
		})
		return all
	}).(map[*os.File]struct{})
}

type unnamedKey struct{}

// unnamedOf returns the paths of those that an interpreter has made up names for, and
// that nobody has unlinked. They end with it, as it may be that nobody else knows them.
func unnamedOf(in *interp.Engine) map[string]struct{} {
	return in.Local(unnamedKey{}, func() any {
		all := map[string]struct{}{}
		in.OnClose(func() {
			for path := range all {
				_ = in.Policy().Remove(path)
			}
		})
		return all
	}).(map[string]struct{})
}

func (m *memory) close() error {
	if m.file == nil {
		return nil
	}
	f := m.file
	m.file = nil
	delete(m.open, f)
	return f.Close()
}

// sharedMemory is process.shared_memory.
func sharedMemory(s *interp.State) int {
	name, size, create := memoryArgs(s)
	m, err := openMemory(s.Interp(), name, size, create)
	if err != nil {
		return s.Raise(interp.About(err, name))
	}
	if name == "" {
		unnamedOf(s.Interp())[m.path] = struct{}{}
	}
	m.open = memoriesOf(s.Interp())
	m.open[m.file] = struct{}{}
	interp.OnDrop(s.Interp(), m, m.file, func(in *interp.Engine, f *os.File) {
		_ = f.Close()
		in.WithTurn(func() { delete(memoriesOf(in), f) })
	})
	return s.Return(s.NewObject(memoryType, m))
}

// memoryArgs reads the options. Without a name, which is "", one is to be made, and the
// memory with it.
func memoryArgs(s *interp.State) (name string, size int, create bool) {
	o := s.Options(1, "create", "name", "size")
	create = o.Bool("create", !o.Has("name"))
	return memoryName(o, create), memorySize(o, create), create
}

func memoryName(o interp.Options, create bool) string {
	if !o.Has("name") {
		if !create {
			o.Error("option 'name' is needed to open what there is")
		}
		return ""
	}
	name := strings.TrimPrefix(o.Text("name", "a string"), "/") // as shm_open spells it
	switch {
	case name == "" || name == "." || name == ".." || strings.Contains(name, "/"):
		o.Wrong("name", "a name without slashes")
	case strings.Contains(name, "\x00"):
		o.Error("option 'name' has a zero byte in it")
	case len(name) > 250:
		o.Error("option 'name' must be of at most 250 bytes, got %d", len(name))
	}
	return name
}

func memorySize(o interp.Options, create bool) int {
	const want = "a number of bytes, 1 or more"
	if create && !o.Has("size") {
		o.Wrong("size", want)
	}
	return o.Int("size", 0, 1, 1<<40, want)
}

// newName makes up a name. A rule for the one file would be of no use, so the doors
// are asked for the folder.
func newName(in *interp.Engine) (string, error) {
	err := in.Policy().Write(memoryFolder)
	if err == nil {
		err = in.Policy().Read(memoryFolder)
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return "wirelua_" + hex.EncodeToString(b[:]), err
}

// openMemory makes, or opens, what name stands for; "" is a new one. It is the read and
// write doors'.
func openMemory(in *interp.Engine, name string, size int, create bool) (_ *memory, err error) {
	if name == "" {
		if name, err = newName(in); err != nil {
			return nil, err
		}
	}
	if err := in.DescriptorRoom(1); err != nil {
		return nil, err
	}
	flag := os.O_RDWR
	if create {
		flag |= os.O_CREATE | os.O_EXCL
	}
	m := &memory{name: name, path: filepath.Join(memoryFolder, name)}
	f, err := in.Policy().OpenFile(m.path, flag|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, withoutPath(err)
	}
	if create {
		if err = f.Truncate(int64(size)); err != nil {
			_ = in.Policy().Remove(m.path)
		}
	}
	if err == nil {
		m.size, err = memoryLength(f, size)
	}
	if err != nil {
		_ = f.Close()
		return nil, withoutPath(err)
	}
	m.file = f
	return m, nil
}

// memoryLength returns how long the memory is, which must be wanted at least.
func memoryLength(f *os.File, wanted int) (int, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return 0, err
	case !info.Mode().IsRegular():
		return 0, unix.EINVAL
	case info.Size() < int64(wanted):
		return 0, &interp.OpError{Code: "EINVAL", Errno: unix.EINVAL,
			Message: fmt.Sprintf("it has %d bytes, not %d", info.Size(), wanted)}
	}
	return int(info.Size()), nil
}

// withoutPath leaves the errno: scripts know the memory by its name.
func withoutPath(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// place returns argument n, a position, and checks that there is as much from
// there on as wanted.
func (m *memory) place(s *interp.State, n, pos, wanted int) int64 {
	if m.file == nil {
		s.Raise(&interp.OpError{Code: "EBADF", Errno: unix.EBADF, Message: "the shared memory is closed", Address: m.name})
	}
	if pos < 1 || pos > m.size+1 {
		s.ArgError(n, "position must be 1-%d, got %d", m.size, pos)
	}
	if wanted > m.size-pos+1 {
		s.ArgError(n+1, "%d bytes at position %d end beyond the size of %d", wanted, pos, m.size)
	}
	return int64(pos - 1)
}

func memoryRead(s *interp.State) int {
	m := memorySelf(s)
	pos := s.OptInt(2, 1)
	n := max(m.size-pos+1, 0)
	if !s.Absent(3) {
		n = s.IntRange(3, 0, math.MaxInt32, "size")
	}
	at := m.place(s, 2, pos, n)
	s.Fits(n)
	p := make([]byte, n)
	if _, err := m.file.ReadAt(p, at); err == io.EOF {
		return s.Raise(&interp.OpError{Code: "EOF", Message: "another process has made it shorter", Address: m.name})
	} else if err != nil {
		return s.Raise(withoutPath(err))
	}
	return s.Return(lua.LString(unsafe.String(unsafe.SliceData(p), len(p)))) // nobody else has p
}

func memoryWrite(s *interp.State) int {
	m := memorySelf(s)
	pos, data := s.Int(2), s.Str(3)
	at := m.place(s, 2, pos, len(data))
	if _, err := m.file.WriteAt(unsafe.Slice(unsafe.StringData(data), len(data)), at); err != nil {
		return s.Raise(withoutPath(err))
	}
	return s.True()
}

func memoryUnlink(s *interp.State) int {
	m := memorySelf(s)
	if err := s.Interp().Policy().Remove(m.path); err != nil {
		return s.Raise(interp.About(withoutPath(err), m.name))
	}
	delete(unnamedOf(s.Interp()), m.path)
	return s.True()
}
