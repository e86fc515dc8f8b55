//go:build unix

package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Cmsg encodes one item of ancillary data, padded as the kernel wants it.
func Cmsg(level, typ int, data []byte) []byte {
	b := make([]byte, unix.CmsgSpace(len(data)))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	h.Level, h.Type = int32(level), int32(typ)
	h.SetLen(unix.CmsgLen(len(data)))
	copy(b[unix.CmsgLen(0):], data)
	return b
}
