//go:build unix

package socket_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// A server's loop over clients() ended with EMFILE when a crowd came, and the server with it. It
// waits until there are descriptors again, and says so once.
func TestClientsFull(t *testing.T) {
	var errs bytes.Buffer
	in, err := interp.New(interp.Config{
		Policy: policy.All(), Modules: stdlib.Modules(), Stderr: &errs, Limits: interp.Limits{Sockets: 6},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := in.RunString(ctx, "test.lua", `
		local server, served = socket.create_server("127.0.0.1", 0), 0
		local held = {socket.socket(), socket.socket(), socket.socket()}
		local loop = thread.start(function()
			for client in server:clients() do client:close() served = served + 1 end
		end)
		for round = 1, 2 do
			local c = socket.create_connection("127.0.0.1", server:getsockname().port)
			local full = {}
			while true do
				local ok, s = pcall(socket.socket)
				if not ok then assert(s.code == "EMFILE") break end
				full[#full + 1] = s
			end
			local late = thread.start(function()
				thread.sleep(0.12)
				for _, s in ipairs(full) do s:close() end
			end)
			assert(c:recv() == "")
			assert(late:join())
			c:close()
		end
		server:close()
		assert(loop:join(10))
		assert(served == 2, served)`); err != nil {
		t.Fatal(err)
	}
	if got := errs.String(); strings.Count(got, "clients socket(") != 1 || strings.Count(got, "\n") != 1 ||
		!strings.Contains(got, "going on when there are descriptors again") {
		t.Errorf("it says %q", got)
	}
}
