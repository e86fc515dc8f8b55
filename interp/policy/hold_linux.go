package policy

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// held is where the system shows what this process has open.
const held = "/proc/self/fd/"

// canHold reports whether there is that folder.
func canHold() bool { return unix.Access(held, unix.X_OK) == nil }

// hold opens what is at a resolved path, of any kind, and not for reading or writing.
func hold(path string) (*os.File, error) { return openFile(path, unix.O_PATH, 0) }

// HeldPath is a path of what f, an open file of this process, is: whatever has happened to the
// path that it was opened by.
func HeldPath(f *os.File) string { return held + strconv.Itoa(int(f.Fd())) }
