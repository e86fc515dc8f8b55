//go:build unix

package sys

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// ends returns FDs that have just what in and out need, for descriptors that block or do not.
func ends(t *testing.T, family, typ int, blocking bool) (a, b *FD) {
	t.Helper()
	var fds [2]int
	var err error
	if family == noFamily {
		fds, err = Pipe()
		fds[0], fds[1] = fds[1], fds[0] // b reads
	} else {
		fds, err = socketpair(family, typ, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	make := func(fd int) *FD {
		t.Cleanup(func() { unix.Close(fd) })
		if err := unix.SetNonblock(fd, !blocking); err != nil {
			t.Fatal(err)
		}
		f := &FD{fd: fd, Traits: Traits{Family: family, Type: typ}}
		f.shared.Store(blocking)
		return f
	}
	return make(fds[0]), make(fds[1])
}

// everyKind runs test over pipes and sockets, with descriptors that are ours alone and with such as others
// have made block.
func everyKind(t *testing.T, test func(t *testing.T, a, b *FD)) {
	for _, k := range []struct {
		name        string
		family, typ int
	}{{"stream", unix.AF_UNIX, unix.SOCK_STREAM}, {"datagram", unix.AF_UNIX, unix.SOCK_DGRAM}, {"pipe", noFamily, 0}} {
		for _, blocking := range []bool{false, true} {
			name := k.name
			if blocking {
				name += " that blocks"
			}
			t.Run(name, func(t *testing.T) {
				a, b := ends(t, k.family, k.typ, blocking)
				test(t, a, b)
			})
		}
	}
}

// TestNeverWaits: in and out answer EAGAIN whatever the descriptor's mode.
func TestNeverWaits(t *testing.T) {
	everyKind(t, func(t *testing.T, a, b *FD) {
		if n, err := b.in(b.fd, &packet{p: make([]byte, 10)}); n != 0 || err != unix.EAGAIN {
			t.Errorf("reading nothing: %d, %v", n, err)
		}
		sent, p := 0, make([]byte, 1000)
		for range 100000 {
			n, err := a.out(a.fd, &packet{p: p})
			if sent += n; err == unix.EAGAIN || err == unix.ENOBUFS { // macOS has the other for datagrams
				return
			}
			if err != nil || n == 0 {
				t.Fatalf("after %d bytes: %d, %v", sent, n, err)
			}
		}
		t.Errorf("takes %d bytes and more", sent)
	})
}

// TestEveryByte: what goes out comes in, in order.
func TestEveryByte(t *testing.T) {
	everyKind(t, func(t *testing.T, a, b *FD) {
		for _, text := range []string{"x", "hello", strings.Repeat("0123456789", 40)} {
			if n, err := a.out(a.fd, &packet{p: []byte(text)}); n != len(text) || err != nil {
				t.Fatalf("out: %d, %v", n, err)
			}
			p := make([]byte, 1000)
			if n, err := b.in(b.fd, &packet{p: p}); string(p[:n]) != text || err != nil {
				t.Fatalf("in: %q, %v", p[:n], err)
			}
		}
	})
}

// TestSizes: never more than the buffer holds, and never bytes that the kernel did not write.
func TestSizes(t *testing.T) {
	for _, typ := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM} {
		for _, flags := range []int{0, unix.MSG_TRUNC, unix.MSG_PEEK} {
			for _, k := range []kind{plain, aMessage} {
				a, b := ends(t, unix.AF_UNIX, typ, false)
				if _, err := a.out(a.fd, &packet{p: []byte("0123456789")}); err != nil {
					t.Fatal(err)
				}
				p := []byte("????")
				n, err := b.in(b.fd, &packet{kind: k, p: p, flags: flags})
				if n != 4 || err != nil || string(p) != "0123" {
					t.Errorf("type %d, flags %#x, kind %d: %d, %v, %q", typ, flags, k, n, err, p)
				}
			}
		}
	}
}

// TestOutOfFile: a file goes out from its place on, moved by what went, and ends with 0.
func TestOutOfFile(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	file.WriteString("0123456789")
	for _, blocking := range []bool{false, true} {
		a, b := ends(t, unix.AF_UNIX, unix.SOCK_STREAM, blocking)
		k := packet{kind: aFile, fd: int(file.Fd()), offset: 3, count: 4}
		for _, want := range []string{"3456", "789"} {
			n, err := a.out(a.fd, &k)
			p := make([]byte, 20)
			got, _ := b.in(b.fd, &packet{p: p})
			if n != len(want) || err != nil || string(p[:got]) != want {
				t.Errorf("blocking %v: %d, %v, %q, want %q", blocking, n, err, p[:got], want)
			}
		}
		if n, err := a.out(a.fd, &k); n != 0 || err != nil {
			t.Errorf("at the end: %d, %v", n, err)
		}
	}
}
