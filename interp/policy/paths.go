package policy

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// pathDoor holds the rules of the read or the write door.
type pathDoor struct {
	all   bool
	roots []string // resolved: each covers itself and what is below
}

func compilePaths(door string, rules []string) (d pathDoor, err error) {
	for _, rule := range rules {
		if rule == everything {
			d.all = true
			continue
		}
		if problem := badPath(rule); problem != "" {
			return d, &RuleError{Door: door, Rule: rule, Problem: problem}
		}
		root, err := resolve(rule)
		if err != nil {
			return d, &RuleError{Door: door, Rule: rule, Problem: unresolved(err).Error()}
		}
		d.roots = append(d.roots, root)
	}
	return d, nil
}

// Read reports whether a script may read the file or list the folder at path. A relative path
// starts from the process's current folder. If in doubt, as with a folder on the way that cannot
// be searched, it may not. Most callers want [Checker.ReadPath] or [Checker.OpenFile]. It waits
// for nothing but the file system.
func (c *Checker) Read(path string) error {
	_, err := c.ReadPath(path)
	return err
}

// Write reports whether a script may create or change the file at path; for removing and
// renaming ask [Checker.EntryPath]. It is otherwise as [Checker.Read].
func (c *Checker) Write(path string) error {
	_, err := c.WritePath(path)
	return err
}

// ReadPath is [Checker.Read] and returns the path to use instead of the script's: absolute, and
// with all links resolved. (Where the rule "*" allows everything it returns path as it is.)
//
// Use the path it returns, never the one that was checked: that one is resolved again when it
// is used, and may by then lead elsewhere. A smaller gap stays: another process, or a thread
// of the script's that renames folders meanwhile, may put a link where a folder was.
// [Checker.OpenFile], [Checker.Remove] and [Checker.Rename] have no such gap.
func (c *Checker) ReadPath(path string) (string, error) {
	at, err := c.find(path, resolve, asked{"read", &c.read})
	return at.path, err
}

// WritePath is to [Checker.Write] what [Checker.ReadPath] is to [Checker.Read].
func (c *Checker) WritePath(path string) (string, error) {
	at, err := c.find(path, resolve, asked{"write", &c.write})
	return at.path, err
}

// EntryPath reports whether a script may remove or rename what is at path, or put something
// there, by the rules of the write door, and returns the path to use. Unlike [Checker.WritePath]
// it does not resolve path's last name: removing a link removes the link. The gap that ReadPath
// speaks of is here too; [Checker.Remove] and [Checker.Rename] are without it.
func (c *Checker) EntryPath(path string) (string, error) {
	at, err := c.find(path, resolveEntry, asked{"write", &c.write})
	return at.path, err
}

// Reading returns a checker with the same rules whose read door covers the folder dir, too: for
// what its owner may always read, as a script does its own code. A folder that cannot be found
// adds nothing. c itself does not change.
func (c *Checker) Reading(dir string) *Checker {
	root, err := resolve(dir)
	if c.read.all || err != nil {
		return c
	}
	d := *c
	d.read.roots = append(slices.Clip(d.read.roots), root)
	return &d
}

// asked is a door that is asked for a path, by its name.
type asked struct {
	name string
	*pathDoor
}

// found is where a path that is allowed leads.
type found struct {
	path string
	free bool // some rule allows everything, and path is the script's own: no link matters
}

// maxPath is how long a path may be: the system's own bound, so that no work is spent on more.
const maxPath = 4096

// find resolves path, once, and has the doors say whether it may be used.
func (c *Checker) find(path string, resolve func(string) (string, error), doors ...asked) (found, error) {
	doors = slices.DeleteFunc(doors, func(d asked) bool { return d.all })
	if len(doors) == 0 {
		return found{path, true}, nil
	}
	if len(path) > maxPath {
		return found{}, pathError(path[:100]+"...", syscall.ENAMETOOLONG)
	}
	resolved, err := resolve(path)
	at := found{path: resolved}
	for _, d := range doors {
		if err == nil && d.covers(resolved) {
			continue
		}
		if denied := c.allow(d.denied(d.name, path, err)); denied != nil {
			return found{}, denied
		}
		at = found{path, true} // an audit lets everything through
	}
	return at, nil
}

// denied builds the error for a path, which may not have resolved. What exactly failed, or where
// a link led, is no business of a script that may not look there.
func (d *pathDoor) denied(door, path string, unresolved error) error {
	e := &Denied{Door: door, What: path, Rule: everything}
	if badPath(path) != "" {
		return e
	}
	e.Rule = spelled(path)
	if d.covers(filepath.Clean(e.Rule)) {
		e.Why = "the path leads out of a folder that is allowed"
		if unresolved != nil {
			e.Why = "the path cannot be followed to its end"
		}
	}
	return e
}

// covers reports whether a rule covers a resolved path.
func (d *pathDoor) covers(path string) bool {
	return slices.ContainsFunc(d.roots, func(root string) bool { return under(root, path) })
}

// badPath says what is wrong with a path rule, or "".
func badPath(rule string) string {
	switch {
	case rule == "":
		return "is empty: write a file or folder, or *"
	case strings.ContainsRune(rule, 0):
		return "has a zero byte in it: write a file or folder"
	case rule == "~" || strings.HasPrefix(rule, "~/"):
		return "starts with ~, which only shells know: write the folder out"
	case strings.Contains(rule, "*"):
		// A file may be called so, but one who writes this means a pattern.
		if _, err := os.Lstat(rule); err != nil {
			return "is a pattern: write the folder alone, which covers what is below it"
		}
	}
	return ""
}

// unresolved is the problem of a rule whose path does not resolve.
func unresolved(err error) error {
	if e, ok := err.(*fs.PathError); ok {
		err = e.Err
	}
	return fmt.Errorf("cannot be resolved (%v): write a path without links, in folders that can be searched", err)
}
