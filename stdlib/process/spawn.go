//go:build unix

package process

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/file"
	"wirelua/stdlib/internal/child"
	"wirelua/stdlib/internal/sys"
)

var streamNames = []string{"stdin", "stdout", "stderr"}

// launch is a program about to be started.
type launch struct {
	s    *interp.State
	net  *sys.Net
	opts interp.Options
	argv []string
	path string
	env  []string
	dir  string

	launch *child.Launch
	ours   [3]*file.File // our ends of its pipes
	feed   *file.File    // that which its standard input is written to, by the script or for it
}

func spawn(s *interp.State) int {
	l := &launch{s: s, net: sys.NetOf(s.Interp()), launch: child.NewLaunch(s), argv: argvArg(s), opts: s.Options(2, append([]string{"cwd", "env", "files", "input"}, streamNames...)...)}
	started := false
	defer func() { // also when an option is wrong, or the script was stopped
		l.close(!started)
	}()
	if err := l.prepare(); err != nil {
		return s.Raise(interp.About(err, l.argv[0]))
	}
	c, err := l.launch.Start(child.Program{Path: l.path, Argv: l.argv, Env: l.env, Dir: l.dir, Feed: l.feed})
	if err != nil {
		return s.Raise(interp.About(err, l.argv[0]))
	}
	started = true
	p := &process{Child: c}
	for i, f := range l.ours {
		p.streams[i] = lua.LNil
		if f != nil {
			file.Push(s, f)
			p.streams[i] = s.Get(-1)
			s.Pop(1)
		}
	}
	return s.Return(s.NewObject(processType, p))
}

// argvArg returns argument 1: an array of the program and its arguments, or the
// program alone.
func argvArg(s *interp.State) []string {
	t, ok := s.Get(1).(*lua.LTable)
	if !ok {
		if _, ok := s.Text(s.Get(1)); !ok || s.Get(1).Type() == lua.LTNumber {
			s.TypeError(1, "table or string")
		}
		t = s.NewTable()
		t.Append(s.Get(1))
	}
	var argv []string
	size := passed{s: s, work: s.Work()}
	for i := range t.Len() {
		v := t.RawGetInt(i + 1)
		text, ok := s.Text(v)
		if !ok {
			s.ArgError(1, "item %d must be a string, got %s", i+1, v.Type())
		}
		if size.add(text); strings.ContainsRune(text, 0) {
			s.ArgError(1, "item %d has a zero byte in it", i+1)
		}
		argv = append(argv, text)
	}
	if len(argv) == 0 || argv[0] == "" {
		s.ArgError(1, "names no program")
	}
	return argv
}

// maxPassed is how many bytes of arguments, and of variables, a program may be given, with
// eight for each: more than any system takes, which is 6 MB on Linux.
const maxPassed = 8 << 20

// passed adds up what a program is given.
type passed struct {
	s    *interp.State
	work interp.Work
	size int
}

// add raises an error when text is too much.
func (p *passed) add(text string) {
	p.work.Spend(4)
	if p.size += len(text) + 8; p.size > maxPassed {
		p.s.Raise(syscall.E2BIG)
	}
}

// prepare finds all that starting the program takes.
func (l *launch) prepare() (err error) {
	if err := l.folder(); err != nil {
		return err
	}
	if err := l.environment(); err != nil {
		return err
	}
	if err := l.find(); err != nil {
		return err
	}
	l.s.FlushOutput() // what was written before shall stand before
	for i, name := range streamNames {
		if err := l.stream(i, name); err != nil {
			return err
		}
	}
	return l.files()
}

// find finds the program, as far as the run door lets it through: a name on the PATH that
// the child gets, a relative path in the folder that it begins in.
func (l *launch) find() (err error) {
	name := l.argv[0]
	bare := !strings.Contains(name, "/")
	if list, given := l.givenPath(); bare && given {
		return l.search(name, list)
	}
	if !bare && !filepath.IsAbs(name) && l.dir != "" {
		name = l.dir + "/" + name
	}
	if l.path, err = l.s.Interp().Policy().RunPath(name); err != nil {
		return err
	}
	if !strings.Contains(l.path, "/") {
		l.path, err = exec.LookPath(name)
	}
	switch {
	case err == nil, errors.Is(err, exec.ErrDot): // PATH says so itself
		if l.dir != "" && !filepath.IsAbs(l.path) { // it is relative to our folder
			l.path, err = filepath.Abs(l.path)
			return err
		}
		return nil
	case errors.Is(err, exec.ErrNotFound):
		return syscall.ENOENT
	case errors.Is(err, fs.ErrPermission):
		return syscall.EACCES
	}
	return err
}

// givenPath returns the PATH that the option env has.
func (l *launch) givenPath() (list string, given bool) {
	t := l.opts.Table("env", "a table")
	if t == nil {
		return "", false
	}
	v := t.RawGetString("PATH")
	list, _ = l.s.Text(v)
	return list, v != lua.LNil
}

// search finds a name on a list of folders. The run door is asked for each place before it
// is looked at, and so what is there is not told of places that are not open.
func (l *launch) search(name, list string) error {
	policy := l.s.Interp().Policy()
	denied, found := policy.Run(name), error(syscall.ENOENT)
	for _, dir := range filepath.SplitList(list) {
		if !filepath.IsAbs(dir) { // it is the child's folder that it is relative to, and that, perhaps, to ours
			dir, _ = filepath.Abs(filepath.Join(l.dir, dir))
		}
		path, err := policy.RunPath(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		denied = nil
		info, err := os.Stat(path)
		switch {
		case err != nil || info.IsDir():
		case unix.Access(path, unix.X_OK) != nil:
			found = syscall.EACCES
		default:
			l.path = path
			return nil
		}
	}
	if denied != nil {
		return denied
	}
	return found
}

// folder finds the one the child begins in. Starting it would tell of a missing
// one as if the program were missing.
func (l *launch) folder() (err error) {
	cwd := l.opts.Text("cwd", "a path")
	if cwd == "" {
		return nil
	}
	if l.dir, err = l.s.Interp().Policy().ReadPath(cwd); err == nil {
		var info os.FileInfo
		if info, err = os.Stat(l.dir); err == nil && !info.IsDir() {
			err = syscall.ENOTDIR
		}
	}
	return interp.About(err, cwd)
}

// environment makes the child's.
func (l *launch) environment() (err error) {
	t := l.opts.Table("env", "a table")
	if t == nil {
		l.env = child.Env(l.s.Interp())
		return nil
	}
	l.env = []string{}
	size := passed{s: l.s, work: l.s.Work()}
	t.ForEach(func(k, v lua.LValue) {
		name, ok := k.(lua.LString)
		size.add(string(name))
		text, isText := l.s.Text(v)
		size.add(text)
		if !ok || name == "" || strings.ContainsAny(string(name), "=\x00") {
			l.opts.Error("option 'env': '%s' cannot be the name of a variable", k)
		}
		if !isText || strings.ContainsRune(text, 0) {
			l.opts.Error("option 'env': %s must be a string without zero bytes, got %s", name, v.Type())
		}
		// A variable can make a program do anything: LD_PRELOAD.
		if err == nil {
			err = l.s.Interp().Policy().Env(string(name))
		}
		l.env = append(l.env, string(name)+"="+text)
	})
	return err
}

// close ends what came of nothing.
func (l *launch) close(failed bool) {
	l.launch.Close()
	if !failed {
		return
	}
	for _, f := range append(l.ours[:], l.feed) {
		if f != nil {
			_ = f.Close(l.s)
		}
	}
}
