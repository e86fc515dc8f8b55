//go:build unix && !linux

package osfile

import (
	"io"
	"os"
)

// hasWriter reports whether somebody has opened the FIFO f to write to it. The byte it may have to read
// to find out is the first of f's.
func hasWriter(f *os.File) (first []byte, ok bool) {
	var b [1]byte
	n, err := Try(f, false, b[:])
	return b[:n], err != io.EOF
}
