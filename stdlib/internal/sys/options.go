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
	return f.run(s, atOnce, &op{
		Event: trace.Event{Op: "setsockopt", Level: level, Option: option, Data: binary.NativeEndian.AppendUint32(nil, uint32(value))},
		door:  func() error { return f.net.maySet(number(level), number(option), value) },
		call: callFunc(func(fd int) error {
			return f.set(fd, func(fd int) error { return unix.SetsockoptInt(fd, number(level), number(option), value) })
		})})
}

// SetInt sets an option to an integer: setsockopt(2).
func (f *FD) SetInt(level, option, value int) error { return f.SetIntFor(nil, level, option, value) }

// SetBytes sets an option to a structure's bytes: setsockopt(2). It may wait only
// where the policy does.
func (f *FD) SetBytes(s *interp.State, level, option int, value string) error {
	f.linger = f.linger || number(level) == unix.SOL_SOCKET && number(option) == unix.SO_LINGER
	return f.run(s, atOnce, &op{
		Event: trace.Event{Op: "setsockopt", Level: level, Option: option, Data: bytesOf(value)},
		door:  func() error { return f.maySetBytes(s, number(level), number(option), value) },
		call:  callFunc(func(fd int) error { return f.setBytes(fd, number(level), number(option), value) })})
}

func (f *FD) setBytes(fd, level, option int, value string) error {
	err := f.set(fd, func(fd int) error { return setsockopt(fd, level, option, bytesOf(value)) })
	if err == nil && level == unix.SOL_SOCKET && len(value) >= int(unsafe.Sizeof(unix.Timeval{})) {
		p := patienceOf(fd)
		for _, c := range f.copies() {
			c.patience = p
		}
	}
	return err
}

// patienceOf asks the system for it.
func patienceOf(fd int) (p patience) {
	if tv, err := unix.GetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO); err == nil {
		p.receiving = time.Duration(tv.Nano())
	}
	if tv, err := unix.GetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO); err == nil {
		p.sending = time.Duration(tv.Nano())
	}
	return p
}

func (f *FD) maySetBytes(s *interp.State, level, option int, value string) error {
	first := 0 // what it is, if it is an integer
	if len(value) >= 4 {
		first = int(int32(binary.NativeEndian.Uint32([]byte(value[:4]))))
	}
	if err := f.net.maySet(level, option, first); err != nil {
		return err
	}
	return f.mayJoin(s, level, option, value)
}

// Int returns an option that is an integer: getsockopt(2).
func (f *FD) Int(level, option int) (n int, err error) {
	level, option = number(level), number(option)
	err = f.run(nil, atOnce, &op{
		door: func() error { return f.net.mayOption(level, option) },
		call: callFunc(func(fd int) (err error) { n, err = unix.GetsockoptInt(fd, level, option); return err })})
	return n, err
}

// Bytes returns the bytes of an option that is a structure of at most n bytes:
// getsockopt(2).
func (f *FD) Bytes(level, option, n int) (value string, err error) {
	level, option = number(level), number(option)
	err = f.run(nil, atOnce, &op{
		door: func() error { return f.net.mayOption(level, option) },
		call: callFunc(func(fd int) (err error) { value, err = getsockopt(fd, level, option, n); return err })})
	return value, err
}

func getsockopt(fd, level, option, n int) (string, error) {
	unit := optionUnit(level, option)
	p := make([]byte, max(n, 1)*unit)
	size := uint32(n)
	_, _, e := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option),
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
