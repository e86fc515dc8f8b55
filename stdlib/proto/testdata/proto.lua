-- The helpers for trying things out.

local function client(server) return proto.dial(server:getsockname(), {timeout = 20}) end

-- A server that runs beside the test, as at a prompt.
local function serve(fn)
  local server = socket.create_server("127.0.0.1", 0)
  local port = server:getsockname().port
  server:close()
  thread.daemon(proto.serve, port, fn)
  for _ = 1, 1000 do
    local ok, conn = pcall(proto.dial, "127.0.0.1:" .. port, {timeout = 20})
    if ok then return conn, port end
    thread.sleep(0.01)
  end
  error("no server came up")
end

test("serve, dial, expect, sendline", function()
  local gone = thread.queue()
  local conn = serve(function(c, address)
    proto.sendline(c, "hello " .. address)
    gone:put((proto.expect(c, "bye (%w+) (%w+)\n")))
  end)
  eq(proto.expect(conn, "hello (%S+)\n"), tostring(conn:getsockname()))
  proto.sendline(conn, "bye for now")
  eq(conn:recv(), "", "closed when the function has ended")
  eq(gone:get(), "for")
end)

test("a handler that fails is told with the address, and the next is served", function()
  local conn, port = serve(function(c) if c:readline() == "fail" then error("oh", 0) end c:sendall("fine") end)
  local shown, write = {}, io.stderr
  proto.sendline(conn, "fail")
  eq(conn:recv(), "")
  local other = proto.dial("127.0.0.1:" .. port)
  proto.sendline(other, "x")
  eq(other:recv(), "fine")
end)

test("expect leaves the rest, and says what came", function()
  local a, b = socket.socketpair()
  a:sendall("one two three")
  eq({proto.expect(b, "(o)(n)e")}, {"o", "n"})
  eq(proto.expect(b, "%s*t%w"), " tw")
  local err = raises("ETIMEDOUT", proto.expect, b, "four", 0.01)
  eq({err.partial, err.timeout}, {"o three", true})
  eq(b:recv(3), "o t")
  thread.start(function() a:sendall("fo") thread.yield() a:sendall("ur") a:close() end)
  eq(proto.expect(b, "four", 20), "four")
  err = raises("EOF", proto.expect, b, "x", 20)
  eq({err.partial, err.op}, {"", "expect"})
  raises("bad argument #1 to 'expect' (socket expected, got number)", proto.expect, 1, "x")
  raises("unfinished capture", proto.expect, socket.socketpair(), "(")
end)

test("dial", function()
  local server = socket.create_server("127.0.0.1", 0)
  local address = server:getsockname()
  eq(proto.dial(address):getpeername(), address)
  eq(proto.dial("127.0.0.1:" .. address.port, {timeout = 3}):gettimeout(), 3)
  eq(proto.dial("tcp://127.0.0.1:" .. address.port):getpeername(), address)
  local path = "\0proto-" .. hex.encode(random.bytes(8))
  local unix = socket.socket(socket.AF_UNIX)
  if pcall(unix.bind, unix, path) then
    unix:listen()
    eq(proto.dial("unix:@" .. path:sub(2)):getpeername().path, path)
  end
  local cert, key = tls.self_signed {"localhost"}
  local secure = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
  thread.start(function() secure:accept():with(function(c) c:sendall("secret") end) end)
  local conn = proto.dial("tls://localhost:" .. secure:getsockname().port, {tls = {ca = cert}, timeout = 20})
  eq(conn:recv(), "secret")
  raises("host:port, unix:/path or tls://host:port expected, got 'nowhere'", proto.dial, "nowhere")
  raises("unknown option 'time', there are: tls, timeout", proto.dial, "x:1", {time = 1})
  raises("ECONNREFUSED", proto.dial, "127.0.0.1:1")
end)

-- Errors named a line of this module's own, and the function of another module's that it calls.
test("where a helper fails is where it was called", function()
  local here = debug.getinfo(1, "S").short_src .. ":" .. debug.getinfo(1, "l").currentline + 1
  local ok, err = pcall(function() return (proto.dial("127.0.0.1:1")) end)
  eq({tostring(err), err.op, err.where}, {"dial 127.0.0.1:1: connection refused", "dial", here})
  local a = socket.socketpair()
  a:close()
  ok, err = pcall(proto.sendline, a, "x")
  eq({err.op, err.code}, {"sendline", "EBADF"})
  eq(err.where:match("%d+"), tostring(here:match("(%d+)$") + 4))
  ok, err = pcall(proto.dial, "127.0.0.1:70000")
  eq(err, here:gsub("%d+$", function(n) return n + 7 end) .. ": bad argument #2 to 'create_connection' (port must be 0-65535, got 70000)")
  -- What a script's own function does, called by a helper, is its own.
  local found = thread.queue()
  local conn = serve(function(c) local ok, err = pcall(c.recv, c, -1) found:put(err) ok, err = pcall(a.recv, a) found:put(err.op) end)
  eq(found:get(), here:gsub("%d+$", function(n) return n + 11 end) .. ": bad argument #1 to 'recv' (size must be 0-2147483647, got -1)")
  eq(found:get(), "recv")
end)

test("udp", function()
  local probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  probe:bind("127.0.0.1", 0)
  local port = probe:getsockname().port
  probe:close()
  thread.daemon(proto.udp, port, function(data, address, reply)
    if data == "fail" then error("oh", 0) end
    reply(data:upper() .. " " .. address)
  end)
  local s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  s:bind("127.0.0.1", 0)
  s:settimeout(20)
  thread.yield()
  s:sendto("fail", "127.0.0.1", port)
  s:sendto("abc", "127.0.0.1", port)
  eq(s:recv(100), "ABC " .. s:getsockname())
end)

test("wrong arguments", function()
  raises("bad argument #2 to 'serve' (function expected, which is called for each, got nil)", proto.serve, 8080)
  raises("bad argument #3 to 'udp' (function expected, which is called for each, got table)", proto.udp, "127.0.0.1", 0, {})
  raises("port must be 0-65535", proto.serve, 70000, print)
  raises("bad argument #2 to 'dial' (table expected, got number)", proto.dial, "127.0.0.1:1", 5)
  raises("bad argument #1 to 'sendline' (socket expected, got nil)", proto.sendline)
  raises("bad argument #1 to 'interact' (socket expected, got string)", proto.interact, "x")
end)

test("inspect and pp", function()
  eq(inspect({1, {a = "x\n"}}), [[{1, {a = "x\n"}}]])
  eq(inspect({{{1}}}, {depth = 2}), "{{{...}}}")
  eq(inspect({1, 2, 3}, {items = 2}), "{1, 2, ... (1 more)}")
  eq(inspect({1, 2}, {width = 4}), "{\n  1,\n  2\n}")
  raises("unknown option 'dept'", inspect, 1, {dept = 1})
  eq(rawget(_G, "inspect"), nil)
  eq(dial, nil, "the others are globals for who types")
end)
