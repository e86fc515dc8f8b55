//go:build unix

package sys

import (
	"encoding/binary"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
)

// SetIntFor is SetInt for a script, of which the observer hears.
func (f *FD) SetIntFor(s *interp.State, level, option, value int) error {
	start := f.net.Now()
	err := f.SetInt(level, option, value)
	if f.net.observer != nil {
		f.observeOption(s, start, level, option, binary.NativeEndian.AppendUint32(nil, uint32(value)), err)
	}
	return err
}

// SetInt sets an option to an integer: setsockopt(2).
func (f *FD) SetInt(level, option, value int) error {
	if f.fd < 0 {
		return unix.EBADF
	}
	level, option = number(level), number(option)
	if err := f.net.maySet(level, option, value); err != nil {
		return err
	}
	return unix.SetsockoptInt(f.fd, level, option, value)
}

// SetBytes sets an option to a structure's bytes: setsockopt(2). It may wait only
// where the policy does.
func (f *FD) SetBytes(s *interp.State, level, option int, value string) error {
	start := f.net.Now()
	err := f.setBytes(s, level, option, value)
	f.observeOption(s, start, level, option, bytesOf(value), err)
	return err
}

func (f *FD) observeOption(s *interp.State, start time.Time, level, option int, value []byte, err error) {
	f.net.Report(s, start, trace.Event{Op: "setsockopt", FD: f.fd, Data: value, Err: err, Level: level, Option: option})
}

func (f *FD) setBytes(s *interp.State, level, option int, value string) error {
	if f.fd < 0 {
		return unix.EBADF
	}
	level, option = number(level), number(option)
	first := 0 // what it is, if it is an integer
	if len(value) >= 4 {
		first = int(int32(binary.NativeEndian.Uint32([]byte(value[:4]))))
	}
	if err := f.net.maySet(level, option, first); err != nil {
		return err
	}
	if err := f.mayJoin(s, level, option, value); err != nil {
		return err
	}
	if f.fd < 0 {
		return unix.EBADF // closed while the policy looked a name up
	}
	return setsockopt(f.fd, level, option, bytesOf(value))
}

// Int returns an option that is an integer: getsockopt(2).
func (f *FD) Int(level, option int) (int, error) {
	if f.fd < 0 {
		return 0, unix.EBADF
	}
	level, option = number(level), number(option)
	if err := f.net.mayOption(level, option); err != nil {
		return 0, err
	}
	return unix.GetsockoptInt(f.fd, level, option)
}

// Bytes returns the bytes of an option that is a structure of at most n bytes:
// getsockopt(2).
func (f *FD) Bytes(level, option, n int) (string, error) {
	if f.fd < 0 {
		return "", unix.EBADF
	}
	level, option = number(level), number(option)
	if err := f.net.mayOption(level, option); err != nil {
		return "", err
	}
	unit := optionUnit(level, option)
	p := make([]byte, max(n, 1)*unit)
	size := uint32(n)
	_, _, e := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(f.fd), uintptr(level), uintptr(option),
		uintptr(unsafe.Pointer(&p[0])), uintptr(unsafe.Pointer(&size)), 0)
	if e != 0 {
		return "", e
	}
	return string(p[:min(int(size)*unit, len(p))]), nil // some tell how much there would be
}

// number is what the kernel, to which it is an int, makes of a level or option.
func number(n int) int { return int(int32(n)) }

func setsockopt(fd, level, option int, value []byte) error {
	var p unsafe.Pointer
	if len(value) > 0 {
		p = unsafe.Pointer(&value[0])
	} else {
		p = unsafe.Pointer(&[1]byte{})
	}
	_, _, e := unix.Syscall6(unix.SYS_SETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option), uintptr(p), uintptr(len(value)), 0)
	if e != 0 {
		return e
	}
	return nil
}
