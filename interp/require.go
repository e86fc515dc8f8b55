package interp

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// defaultPath is package.path where the environment's LUA_PATH says nothing else.
const defaultPath = "./?.lua;./?/init.lua"

// builtIn stands before the name of a module in Go, for who wants that and no file of the name.
const builtIn = "wirelua."

// packageLib is the library package, but for what each interpreter has of its own.
var packageLib = library{
	name: lua.LoadLibName,
	funcs: []Function{
		{Name: "loadlib", Args: "path, name", Fn: luaLoadlib},
		{Name: "seeall", Args: "module", Fn: packageSeeall},
	},
	constants: func() map[string]lua.LValue {
		return map[string]lua.LValue{
			"config": lua.LString(lua.LuaDirSep + "\n" + lua.LuaPathSep + "\n" + lua.LuaPathMark + "\n" + lua.LuaExecDir + "\n" + lua.LuaIgMark + "\n"),
			"path":   lua.LString(defaultPath),
			"cpath":  lua.LString(""),
		}
	},
	shared: shared{later: []string{"loaded", "preload", "loaders"}},
}

// requireLib are the global functions that find modules.
var requireLib = library{funcs: []Function{
	{Name: "require", Args: "name", Fn: baseRequire},
	{Name: "module", Args: "name, ...", Fn: packageModule},
}}

// codeLoaders are what package.loaders has at first.
var codeLoaders = []*lua.LFunction{
	sharedFunction(&Function{Name: "preload", Args: "name", Fn: searchPreload}),
	sharedFunction(&Function{Name: "file", Args: "name", Fn: searchFile}),
	sharedFunction(&Function{Name: "module", Args: "name", Fn: searchModule}),
}

// openPackage makes the library package, by which require goes.
func (in *Interpreter) openPackage() {
	in.pkg = in.openLibrary(&packageLib)
	glua.Put(in.pkg, "loaded", in.loaded)
	glua.Put(in.pkg, "preload", in.root.CreateTable(0, 0))
	if path := in.codePath(); path != defaultPath {
		glua.Put(in.pkg, "path", lua.LString(path))
	}
	loaders := in.root.CreateTable(len(codeLoaders), 0)
	for _, fn := range codeLoaders {
		loaders.Append(fn)
	}
	glua.Put(in.pkg, "loaders", loaders)
}

// codePath returns what package.path is at first. LUA_PATH is of the host's files, and as good
// as a rule of the read door: only where everything is allowed does it count.
func (in *Interpreter) codePath() string {
	if !in.policy.AllowsAll() || in.config.FS != nil {
		return defaultPath
	}
	p, ok := os.LookupEnv("LUA_PATH")
	if !ok {
		return defaultPath
	}
	p = strings.ReplaceAll(p, ";;", ";\x01;")
	return strings.Trim(strings.ReplaceAll(p, "\x01", defaultPath), ";")
}

// luaLoadlib is package.loadlib where there are no libraries in C.
func luaLoadlib(s *State) int {
	s.Str(1)
	return s.Return(lua.LNil, lua.LString("there are no libraries in C here; require finds modules in Lua, and those of the host's"), lua.LString("absent"))
}

// loading is the loading of a module, under way. Another thread that requires it waits for
// its end.
type loading struct {
	by      *Thread
	done    bool
	waiting WaitList
}

// await waits until a module is loaded, or has failed to; unless that waits, by way of
// however many threads, for this one: modules that require each other in a circle.
func (l *loading) await(s *State, name string) {
	t := s.thread
	for m := l; m != nil; m = m.by.requires { // nobody began to wait in a circle, so this ends
		if m.by == t {
			s.RaiseError("loop or previous error loading module '%s'", name)
		}
	}
	t.requires, l.waiting.Of = l, l
	err := l.waiting.Await(t, func() bool { return l.done }, time.Time{})
	t.requires = nil
	if err != nil {
		s.Raise(err)
	}
}

// Awaited makes it what threads wait for.
func (l *loading) Awaited() string { return "module loaded by " + l.by.Name }

// beginLoading notes that s's thread loads a module. What it returns ends that, and lets those
// go on who wait.
func (s *State) beginLoading(name string) (end func()) {
	l := &loading{by: s.thread}
	set(&s.in.loading, name, l)
	return func() {
		delete(s.in.loading, name)
		l.done = true
		l.waiting.WakeAll()
	}
}

func baseRequire(s *State) int {
	name, pkg := s.moduleName(), s.in.pkg
	loaded, ok := pkg.RawGetString("loaded").(*lua.LTable)
	if !ok {
		s.RaiseError("package.loaded must be a table")
	}
	for {
		if v := loaded.RawGetString(name); v != lua.LNil && v != lua.LFalse {
			return s.Return(v)
		}
		l := s.in.loading[name]
		if l == nil {
			break
		}
		l.await(s, name)
	}
	defer s.beginLoading(name)()
	return s.Return(s.loadModule(loaded, name, s.findLoader(pkg, name)))
}

