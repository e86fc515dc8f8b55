package interp

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// ioLib is an interpreter's io library: what its functions share.
type ioLib struct {
	in     *Interpreter
	files  *openFiles
	shells shells

	opening int // descriptors of files that are being opened

	stdin, stdout, stderr *lua.LUserData
	input, output         *lua.LUserData // what io.read and io.write use
}

// openIO makes the library io, which is Lua 5.1's on the interpreter's own streams
// and file rules.
func (in *Interpreter) openIO() {
	l := &ioLib{in: in, files: &openFiles{all: map[*tail]struct{}{}}, shells: shells{all: map[*shell]struct{}{}}}
	in.io = l
	in.OnClose(l.close)
	in.CountDescriptors(l.descriptors)
	l.stdin, l.stdout, l.stderr = in.newFileObject(in.stdin), in.newFileObject(in.stdout.file), in.newFileObject(in.stderr.file)
	l.input, l.output = l.stdin, l.stdout
	t := in.openLibrary("io", []Function{
		{Name: "open", Args: `name[, mode="r"]`, Fn: l.luaOpen},
		{Name: "close", Args: "[file]", Fn: l.luaClose},
		{Name: "read", Args: "[format, ...]", Fn: l.luaRead},
		{Name: "write", Args: "value, ...", Fn: l.luaWrite},
		{Name: "lines", Args: "[name[, format, ...]]", Fn: l.luaLines},
		{Name: "flush", Args: "", Fn: l.luaFlush},
		{Name: "input", Args: "[file or name]", Fn: l.luaInput},
		{Name: "output", Args: "[file or name]", Fn: l.luaOutput},
		{Name: "type", Args: "value", Fn: luaFileType},
		{Name: "tmpfile", Args: "", Fn: l.luaTmpfile},
		{Name: "popen", Args: `command[, mode="r"]`, Fn: l.luaPopen},
	})
	t.RawSetString("stdin", l.stdin)
	t.RawSetString("stdout", l.stdout)
	t.RawSetString("stderr", l.stderr)
}

// library makes a table of functions that is there from the start, as a global and
// for require.
func (in *Interpreter) openLibrary(name string, funcs []Function) *lua.LTable {
	t := in.root.CreateTable(0, len(funcs))
	for i := range funcs {
		t.RawSetString(funcs[i].Name, in.register(&funcs[i]))
	}
	in.root.G.Global.RawSetString(name, t)
	in.loaded.RawSetString(name, t)
	return t
}

// close ends what scripts left open, when the interpreter closes.
func (l *ioLib) close() {
	l.files.abandonAll()
	l.shells.killAll()
	l.in.stdout.finish()
	l.in.stderr.finish()
}

// flush writes what is in the standard streams' buffers: when a script has ended, as
// C does at exit, and before programs run.
func (l *ioLib) flush(s *State) {
	_ = l.in.stdout.file.Flush(s) // nobody asked, so nobody can be told
	_ = l.in.stderr.file.Flush(s)
}

// openModes are fopen's, without the b that means nothing here.
var openModes = map[string]int{
	"r":  os.O_RDONLY,
	"w":  os.O_WRONLY | os.O_CREATE | os.O_TRUNC,
	"a":  os.O_WRONLY | os.O_CREATE | os.O_APPEND,
	"r+": os.O_RDWR,
	"w+": os.O_RDWR | os.O_CREATE | os.O_TRUNC,
	"a+": os.O_RDWR | os.O_CREATE | os.O_APPEND,
}

// openMode parses fopen's mode.
func openMode(mode string) (flag int, ok bool) {
	if len(mode) > 3 || strings.Count(mode, "b") > 1 || strings.HasPrefix(mode, "b") {
		return 0, false
	}
	flag, ok = openModes[strings.Replace(mode, "b", "", 1)]
	return flag, ok
}

