//go:build unix

package sys

import (
	"testing"

	"golang.org/x/sys/unix"
)

// A connection that was accepted for sockets that have been closed meanwhile is nobody's.
func TestAcceptedForNobody(t *testing.T) {
	var p [2]int
	if err := unix.Pipe(p[:]); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(p[1])
	k := &kin{accepting: &accepting{done: true, fd: p[0]}}
	k.drop(&Net{})
	if k.accepting != nil {
		t.Error("it is kept")
	}
	if _, err := unix.Write(p[1], []byte("x")); err != unix.EPIPE {
		t.Errorf("its descriptor is still open: %v", err)
	}
}
