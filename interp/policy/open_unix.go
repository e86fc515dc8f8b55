//go:build unix

package policy

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// folderFlags open a folder on the way, for what is in it alone.
const folderFlags = searchOnly | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC

// metLink reports whether err may come of a link where there was none when the path was resolved.
func metLink(err error) bool {
	return errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.EMLINK)
}

// inFolder calls do with the folder that a resolved path is in, which is open, and the path's last
// name. It goes there one name at a time from the root of the file system, and follows no link.
func inFolder(path string, do func(folder int, name string) error) error {
	root, names := split(path)
	at, err := openAt(unix.AT_FDCWD, root, folderFlags, 0)
	for err == nil && len(names) > 1 {
		var next int
		next, err = openAt(at, names[0], folderFlags, 0)
		_ = unix.Close(at)
		at, names = next, names[1:]
	}
	if err != nil {
		return err
	}
	defer unix.Close(at)
	if len(names) == 0 {
		return do(at, ".")
	}
	return do(at, names[0])
}

func openAt(folder int, name string, flag int, perm uint32) (fd int, err error) {
	err = again(func() (err error) {
		fd, err = unix.Openat(folder, name, flag, perm)
		return err
	})
	return fd, err
}

// again makes a call until no signal interrupts it.
func again(call func() error) (err error) {
	for {
		if err = call(); err != unix.EINTR {
			return err
		}
	}
}

// openFile opens the file at a resolved path.
func openFile(path string, flag int, perm fs.FileMode) (f *os.File, err error) {
	err = inFolder(path, func(folder int, name string) error {
		fd, err := openAt(folder, name, flag|unix.O_NOFOLLOW|unix.O_CLOEXEC, uint32(perm.Perm()))
		if err == nil {
			f = os.NewFile(uintptr(fd), path)
		}
		return err
	})
	return f, err
}

// remove removes what is at a resolved path. The error is that of the kind which it is.
func remove(path string) error {
	return inFolder(path, func(folder int, name string) error {
		err := again(func() error { return unix.Unlinkat(folder, name, 0) })
		if err == nil {
			return nil
		}
		err2 := again(func() error { return unix.Unlinkat(folder, name, unix.AT_REMOVEDIR) })
		if err2 != unix.ENOTDIR {
			err = err2
		}
		return err
	})
}

// rename is rename(2) of resolved paths.
func rename(from, to string) error {
	return inFolder(from, func(folder int, name string) error {
		return inFolder(to, func(folder2 int, name2 string) error {
			return again(func() error { return unix.Renameat(folder, name, folder2, name2) })
		})
	})
}

// renameFree is rename(2). os.Rename refuses what that allows: a folder may take the place of
// an empty one.
func renameFree(from, to string) error {
	return again(func() error { return unix.Rename(from, to) })
}