// open opens a file of the host's. Opening a FIFO waits for its other
// end, as open(2) does.
func (l *ioLib) open(s *State, open opener, name string, flag int) (*File, error) {
	done, err := l.hold(1)
	if err != nil {
		return nil, err
	}
	defer done()
	f, err := openFile(s, open, name, flag)
	if err != nil {
		return nil, err
	}
	var first []byte
	info, err := f.Stat()
	if err == nil && info.Mode()&fs.ModeNamedPipe != 0 && flag == os.O_RDONLY {
		if first, err = awaitWriter(s, f); err != nil {
			f.Close()
			return nil, err
		}
	}
	file := newOSFile(f, flag)
	file.rbuf = first
	return file, nil
}

// OpenFile opens a file of the host's to be read, as io.open does: the policy is asked, and
// others run while a FIFO waits for its other end. Errors are a *policy.Denied, a
// *fs.PathError, an *OpError at a limit, or why the thread was interrupted. The file is the
// caller's to close, unless it makes an object of it with PushFile. It is for modules.
func (s *State) OpenFile(name string) (*File, error) {
	return s.in.io.open(s, s.in.policy.OpenFile, name, os.O_RDONLY)
}

// newOSFile makes the File of what was opened with flag.
func newOSFile(f *os.File, flag int) *File {
	access := flag & (os.O_RDONLY | os.O_WRONLY | os.O_RDWR)
	o := FileOptions{Readable: access != os.O_WRONLY, Writable: access != os.O_RDONLY, Answers: true}
	stream := NewOSStream(f)
	_, regular := stream.(*osFile)
	if !regular {
		o.Buffering = BufferNone // somebody may be waiting at the other end
	}
	file := NewFile(stream, o)
	if regular {
		file.want = 4 << 10 // it costs no memory while it waits, as it never does
		if flag&os.O_APPEND != 0 && !o.Readable {
			_, _ = f.Seek(0, io.SeekEnd) // for file:seek(), which tells the size then
		}
	}
	return file
}

// openPauses are between looks at a FIFO whose other end nobody has opened. The
// system would wait, but in a call that nothing can end; and it tells nobody
// when that time has come.
const (
	openPause    = time.Millisecond
	openPauseMax = 20 * time.Millisecond
)

// openFile opens a file once a FIFO that is to be written has somebody who reads it.
func openFile(s *State, open opener, name string, flag int) (*os.File, error) {
	for pause := openPause; ; pause = min(2*pause, openPauseMax) {
		f, err := open(name, flag|openFlags, 0o666)
		if err == nil || !noReader(name, err) {
			return f, err
		}
		if err := s.thread.Sleep(pause); err != nil {
			return nil, err
		}
	}
}

func awaitWriter(s *State, f *os.File) (first []byte, err error) {
	for pause := openPause; ; pause = min(2*pause, openPauseMax) {
		if first, ok := hasWriter(f); ok {
			return first, nil
		}
		if err := s.thread.Sleep(pause); err != nil {
			return nil, err
		}
	}
}

func (l *ioLib) luaOpen(s *State) int {
	name := s.Str(1)
	flag, ok := openMode(s.OptStr(2, "r"))
	if !ok {
		s.ArgError(2, "invalid mode '%s'", s.Str(2))
	}
	f, err := l.open(s, l.in.policy.OpenFile, name, flag)
	if err != nil {
		return s.answerOpen(name, err)
	}
	return s.PushFile(f)
}

// answerOpen is answer, but for a wait that another ended.
func (s *State) answerOpen(name string, err error) int {
	if interrupted(err) {
		return s.Raise(err)
	}
	return s.answer(name, err)
}

func (l *ioLib) luaClose(s *State) int {
	if s.GetTop() == 0 {
		return l.standard(s, l.output, "output").closeLua(s)
	}
	return fileSelf(s).closeLua(s)
}

// standard returns what io.read or io.write use.
func (l *ioLib) standard(s *State, ud *lua.LUserData, which string) *File {
	f := ud.Value.(*File)
	if f.closed {
		s.RaiseError("standard %s file is closed", which)
	}
	return f
}

