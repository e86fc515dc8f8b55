package socket_test

import (
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// TestLingerAtTheEnd has scripts end that leave sockets open whose close waits for what was sent, which nobody
// reads: the interpreter's end took as long, for one after the other.
func TestLingerAtTheEnd(t *testing.T) {
	const script = `
		local function lingering()
			local l = socket.create_server("127.0.0.1", 0)
			l:setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096) -- too small for what is sent
			local a = socket.create_connection("127.0.0.1", l:getsockname().port)
			a:setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 3))
			a:setblocking(false)
			while a:send(("x"):rep(65536)) do end
			return a, l:accept()
		end
		a, b = lingering()
		local c
		c, d = lingering()
		number = c:detach()`
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.All()})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.RunString(t.Context(), "script", script); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	in.Close()
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("Close took %v", d)
	}
}
