package socket_test

import (
	"context"
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/policy"
)

// A filter's length is counted in instructions: asked for one of a hundred bytes, the kernel
// wrote eight hundred into a buffer of a hundred.
func TestFilterLength(t *testing.T) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := l.(*net.UDPConn).SyscallConn()
	code := make([]unix.SockFilter, 100)
	for i := range code {
		code[i] = unix.SockFilter{Code: unix.BPF_RET, K: 0x41414141}
	}
	_ = raw.Control(func(fd uintptr) {
		err = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]})
	})
	if err != nil {
		t.Fatal(err)
	}
	in := embed(t, interp.Config{Policy: policy.All()}, "")
	if err := in.Set("s", l); err != nil {
		t.Fatal(err)
	}
	err = in.RunString(context.Background(), "x", `
local got = s:getsockopt(socket.SOL_SOCKET, socket.SO_ATTACH_FILTER, 100)
assert(#got == 800 and select(2, got:gsub("AAAA", "")) == 100, #got)`)
	if err != nil {
		t.Error(err)
	}
}
