package interp

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// Check reports whether source, called name, is Lua; the error says where not, and
// is io.ErrUnexpectedEOF if it is the end that comes too early: with more source
// it may be Lua. It needs no interpreter.
func Check(source, name string) error {
	if _, failure := compileSource(source, name, new(atomic.Bool)); failure != nil {
		return failure
	}
	return nil
}

func scriptDir(name string) string {
	if name == "" || name == "-" || strings.HasPrefix(name, "=") || strings.HasPrefix(name, "-e") {
		return "."
	}
	return filepath.Dir(name)
}

// readScript reads the file given to RunFile: the host's choice, so no policy.
func (in *Interpreter) readScript(name string) (string, error) {
	var data []byte
	var err error
	if in.config.FS != nil {
		data, err = in.readFS(name)
	} else {
		data, err = os.ReadFile(name)
	}
	if err != nil {
		return "", &Error{Message: fileMessage(name, err), cause: AsOpError(err)}
	}
	return string(data), nil
}

// readFS reads a file of Config.FS, which is the host's: what it says of a file's size
// is not relied on.
func (in *Interpreter) readFS(name string) (data []byte, err error) {
	err = Guard(func() error {
		f, err := in.config.FS.Open(path.Clean(filepath.ToSlash(name)))
		if err != nil {
			return err
		}
		defer f.Close()
		data, err = io.ReadAll(io.LimitReader(f, maxSource+1)) // compiling tells of too much
		return err
	})
	return data, err
}

// fileMessage says what is wrong with a file as Lua does: "name: reason".
func fileMessage(name string, err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return name + ": " + AsOpError(err).Message
}

// readCode reads a Lua file for a script: of the host's files those in the
// script's own folder and below, and what the read door allows.
func (in *Interpreter) readCode(name string) (string, error) {
	if in.config.FS != nil {
		data, err := in.readFS(name)
		return string(data), err
	}
	file, err := in.below(name)
	if err == errNotBelow {
		file, err = in.policy.ReadPath(name)
	}
	if err != nil {
		return "", err
	}
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSource+1)) // compiling tells of too much
	return string(data), err
}

var errNotBelow = errors.New("not below the script's folder")

// below returns where a file is that lies in the script's own folder, or below it,
// once symbolic links are followed; else errNotBelow, or that there is no such
// file, if there it would be.
func (in *Interpreter) below(name string) (string, error) {
	if !in.ownDir {
		return "", errNotBelow
	}
	dir, err1 := filepath.EvalSymlinks(in.dir)
	dir, err2 := filepath.Abs(dir)
	file, err3 := filepath.Abs(name)
	if err1 != nil || err2 != nil || err3 != nil {
		return "", errNotBelow
	}
	there, err := filepath.EvalSymlinks(file)
	for missing := errors.Is(err, fs.ErrNotExist); missing && errors.Is(err, fs.ErrNotExist); {
		file = filepath.Dir(file)
		if there, err = filepath.EvalSymlinks(file); err == nil {
			there, err = filepath.Join(there, "?"), fs.ErrNotExist
			break
		}
	}
	if rel, e := filepath.Rel(dir, there); there == "" || e != nil || !filepath.IsLocal(rel) {
		return "", errNotBelow
	}
	return there, err
}

