//go:build unix

package tls_test

import (
	"context"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// TestHammer has many threads use, cancel and close connections in all states at
// once; meant for -race. Nothing may hang, crash or be mixed up.
func TestHammer(t *testing.T) {
	must(t, nil, `
		local cert, key = tls.self_signed()
		local srv = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
		local port = srv:getsockname().port
		local known = {EBADF = true, ECANCELED = true, ETIMEDOUT = true, ETLS = true, ECONNRESET = true, EPIPE = true, EOF = true}
		local function may_fail(fn, ...)
			local ok, err = pcall(fn, ...)
			if not ok and not known[err.code] then error(err, 0) end
			return ok
		end
		local function echo(c)
			may_fail(function() for d in c:chunks() do c:sendall(d) end end)
			c:close()
		end
		thread.daemon(function() for c in srv:clients() do thread.daemon(echo, c) end end)
		local stop = time.monotonic() + 1
		local function one(i)
			local n = 0
			while time.monotonic() < stop do
				n = n + 1
				local c = tls.connect("127.0.0.1", port, {ca = cert, timeout = 5})
				local data = random.bytes(i * 1000 + n % 1000)
				local reader = thread.start(may_fail, function()
					assert(c:readexactly(#data) == data, "not the bytes sent")
				end)
				local writer = thread.start(may_fail, function() c:sendall(data) end)
				local how = (i + n) % 5
				if how == 1 then thread.yield() c:close()
				elseif how == 2 then reader:cancel()
				elseif how == 3 then writer:cancel() thread.yield() c:close()
				elseif how == 4 then c:settimeout(0.001) end
				assert(reader:join(10)) assert(writer:join(10))
				may_fail(c.close, c)
			end
			return n
		end
		local threads = {}
		for i = 1, 12 do threads[i] = thread.start(one, i) end
		for _, t in ipairs(threads) do assert(t:join()) end
		srv:close()`)
}

// TestClose closes an interpreter in the middle of handshakes, reads and writes:
// TestMain finds what is left over.
func TestClose(t *testing.T) {
	for _, wait := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond} {
		in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.All()})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		in.RunString(ctx, "script", `
			local cert, key = tls.self_signed()
			kept = {}
			for i = 1, 20 do
				local a, b = socket.socketpair()
				if i % 3 == 0 then a:setblocking(false) end
				thread.start(function()
					local c = tls.wrap(a, {server_name = "localhost", ca = cert})
					kept[i] = c
					if i % 3 > 0 then c:sendall(("x"):rep(1e7)) end
				end)
				if i % 4 > 0 then
					thread.start(function() tls.wrap(b, {server_side = true, cert = cert, key = key}):recv() thread.sleep(1) end)
				else
					kept[-i] = b
				end
			end`)
		cancel()
		in.Close()
	}
}
