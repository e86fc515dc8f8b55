package policy

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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

// ReadPath is [Checker.Read] and returns the path to open instead of the script's: absolute, and
// with all links resolved. (Where the rule "*" allows everything it returns path as it is.)
//
// Open the path it returns, never the one that was checked: that one is resolved again when it
// is opened, and may by then lead elsewhere. A smaller gap stays: another process, or a thread
// of the script's that renames folders meanwhile, may put a link where a folder was.
// [Checker.OpenFile] has no such gap.
func (c *Checker) ReadPath(path string) (string, error) {
	resolved, _, err := c.checkPath(&c.read, "read", path, resolve)
	return resolved, err
}

// WritePath is to [Checker.Write] what [Checker.ReadPath] is to [Checker.Read].
func (c *Checker) WritePath(path string) (string, error) {
	resolved, _, err := c.checkPath(&c.write, "write", path, resolve)
	return resolved, err
}

// EntryPath reports whether a script may remove or rename what is at path, or put something
// there, by the rules of the write door, and returns the path to use. Unlike [Checker.WritePath]
// it does not resolve path's last name: removing a link removes the link. The gap that ReadPath
// speaks of is here too. Renaming needs it for both paths.
func (c *Checker) EntryPath(path string) (string, error) {
	resolved, _, err := c.checkPath(&c.write, "write", path, resolveEntry)
	return resolved, err
}

// check resolves path and looks for the rule that covers it; root is what that rule covers.
func (d *pathDoor) check(door, path string, resolve func(string) (string, error)) (resolved, root string, err error) {
	if d.all {
		return path, "", nil
	}
	resolved, err = resolve(path)
	if err == nil {
		if root, ok := d.find(resolved); ok {
			return resolved, root, nil
		}
	}
	return "", "", d.denied(door, path, err)
}

// checkPath is check of one of c's doors.
func (c *Checker) checkPath(d *pathDoor, door, path string, resolve func(string) (string, error)) (resolved, root string, err error) {
	resolved, root, err = d.check(door, path, resolve)
	if err != nil && c.allow(err) == nil {
		return path, "", nil
	}
	return resolved, root, err
}

// denied builds the error for a path, which may not have resolved. What exactly failed, or where
// a link led, is no business of a script that may not look there.
func (d *pathDoor) denied(door, path string, unresolved error) error {
	e := &Denied{Door: door, What: path, Rule: everything}
	if badPath(path) != "" {
		return e
	}
	e.Rule = spelled(path)
	if _, ok := d.find(filepath.Clean(e.Rule)); ok {
		e.Why = "the path leads out of a folder that is allowed"
		if unresolved != nil {
			e.Why = "the path cannot be followed to its end"
		}
	}
	return e
}

// find returns the widest root that path is under: it has the fewest folders above it that a
// script could move.
func (d *pathDoor) find(path string) (root string, ok bool) {
	for _, r := range d.roots {
		if under(r, path) && (!ok || len(r) < len(root)) {
			root, ok = r, true
		}
	}
	return root, ok
}

// OpenFile checks the doors that flag asks for (read, write or both) and opens the file as
// [os.OpenFile] does. The file is opened below the folder that the rule covers, with [os.Root],
// so no link that appears between check and opening can lead out of it. It is the way to open
// files for a script. Errors are [*Denied] or *fs.PathError with the script's path. Opening a
// pipe may wait for its other end.
func (c *Checker) OpenFile(path string, flag int, perm fs.FileMode) (*os.File, error) {
	resolved, root, err := c.checkOpen(path, flag)
	if err != nil {
		return nil, err
	}
	if root == "" {
		return os.OpenFile(path, flag, perm)
	}
	f, err := openBelow(root, resolved, flag, perm)
	if e, ok := err.(*fs.PathError); ok {
		return nil, &fs.PathError{Op: "open", Path: path, Err: e.Err}
	}
	return f, err
}

// checkOpen asks the doors for an opening with flag. root is "" if nothing bounds it.
func (c *Checker) checkOpen(path string, flag int) (resolved, root string, err error) {
	const access = os.O_RDONLY | os.O_WRONLY | os.O_RDWR
	changes := flag&(os.O_CREATE|os.O_TRUNC|os.O_APPEND) != 0
	reads := flag&access != os.O_WRONLY
	if flag&access != os.O_RDONLY || changes {
		if resolved, root, err = c.checkPath(&c.write, "write", path, resolve); err != nil || !reads {
			return resolved, root, err
		}
	}
	r, rRoot, err := c.checkPath(&c.read, "read", path, resolve)
	if root == "" || err != nil {
		return r, rRoot, err
	}
	// Both doors are bounded, or only the write door is: its root holds.
	return resolved, root, nil
}

// openBelow opens a resolved path below root. If root is no folder, or the path is root itself,
// the folder above bounds it.
func openBelow(root, path string, flag int, perm fs.FileMode) (*os.File, error) {
	rel, err := filepath.Rel(root, path)
	if err != nil || rel == "." {
		root, rel = filepath.Split(path)
	}
	if rel == "" {
		rel = "." // the root of the file system
	}
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	return dir.OpenFile(rel, flag, perm)
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
