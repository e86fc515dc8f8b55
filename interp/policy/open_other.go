//go:build !unix

package policy

import (
	"io/fs"
	"os"
)

// Without the calls that take an open folder the paths are used as they were resolved: the gap
// that Checker.ReadPath speaks of stays.

func metLink(error) bool { return false }

func openFile(path string, flag int, perm fs.FileMode) (*os.File, error) {
	return os.OpenFile(path, flag, perm)
}

func remove(path string) error         { return os.Remove(path) }
func rename(from, to string) error     { return os.Rename(from, to) }
func renameFree(from, to string) error { return os.Rename(from, to) }
