package policy

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// OpenFile checks the doors that flag asks for (read, write or both) and opens the file as
// [os.OpenFile] does. No link that appears between check and opening is followed, wherever on
// the way it is. It is the way to open files for a script. Errors are [*Denied] or *fs.PathError
// with the script's path. Opening a pipe may wait for its other end, and a terminal's for its
// line, unless flag says O_NONBLOCK.
func (c *Checker) OpenFile(path string, flag int, perm fs.FileMode) (f *os.File, err error) {
	err = c.use("open", path, resolve, func(at found) (err error) {
		if at.free {
			f, err = os.OpenFile(path, flag, perm)
		} else {
			f, err = openFile(at.path, flag, perm)
		}
		return err
	}, c.doors(flag)...)
	return f, err
}

// doors are those that an opening with flag asks.
func (c *Checker) doors(flag int) (doors []asked) {
	const access = os.O_RDONLY | os.O_WRONLY | os.O_RDWR
	changes := flag&(os.O_CREATE|os.O_TRUNC|os.O_APPEND) != 0
	if flag&access != os.O_RDONLY || changes {
		doors = append(doors, asked{"write", &c.write})
	}
	if flag&access != os.O_WRONLY {
		doors = append(doors, asked{"read", &c.read})
	}
	return doors
}

// Remove removes the file, the link or the empty folder at path, as [os.Remove] does, if a rule
// of the write door covers it. As with [Checker.OpenFile] no link on the way is followed that
// was not there when it was checked. Errors are [*Denied] or *fs.PathError with the script's path.
func (c *Checker) Remove(path string) error {
	return c.use("remove", path, resolveEntry, func(at found) error {
		if at.free {
			return os.Remove(path)
		}
		return remove(at.path)
	}, asked{"write", &c.write})
}

// Rename renames from to to, which it replaces as rename(2) does: a folder may take the place of
// an empty one. Rules of the write door must cover both; see [Checker.Remove]. Errors are
// [*Denied] with the path that is not allowed, or *fs.PathError with from.
func (c *Checker) Rename(from, to string) error {
	write := asked{"write", &c.write}
	return c.use("rename", from, resolveEntry, func(at found) error {
		there, err := c.find(to, resolveEntry, write)
		switch {
		case err != nil:
			return err
		case at.free || there.free:
			return renameFree(at.path, there.path)
		}
		return rename(at.path, there.path)
	}, write)
}

// tries is how often a path is resolved because a link has appeared on it since the last time.
const tries = 3

// use finds where path leads and does something there. Errors get the script's path.
func (c *Checker) use(op, path string, resolve func(string) (string, error), do func(found) error, doors ...asked) (err error) {
	for range tries {
		var at found
		if at, err = c.find(path, resolve, doors...); err == nil {
			err = do(at)
		}
		if at.free || !metLink(err) {
			break
		}
	}
	var e *fs.PathError
	var l *os.LinkError
	var errno syscall.Errno
	switch {
	case errors.As(err, &e):
		err = e.Err
	case errors.As(err, &l):
		err = l.Err
	case !errors.As(err, &errno) || errors.As(err, new(*Denied)):
		return err
	}
	return &fs.PathError{Op: op, Path: path, Err: err}
}
