package policy

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// runDoor holds the rules of the run door.
type runDoor struct {
	all      bool
	programs []program
}

// program is a program that may be run.
type program struct {
	rule string
	// entry is its path, its folder's links resolved but not its own: one file may be many
	// programs, told apart by what they are called (busybox is cat, and sh too). It is "" if the
	// rule is a name that is not on PATH.
	entry string
	file  string // entry with its own links resolved too
}

func compileRun(rules []string) (d runDoor, err error) {
	for _, rule := range rules {
		if rule == everything {
			d.all = true
			continue
		}
		problem := badProgram(rule)
		p, err := locate(rule)
		if problem == "" && err != nil && !isBare(rule) {
			problem = unresolved(err).Error()
		}
		if problem != "" {
			return d, &RuleError{Door: "run", Rule: rule, Problem: problem}
		}
		d.programs = append(d.programs, p)
	}
	return d, nil
}

// Run reports whether a script may start program, a name to be found on PATH or a path. Callers
// that then start it want [Checker.RunPath]. It waits for nothing but the file system.
func (c *Checker) Run(program string) error {
	_, err := c.RunPath(program)
	return err
}

// RunPath is [Checker.Run] and returns the path to start: that of the program the rule found
// when the policy was compiled, so that a program put on PATH later is not run in its place.
// (Where the rule "*" allows everything it returns program as it is.) A rule covers the program
// it found however its path is spelled, but not under other names: the same file may behave
// differently under them. So the caller must not let a script choose a name to run the program
// under (argv[0]) whose last part is not program's.
//
// A relative path starts from this process's current folder, not from the one the child will
// have. If a rule allows the program but there is none, the error is a *fs.PathError with
// ENOENT, as starting it would give.
func (c *Checker) RunPath(program string) (string, error) {
	if len(program) > maxPath {
		return "", &fs.PathError{Op: "run", Path: program[:100] + "...", Err: syscall.ENAMETOOLONG}
	}
	if c.run.all {
		return program, nil
	}
	for _, p := range c.run.programs {
		if isBare(program) && p.rule == program {
			return p.path()
		}
	}
	if wanted, err := locate(program); err == nil {
		for _, p := range c.run.programs {
			if p.is(wanted) {
				return p.path()
			}
		}
	}
	if err := c.allow(deniedRun(program)); err != nil {
		return "", err
	}
	return program, nil
}

// path is the path to start p by.
func (p program) path() (string, error) {
	if p.entry == "" {
		return "", &fs.PathError{Op: "run", Path: p.rule, Err: syscall.ENOENT}
	}
	return p.entry, nil
}

// is reports whether both are one program: the same entry, or the same file under the same name.
func (p program) is(wanted program) bool {
	sameFile := p.file == wanted.file && filepath.Base(p.entry) == filepath.Base(wanted.entry)
	return p.entry == wanted.entry || sameFile
}

// locate finds a program as starting it would.
func locate(name string) (p program, err error) {
	p.rule = name
	path := name
	if isBare(name) {
		if path, err = exec.LookPath(name); err != nil {
			return p, err
		}
	}
	if p.entry, err = resolveEntry(path); err != nil {
		return program{rule: name}, err
	}
	if p.file, err = resolve(path); err != nil {
		return program{rule: name}, err
	}
	return p, nil
}

// isBare reports whether a program is to be looked for on PATH.
func isBare(program string) bool {
	return !strings.ContainsFunc(program, func(r rune) bool { return r < 128 && os.IsPathSeparator(uint8(r)) })
}

func deniedRun(program string) error {
	e := &Denied{Door: "run", What: program, Rule: program}
	switch {
	case badProgram(program) != "":
		e.Rule = everything
	case !isBare(program):
		e.Rule = spelled(program)
	}
	return e
}

// badProgram says what is wrong with a rule of the run door, or "".
func badProgram(rule string) string {
	switch {
	case rule == "":
		return "is empty: write a program's name or path, or *"
	case strings.ContainsRune(rule, 0):
		return "has a zero byte in it: write a program's name or path"
	case strings.HasPrefix(rule, "~/"):
		return "starts with ~, which only shells know: write the folder out"
	case rule == "." || rule == ".." || strings.HasSuffix(rule, "/"):
		return "names a folder: write each program's name or path"
	case isBare(rule) && strings.ContainsAny(rule, " \t\n"):
		return "has a blank in it: write the program alone, without arguments"
	case isBare(rule) && strings.Contains(rule, "*"):
		return "is a pattern: write each program by itself, or * for all"
	}
	return ""
}
