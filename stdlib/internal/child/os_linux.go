package child

import (
	"fmt"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// toWait is how many it takes to wait for a child: one of os.Process, and
// awaitExit's.
const toWait = 2

// awaitExit waits for a child to end, on Go's poller: one goroutine, and no thread
// of the system's, for each child. Where that cannot be it returns at once.
func awaitExit(pid int) {
	fd, err := unix.PidfdOpen(pid, unix.PIDFD_NONBLOCK)
	if err != nil {
		return
	}
	f := os.NewFile(uintptr(fd), "pidfd")
	defer f.Close()
	raw, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) bool {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, 0)
		return n > 0 || err != nil && err != unix.EINTR
	})
}

// closeOnExec keeps from children what this process itself inherited; all else
// that is open here was opened so.
func closeOnExec() {
	if unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC) != nil {
		closeListed("/proc/self/fd")
	}
}

// reopen returns a descriptor for the same pipe or device that blocks, whatever
// the other does.
func reopen(fd int) (int, error) {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		return -1, err
	}
	// Opening a FIFO waits for its other end, which may have come and gone.
	again, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", fd), flags&unix.O_ACCMODE|unix.O_CLOEXEC|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err == nil {
		err = unix.SetNonblock(again, false)
	}
	return again, err
}