func (l *ioLib) luaRead(s *State) int {
	var room [4]format
	return l.standard(s, l.input, "input").readArgs(s, s.formats(room[:0], 1))
}

func (l *ioLib) luaWrite(s *State) int {
	return l.standard(s, l.output, "output").writeArgs(s, l.output, 1)
}

func (l *ioLib) luaFlush(s *State) int {
	f := l.standard(s, l.output, "output")
	if err := f.Flush(s); err != nil {
		return f.fail(s, err)
	}
	return s.True()
}

func (l *ioLib) luaLines(s *State) int {
	if s.Absent(1) {
		return s.Return(s.lines(l.standard(s, l.input, "input"), s.formats(nil, 2), false))
	}
	formats := s.formats(nil, 2)
	ud := l.openOrFail(s, os.O_RDONLY)
	return s.Return(s.lines(ud.Value.(*File), formats, true))
}

// openOrFail opens the file that argument 1 names; failures are argument errors,
// as Lua 5.1 has them here.
func (l *ioLib) openOrFail(s *State, flag int) *lua.LUserData {
	name := s.Str(1)
	f, err := l.open(s, l.in.policy.OpenFile, name, flag)
	if err != nil {
		if interrupted(err) {
			s.Raise(err)
		}
		text, _ := failureText(err)
		s.ArgError(1, "%s: %s", name, text)
	}
	return l.in.newFileObject(f)
}

func (l *ioLib) luaInput(s *State) int  { return l.setStandard(s, &l.input, openModes["r"]) }
func (l *ioLib) luaOutput(s *State) int { return l.setStandard(s, &l.output, openModes["w"]) }

func (l *ioLib) setStandard(s *State, ud **lua.LUserData, flag int) int {
	switch v := s.Get(1).(type) {
	case *lua.LNilType:
	case lua.LString, lua.LNumber:
		*ud = l.openOrFail(s, flag)
	default:
		Object[*File](s, 1, "file")
		*ud = v.(*lua.LUserData)
	}
	return s.Return(*ud)
}

func luaFileType(s *State) int {
	if s.GetTop() == 0 {
		s.ArgError(1, "value expected")
	}
	ud, ok := s.Get(1).(*lua.LUserData)
	if !ok {
		return s.Return(lua.LNil)
	}
	f, ok := ud.Value.(*File)
	switch {
	case !ok:
		return s.Return(lua.LNil)
	case f.closed:
		return s.Return(lua.LString("closed file"))
	}
	return s.Return(lua.LString("file"))
}

func (l *ioLib) luaPopen(s *State) int {
	command, mode := s.Str(1), s.OptStr(2, "r")
	if mode != "r" && mode != "w" {
		s.ArgError(2, "invalid mode '%s'", mode)
	}
	f, err := l.in.popen(s, command, mode)
	if err != nil {
		return s.answerOpen(command, err)
	}
	return s.PushFile(f)
}

// tempFile creates a file of a new name, readable by its owner alone.
func (in *Interpreter) tempFile(flag int) (f *os.File, name string, err error) {
	name = os.TempDir() // a rule for the one file would be of no use
	if err = in.policy.Write(name); err == nil && flag&os.O_RDWR != 0 {
		err = in.policy.Read(name)
	}
	if err != nil {
		return nil, name, err
	}
	for range 100 {
		name = filepath.Join(os.TempDir(), "lua_"+strconv.FormatUint(rand.Uint64(), 36))
		f, err = in.policy.OpenFile(name, flag|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return f, name, err
}

// luaTmpfile makes a file without a name: it is gone when it is closed, however
// that comes.
func (l *ioLib) luaTmpfile(s *State) int {
	if err := l.in.DescriptorRoom(1); err != nil {
		return s.answer("", err)
	}
	f, name, err := l.in.tempFile(os.O_RDWR)
	if err != nil {
		return s.answer(name, err)
	}
	if err := l.in.policy.Remove(name); err != nil {
		f.Close()
		return s.answer(name, err)
	}
	return s.PushFile(newOSFile(f, os.O_RDWR))
}