func (in *Interpreter) openLoad() {
	g := in.root.G.Global
	pkg := g.RawGetString(lua.LoadLibName).(*lua.LTable)
	in.loaded = pkg.RawGetString("loaded").(*lua.LTable)
	pkg.RawSetString("path", lua.LString("?.lua;?/init.lua"))
	pkg.RawSetString("cpath", lua.LString(""))
	pkg.RawSetString("loadlib", lua.LNil)
	loaders := in.root.NewTable()
	pkg.RawSetString("loaders", loaders)
	in.root.Get(lua.RegistryIndex).(*lua.LTable).RawSetString("_LOADERS", loaders)
	loaders.Append(in.function("preload", "name", func(s *State) int {
		preload, ok := pkg.RawGetString("preload").(*lua.LTable)
		if !ok {
			s.RaiseError("package.preload must be a table")
		}
		if v := preload.RawGetString(s.Str(1)); v != lua.LNil {
			return s.Return(v)
		}
		return s.Return(lua.LString("\n\tno field package.preload['" + s.Str(1) + "']"))
	}))
	loaders.Append(in.function("module", "name", func(s *State) int {
		name := s.Str(1)
		if v := in.load(name); v != nil {
			return s.Return(s.NewFunction("module", func(s *State) int { return s.Return(v) }))
		}
		have := in.moduleNames()
		if have == "" {
			have = "none"
		}
		return s.Return(lua.LString("\n\tno module '" + name + "' in this interpreter (it has: " + have + ")"))
	}))
	loaders.Append(in.function("file", "name", func(s *State) int { return in.searchPath(s, pkg) }))
	g.RawSetString("require", in.function("require", "name", func(s *State) int { return in.require(s, pkg) }))

	pushLoaded := func(s *State, source, name string) int {
		fn, err := s.compile(source, name)
		if err != nil {
			return s.Return(lua.LNil, lua.LString(err.Message))
		}
		return s.Return(fn)
	}
	g.RawSetString("loadstring", in.function("loadstring", "source, name", func(s *State) int {
		source := s.Str(1)
		return pushLoaded(s, source, chunkID(s.OptStr(2, source)))
	}))
	g.RawSetString("load", in.function("load", "source or function, name", func(s *State) int {
		if _, ok := s.Get(1).(*lua.LFunction); !ok {
			source := s.Str(1)
			return pushLoaded(s, source, chunkID(s.OptStr(2, source)))
		}
		var b strings.Builder
		for {
			s.Push(s.Get(1))
			s.Call(0, 1)
			piece := s.Get(-1)
			s.Pop(1)
			if piece == lua.LNil || piece == lua.LString("") {
				break
			}
			if !lua.LVCanConvToString(piece) {
				return s.Return(lua.LNil, lua.LString("reader function must return a string"))
			}
			if b.WriteString(piece.String()); b.Len() > maxSource {
				break // compiling tells of it
			}
		}
		return pushLoaded(s, b.String(), chunkID(s.OptStr(2, "=(load)")))
	}))
	read := func(s *State) (source, name string, err error) {
		if s.Absent(1) {
			source, err = in.stdin.ReadAll(s)
			return source, "stdin", err
		}
		name = s.Str(1)
		source, err = in.readCode(name)
		return source, name, err
	}
	g.RawSetString("loadfile", in.function("loadfile", "name", func(s *State) int {
		source, name, err := read(s)
		if err != nil {
			return s.Return(lua.LNil, lua.LString(fileMessage(name, err)))
		}
		return pushLoaded(s, source, name)
	}))
	g.RawSetString("dofile", in.function("dofile", "name", func(s *State) int {
		source, name, err := read(s)
		if err != nil {
			e := *AsOpError(err)
			e.Address = name
			s.Raise(&e)
		}
		fn, failure := s.compile(source, name)
		if failure != nil {
			s.Error(failure.value, 0)
		}
		s.SetTop(0)
		s.Push(fn)
		s.Call(0, lua.MultRet)
		return s.GetTop()
	}))
}

// loading is in package.loaded for a module whose loader runs. Another thread that
// requires it waits for that.
type loading struct {
	by      *Thread
	done    bool
	waiting []*Thread
}

// end lets those go on who wait.
func (l *loading) end() {
	l.done = true
	for _, t := range l.waiting {
		t.Unpark()
	}
}