// findLoader asks the functions in package.loaders for one that makes the module.
func (s *State) findLoader(pkg *lua.LTable, name string) lua.LValue {
	loaders, ok := pkg.RawGetString("loaders").(*lua.LTable)
	if !ok {
		s.RaiseError("package.loaders must be a table")
	}
	var tried strings.Builder
	work := s.Work()
	for i := 1; ; i++ {
		work.Spend(fileWork)
		loader := loaders.RawGetInt(i)
		if loader == lua.LNil {
			s.fits(len(name) + tried.Len())
			if say := s.in.foreign(name); say != "" {
				s.RaiseError("module '%s' not found: %s", name, say)
			}
			s.RaiseError("module '%s' not found:%s", name, tried.String())
		}
		s.Push(loader)
		s.Push(lua.LString(name))
		s.Call(1, 1)
		found := s.Get(-1)
		s.Pop(1)
		switch found := found.(type) {
		case lua.LString:
			s.fits(tried.Len() + len(found))
			tried.WriteString(string(found))
		case *lua.LNilType:
		default:
			return found
		}
	}
}

// loadModule has a loader make a module, and returns what package.loaded has then.
// Not by a protected call: an error goes its way with the traceback of where it was
// raised.
func (s *State) loadModule(loaded *lua.LTable, name string, loader lua.LValue) lua.LValue {
	returned := false
	defer func() {
		if !returned {
			loaded.RawSetString(name, lua.LNil) // so that it can be tried again
		}
	}()
	top := s.GetTop()
	s.Push(loader)
	s.Push(lua.LString(name))
	s.Call(1, lua.MultRet)
	returned = true
	if v := s.Get(top + 1); s.GetTop() > top && v != lua.LNil {
		loaded.RawSetString(name, v)
	} else if loaded.RawGetString(name) == lua.LNil {
		loaded.RawSetString(name, lua.LTrue)
	}
	return loaded.RawGetString(name)
}

// searchPreload finds what a script has put in package.preload.
func searchPreload(s *State) int {
	preload, ok := s.in.pkg.RawGetString("preload").(*lua.LTable)
	if !ok {
		s.RaiseError("package.preload must be a table")
	}
	if v := preload.RawGetString(s.Str(1)); v != lua.LNil {
		return s.Return(v)
	}
	return s.Return(lua.LString("\n\tno field package.preload['" + s.Str(1) + "']"))
}

// searchModule finds a module in Go.
func searchModule(s *State) int {
	name := s.moduleName()
	if v := s.in.load(strings.TrimPrefix(name, builtIn)); v != nil {
		return s.Return(s.NewFunction("module", func(s *State) int { return s.Return(v) }))
	}
	have := s.in.moduleNames()
	if have == "" {
		have = "none"
	}
	return s.Return(lua.LString("\n\tno module '" + name + "' in this interpreter (it has: " + have + ")"))
}

// fileWork is the work of looking for a file, about; a function in package.loaders does as much.
const fileWork = 200

// searchFile finds a Lua file: beside the script, then where package.path's patterns lead, from
// the current folder.
func searchFile(s *State) int {
	name := s.moduleName()
	patterns, ok := s.in.pkg.RawGetString("path").(lua.LString)
	if !ok {
		s.RaiseError("package.path must be a string")
	}
	if bare, ok := strings.CutPrefix(name, builtIn); ok && s.in.load(bare) != nil {
		return s.Return(lua.LString("")) // whatever files there are
	}
	slashed := strings.ReplaceAll(name, ".", "/")
	var tried strings.Builder
	work := s.Work()
	try := func(file string) bool {
		work.Spend(fileWork)
		if s.thread.run.folder.isScript(file) {
			return false
		}
		found, why := s.loadCode(name, file)
		if found == nil {
			s.fits(tried.Len() + len(file) + len(why))
			tried.WriteString("\n\tno file '" + file + "'" + why)
			return false
		}
		s.Push(found)
		return true
	}
	if dir := s.thread.run.folder.dir; dir != "" {
		if try(filepath.Join(dir, slashed+".lua")) || try(filepath.Join(dir, slashed, "init.lua")) {
			return 1
		}
	}
	for pattern := range strings.SplitSeq(string(patterns), ";") {
		if len(pattern)+strings.Count(pattern, "?")*len(slashed) > maxModule {
			s.RaiseError("package.path leads to a path of more than %d bytes", maxModule)
		}
		if try(strings.ReplaceAll(pattern, "?", slashed)) {
			return 1
		}
	}
	return s.Return(lua.LString(tried.String()))
}

// loadCode returns the module's file as a function; nil, and why, if the system or the policy
// says that there is none.
func (s *State) loadCode(name, file string) (found *lua.LFunction, why string) {
	if s.in.config.Audit != nil && !s.in.hasFile(file) {
		return nil, "" // the search would note what nobody needs
	}
	source, err := s.readCode(file)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
		return nil, ""
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrInvalid) || errors.Is(err, syscall.ENAMETOOLONG):
		return nil, " (" + AsOpError(err).Message + ")"
	default:
		s.Raise(err)
	}
	fn, failure := s.compileFile(source, fileName(file))
	if failure != nil {
		s.RaiseError("error loading module '%s':\n\t%s", name, failure.Message)
	}
	return fn, ""
}

// hasFile reports whether there is a file of the host's called name, or Config.FS may have it.
func (in *Interpreter) hasFile(name string) bool {
	if in.config.FS != nil {
		return true
	}
	_, err := os.Lstat(name)
	return err == nil
}
