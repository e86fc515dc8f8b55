package policy

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// maxLinks is how many symbolic links one path may lead through, as in Linux.
const maxLinks = 40

// resolve returns the absolute path, free of links, of the file that opening path would reach,
// or would create. It walks as the kernel does: ".." leaves the folder that a link led to, not
// the one the link is in, so a path must not be cleaned before. Links that lead to nothing yet
// are followed too, because creating a file follows them. Where it cannot see what the kernel
// would see it fails.
func resolve(path string) (string, error) {
	path, err := absolute(path)
	if err != nil {
		return "", err
	}
	w := newWalk(path)
	for len(w.todo) > 0 {
		if err := w.step(path); err != nil {
			return "", err
		}
	}
	return w.at, nil
}

// resolveEntry is resolve but for the last name, which is kept even if it is a link: the path of
// the entry in its folder, which is what removing and renaming work on.
func resolveEntry(path string) (string, error) {
	path, err := absolute(path)
	if err != nil {
		return "", err
	}
	dir, name := filepath.Split(path)
	if name == "" || name == "." || name == ".." {
		return resolve(path)
	}
	dir, err = resolve(dir)
	return filepath.Join(dir, name), err
}

// absolute puts the current folder in front of a relative path. Unlike [filepath.Abs] it does
// not clean the result.
func absolute(path string) (string, error) {
	if path == "" || strings.ContainsRune(path, 0) {
		return "", pathError(path, syscall.EINVAL)
	}
	if filepath.IsAbs(path) {
		return path, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	return dir + string(filepath.Separator) + path, nil
}

// walk is a path being resolved: at has no links in it, todo is yet to be walked.
type walk struct {
	at    string
	todo  []string
	links int
	// nowhere is set once at is not a folder, or not there: all further names are taken as they
	// are.
	nowhere bool
}

func newWalk(path string) *walk {
	root, names := split(path)
	return &walk{at: root, todo: names}
}

// split parts an absolute path into its root and names.
func split(path string) (root string, names []string) {
	volume := filepath.VolumeName(path)
	isSeparator := func(r rune) bool { return r < 128 && os.IsPathSeparator(uint8(r)) }
	return volume + string(filepath.Separator), strings.FieldsFunc(path[len(volume):], isSeparator)
}

// step walks one name. path is for errors.
func (w *walk) step(path string) error {
	name := w.todo[0]
	w.todo = w.todo[1:]
	switch {
	case name == ".":
		return nil
	case name == ".." && w.nowhere:
		return pathError(path, syscall.ENOENT) // as the kernel has it: there is nothing to leave
	case name == "..":
		w.at = filepath.Dir(w.at)
		return nil
	}
	next := filepath.Join(w.at, name)
	if w.nowhere {
		w.at = next
		return nil
	}
	return w.enter(next, path)
}

// enter moves on to next, which is below at, or to where it leads.
func (w *walk) enter(next, path string) error {
	info, err := os.Lstat(next)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
		w.nowhere = true
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return w.follow(next, path)
	case !info.IsDir():
		w.nowhere = true
	}
	w.at = next
	return nil
}

// follow puts what a link says in front of what is left to walk.
func (w *walk) follow(link, path string) error {
	if w.links++; w.links > maxLinks {
		return pathError(path, syscall.ELOOP)
	}
	target, err := os.Readlink(link)
	if err != nil {
		return err
	}
	names := strings.Split(target, string(filepath.Separator))
	if filepath.IsAbs(target) {
		w.at, names = split(target)
	}
	todo := make([]string, 0, len(names)+len(w.todo))
	for _, name := range names {
		if name != "" {
			todo = append(todo, name)
		}
	}
	w.todo = append(todo, w.todo...)
	return nil
}

func pathError(path string, err error) error {
	return &fs.PathError{Op: "resolve", Path: path, Err: err}
}

// spelled is path as a rule would have it: absolute, and cleaned where that cannot change what
// it means. It does not resolve links, so that an error for a script does not tell it where a
// link outside its fence leads.
func spelled(path string) string {
	full, err := absolute(path)
	if err != nil {
		return path
	}
	if strings.Contains(full, "..") {
		return full
	}
	return filepath.Clean(full)
}

// under reports whether path is root or below it; both are resolved.
func under(root, path string) bool {
	rest, ok := strings.CutPrefix(path, root)
	return ok && (rest == "" || os.IsPathSeparator(rest[0]) || os.IsPathSeparator(root[len(root)-1]))
}
