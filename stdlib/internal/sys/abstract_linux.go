package sys

import (
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"wirelua/stdlib/internal/addr"
)

// An abstract name may have zero bytes in it, at the first of which x/sys/unix ends
// the names that it reads. These calls are for Unix sockets, and give all of a name.

func sockname(fd int) (unix.Sockaddr, error) {
	sa, err := unix.Getsockname(fd)
	return wholeName(fd, unix.SYS_GETSOCKNAME, sa), err
}

func peername(fd int) (unix.Sockaddr, error) {
	sa, err := unix.Getpeername(fd)
	return wholeName(fd, unix.SYS_GETPEERNAME, sa), err
}

// wholeName asks again for an abstract name.
func wholeName(fd int, trap uintptr, sa unix.Sockaddr) unix.Sockaddr {
	if u, ok := sa.(*unix.SockaddrUnix); !ok || !strings.HasPrefix(u.Name, "@") {
		return sa
	}
	var raw unix.RawSockaddrUnix
	size := uint32(unsafe.Sizeof(raw))
	_, _, e := unix.RawSyscall(trap, uintptr(fd), uintptr(unsafe.Pointer(&raw)), uintptr(unsafe.Pointer(&size)))
	if e != 0 {
		return sa
	}
	return unixSockaddr(&raw, size)
}

// unixSockaddr is what the kernel wrote; nil when that was nothing.
func unixSockaddr(raw *unix.RawSockaddrUnix, size uint32) unix.Sockaddr {
	if size < 2 {
		return nil
	}
	path := unsafe.Slice((*byte)(unsafe.Pointer(&raw.Path)), len(raw.Path))
	name := string(path[:min(int(size)-2, len(path))])
	if strings.HasPrefix(name, "\x00") {
		return &unix.SockaddrUnix{Name: "@" + name[1:]}
	}
	name, _, _ = strings.Cut(name, "\x00")
	return &unix.SockaddrUnix{Name: name}
}

// longest returns an abstract name that fills all of sun_path: for those x/sys/unix has
// no room, but syscall has.
func longest(sa unix.Sockaddr) *syscall.SockaddrUnix {
	u, ok := sa.(*unix.SockaddrUnix)
	if !ok || len(u.Name) != addr.MaxPath || u.Name[0] != '@' {
		return nil
	}
	return &syscall.SockaddrUnix{Name: u.Name}
}

func bind(fd int, sa unix.Sockaddr) error {
	if u := longest(sa); u != nil {
		return syscall.Bind(fd, u)
	}
	return unix.Bind(fd, sa)
}

func connect(fd int, sa unix.Sockaddr) error {
	if u := longest(sa); u != nil {
		return syscall.Connect(fd, u)
	}
	return unix.Connect(fd, sa)
}
