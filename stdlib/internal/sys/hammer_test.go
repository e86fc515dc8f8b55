//go:build unix

package sys_test

import (
	"context"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
	"wirelua/stdlib/internal/sys"
)

// hammering has what scripts get at by handing sockets to children only.
var hammering = &interp.Module{Name: "hammering", Funcs: []interp.Function{
	{Name: "share", Args: "socket", Doc: "makes the socket block for all others who have it", Fn: func(s *interp.State) int {
		fd, _ := s.Get(1).(*lua.LUserData).Value.(interface{ Bare() (*sys.FD, bool) }).Bare()
		if err := fd.Share(s); err != nil {
			return s.Raise(err)
		}
		return s.True()
	}},
}}

func hammer(t *testing.T, script string) {
	t.Helper()
	in, err := interp.New(interp.Config{Policy: policy.All(), Modules: append(stdlib.Modules(), hammering)})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	err = in.RunString(ctx, "hammer", `
		socket, thread, hammering = require "socket", require "thread", require "hammering"
		function all(n, fn)
			local list = {}
			for i = 1, n do list[i] = thread.start(fn, i) end
			return list
		end
		function join(list) for _, t in ipairs(list) do t:join() end end
	`+script)
	if err != nil {
		t.Error(err)
	}
}

// TestHammerQueues has many threads at both sides of one pair of sockets: each message is got by one of
// them, those that do not wait and those whose time runs out lose none, and closing wakes all.
func TestHammerQueues(t *testing.T) {
	hammer(t, `
		local a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
		local hasty = b:dup() -- the same queue in the kernel, another in here
		hasty:settimeout(0.002)
		local seen, count, closed = {}, 0, 0
		local function got(data)
			assert(not seen[data], data)
			seen[data], count = true, count + 1
		end
		local function reader(i)
			while true do
				local from, flags = b, 0
				if i % 3 == 0 then from = hasty elseif i % 3 == 1 and count % 2 == 0 then flags = socket.MSG_DONTWAIT end
				local ok, data = pcall(from.recv, from, 100, flags)
				if ok and data then got(data)
				elseif not ok and data.code == "EBADF" then closed = closed + 1 return
				elseif not ok then assert(data.code == "ETIMEDOUT", data) end
				if flags ~= 0 then thread.yield() end
			end
		end
		local readers = all(9, reader)
		join(all(6, function(i) for k = 1, 200 do a:send(i .. ":" .. k) end end))
		while count < 1200 do thread.sleep(0.001) end
		b:close() hasty:close()
		join(readers)
		assert(count == 1200 and closed == 9, count .. " " .. closed)
	`)
}

// TestHammerRelay relays while others want the same sockets: these get nothing of what is relayed, which
// arrives whole, and what comes after it is theirs.
func TestHammerRelay(t *testing.T) {
	hammer(t, `
		join(all(8, function(i)
			local client, near = socket.socketpair()
			local far, server = socket.socketpair()
			local relay = thread.start(function() return socket.relay(near, far) end)
			local text = (i .. "|"):rep(40000 + i)
			local writer = thread.start(function() client:sendall(text) client:shutdown(socket.SHUT_WR) end)
			local back = thread.start(function() server:sendall(text:reverse()) end)
			local parts = {server:recv(65536)} -- by now it relays
			local others = all(3, function() return pcall(near.recv, near, 10) end)
			while true do
				local data = server:recv(65536)
				if data == "" then break end
				parts[#parts + 1] = data
			end
			assert(table.concat(parts) == text)
			join {writer}
			local n, reply = 0, {}
			while n < #text do local data = client:recv(65536) reply[#reply + 1] = data n = n + #data end
			assert(table.concat(reply) == text:reverse())
			join {back}
			server:close()
			local ab, ba = relay:join()
			assert(ab == #text and ba == #text, ab)
			for _, t in ipairs(others) do local ok, data = t:join() assert(ok and data == "", data) end
			near:close() far:close() client:close()
		end))
	`)
}

// TestHammerSharedAccept has many threads accept at a listener that blocks, as one does which a
// child has, too, and at a copy of it: each connection is got once, and closing wakes all.
func TestHammerSharedAccept(t *testing.T) {
	hammer(t, `
		local listener = socket.create_server("127.0.0.1", 0)
		local address = listener:getsockname()
		hammering.share(listener)
		local copy = listener:dup()
		local seen, count, closed = {}, 0, 0
		local acceptors = all(8, function(i)
			local l = i % 2 == 0 and listener or copy
			while true do
				local ok, c = pcall(l.accept, l)
				if not ok then
					assert(c.code == "EBADF", c)
					closed = closed + 1
					return
				end
				local data = c:recv(100)
				assert(not seen[data], data)
				seen[data], count = true, count + 1
				c:sendall(data)
				c:close()
			end
		end)
		join(all(5, function(i)
			for k = 1, 20 do
				local c = socket.create_connection(address)
				c:sendall(i .. ":" .. k)
				assert(c:recv(100) == i .. ":" .. k)
				c:close()
			end
		end))
		assert(count == 100, count)
		listener:close() copy:close()
		join(acceptors)
		assert(closed == 8, closed)
	`)
}