// await waits until a module is loaded, or has failed to; unless that waits, by way of
// however many threads, for this one: modules that require each other in a circle.
func (l *loading) await(s *State, name string) {
	t := s.thread
	for m := l; m != nil; m = m.by.requires {
		if m.by == t {
			s.RaiseError("loop or previous error loading module '%s'", name)
		}
	}
	l.waiting = append(l.waiting, t)
	t.requires = l
	err := t.WaitUntil(time.Time{}, func() bool { return l.done })
	t.requires = nil
	if err != nil {
		s.Raise(err)
	}
}

func (in *Interpreter) require(s *State, pkg *lua.LTable) int {
	name := s.Str(1)
	loaded, ok := pkg.RawGetString("loaded").(*lua.LTable)
	if !ok {
		s.RaiseError("package.loaded must be a table")
	}
	for {
		v := loaded.RawGetString(name)
		if v == lua.LNil || v == lua.LFalse {
			break
		}
		ud, _ := v.(*lua.LUserData)
		if ud == nil {
			return s.Return(v)
		}
		l, ok := ud.Value.(*loading)
		if !ok {
			return s.Return(v)
		}
		l.await(s, name)
	}
	loaders, ok := pkg.RawGetString("loaders").(*lua.LTable)
	if !ok {
		s.RaiseError("package.loaders must be a table")
	}
	tried := ""
	for i := 1; ; i++ {
		loader := loaders.RawGetInt(i)
		if loader == lua.LNil {
			s.RaiseError("module '%s' not found:%s", name, tried)
		}
		s.Push(loader)
		s.Push(lua.LString(name))
		s.Call(1, 1)
		found := s.Get(-1)
		s.Pop(1)
		if msg, ok := found.(lua.LString); ok {
			tried += string(msg)
			continue
		}
		if found == lua.LNil {
			continue
		}
		return s.Return(s.loadModule(loaded, name, found))
	}
}

// loadModule has a loader make a module, and returns what package.loaded has then.
// Not by a protected call: an error goes its way with the traceback of where it was
// raised.
func (s *State) loadModule(loaded *lua.LTable, name string, loader lua.LValue) lua.LValue {
	l := &loading{by: s.thread}
	mark := &lua.LUserData{Value: l}
	if loaded.RawGetString(name) == lua.LNil {
		loaded.RawSetString(name, mark)
	}
	returned := false
	defer func() {
		if !returned {
			loaded.RawSetString(name, lua.LNil) // so that it can be tried again
		}
		l.end()
	}()
	top := s.GetTop()
	s.Push(loader)
	s.Push(lua.LString(name))
	s.Call(1, lua.MultRet)
	returned = true
	if v := s.Get(top + 1); s.GetTop() > top && v != lua.LNil {
		loaded.RawSetString(name, v)
	} else if loaded.RawGetString(name) == mark {
		loaded.RawSetString(name, lua.LTrue)
	}
	return loaded.RawGetString(name)
}

// searchPath finds a Lua file for require: package.path's patterns, relative to
// the running script's folder.
func (in *Interpreter) searchPath(s *State, pkg *lua.LTable) int {
	name := s.Str(1)
	patterns, ok := pkg.RawGetString("path").(lua.LString)
	if !ok {
		s.RaiseError("package.path must be a string")
	}
	tried := ""
	for _, pattern := range strings.Split(string(patterns), ";") {
		file := strings.ReplaceAll(pattern, "?", strings.ReplaceAll(name, ".", "/"))
		if !filepath.IsAbs(file) {
			file = filepath.Join(in.dir, file)
		}
		source, err := in.readCode(file)
		missing := errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
		if missing || errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrInvalid) {
			tried += "\n\tno file '" + file + "'"
			if !missing {
				tried += " (" + err.Error() + ")"
			}
			continue
		}
		if err != nil {
			s.Raise(err)
		}
		fn, failure := s.compile(source, file)
		if failure != nil {
			s.RaiseError("error loading module '%s':\n\t%s", name, failure.Message)
		}
		return s.Return(fn)
	}
	return s.Return(lua.LString(tried))
}
