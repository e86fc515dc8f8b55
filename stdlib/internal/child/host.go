//go:build unix

package child

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// What programs get of the host's: its environment, and its streams.

// Env returns the environment of programs that a script starts: what the env
// door lets the script read. It is never nil, which would mean all. It may be
// called by any goroutine.
func Env(in *interp.Engine) []string { return in.Policy().Environ(os.Environ()) }

// foreground reports whether programs that a script starts stay in the process group of
// this one: there is a terminal, which only its foreground group may read, and whose
// Ctrl-C is for that. Otherwise they get a group of their own, so that ending them ends
// also what they have started.
func foreground(in *interp.Engine) (yes bool) {
	control(in.Config().Stdin, func(fd int) {
		var st unix.Stat_t
		yes = unix.Fstat(fd, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFCHR
	})
	return yes
}

// hostFile returns a copy of the descriptor of a stream of the host's that is an
// open file a child can use, or wraps one; -1 for any other. Its mode is the host's
// affair.
func hostFile(stream any) int {
	copied := -1
	control(stream, func(fd int) {
		if again, err := Copy(fd); err == nil {
			copied = again
		}
	})
	return copied
}

// control calls fn with the descriptor of a stream of the host's, if it has one.
func control(stream any, fn func(fd int)) {
	c, ok := stream.(syscall.Conn)
	if !ok {
		return
	}
	_ = interp.Guard(func() error {
		raw, err := c.SyscallConn()
		if err != nil {
			return err
		}
		return raw.Control(func(fd uintptr) { fn(int(fd)) })
	})
}

// Copy returns a descriptor, close-on-exec, for what fd is open for, that a child can do with. It fails
// when there can be none.
func Copy(fd int) (int, error) {
	if usable(fd) {
		return sys.Dup(fd)
	}
	return reopen(fd)
}

// usable reports whether a child can do with a descriptor as it is: one that
// blocks, or never has to.
func usable(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_NONBLOCK == 0 {
		return err == nil
	}
	var st unix.Stat_t
	return unix.Fstat(fd, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG
}
