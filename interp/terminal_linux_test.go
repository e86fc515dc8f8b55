package interp_test

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal returns the path of a terminal at which nobody types; "" if there can be none.
func terminal(t *testing.T) string {
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return ""
	}
	t.Cleanup(func() { f.Close() })
	n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPTN)
	if err != nil || unix.IoctlSetPointerInt(int(f.Fd()), unix.TIOCSPTLCK, 0) != nil {
		return ""
	}
	name := fmt.Sprintf("/dev/pts/%d", n)
	if _, err := os.Stat(name); err != nil {
		return ""
	}
	return name
}
