-- Sockets, pipes and files handed over to children: the child waits in its calls, as
-- programs expect, and this end goes on keeping to its limits.

local function child(code, options, ...)
  return process.spawn({process.executable, "-e", code, ...}, options)
end

-- What a child sees of a descriptor: whether it blocks.
local function blocks(fd, options)
  options.stdout = "pipe"
  local p = process.spawn({python, "-c", "import os; print(os.get_blocking(" .. fd .. "))"}, options)
  local answer = p.stdout:read("*a")
  p:wait()
  return answer == "True\n"
end

local function connected()
  local server = socket.create_server("127.0.0.1", 0)
  local near = socket.create_connection(server:getsockname())
  local far = server:accept()
  server:close()
  return near, far
end

test("cat is an inetd service", function()
  local client, server = connected()
  local p = process.spawn({"cat"}, {stdin = server, stdout = server})
  server:close()
  client:sendall("hello\n")
  eq(client:readline(), "hello")
  client:sendall("more")
  client:shutdown(socket.SHUT_WR)
  eq(client:readexactly(4), "more")
  eq(client:recv(), "", "the last copy is closed")
  eq(p:wait(10), 0)
end)

test("the parent's copy keeps its limits", function()
  local client, server = connected()
  local p = process.spawn({"sleep", "60"}, {stdin = server, stdout = server})
  server:settimeout(0.05)
  local start = time.monotonic()
  raises("ETIMEDOUT", server.recv, server)
  raises("ETIMEDOUT", server.readline, server)
  local full = {pcall(server.sendall, server, ("x"):rep(20e6))}
  eq(full[2].code, "ETIMEDOUT")
  assert(full[2].sent > 0)
  server:setblocking(false)
  eq({server:recv()}, {nil, "EAGAIN"})
  eq(select("#", server:send("x")) > 0, true)
  assert(time.monotonic() - start < 5)
  server:setblocking(true)
  local waiting = thread.start(function() return server:recv() end)
  thread.sleep(0.02)
  waiting:cancel()
  eq(select(2, waiting:join(10)).code, "ECANCELED")
  local waiting = thread.start(function() return server:recv() end)
  thread.sleep(0.02)
  server:close()
  eq(select(2, waiting:join(10)).code, "EBADF", "closing wakes")
  p:kill() p:wait()
  client:close()
end)

test("a call under way when the socket is handed over", function()
  local client, server = connected()
  server:settimeout(0.3)
  local waiting = thread.start(function() return pcall(server.recv, server) end)
  local copy = server:dup()
  copy:settimeout(0.3)
  local copying = thread.start(function() return pcall(copy.recv, copy) end)
  thread.sleep(0.02)
  local p = process.spawn({"sleep", "60"}, {stdin = server})
  for _, t in ipairs {waiting, copying} do
    local ended, ok, err = t:join(10)
    eq({ended, ok, err.code}, {true, false, "ETIMEDOUT"})
  end
  copy:settimeout(0.02)
  raises("ETIMEDOUT", copy.recv, copy)
  local later = server:dup()
  later:settimeout(0.02)
  raises("ETIMEDOUT", later.recv, later)
  local another = socket.fromfd(server:fileno())
  another:settimeout(0.02)
  raises("ETIMEDOUT", another.recv, another)
  p:kill() p:wait()
  for _, k in ipairs {client, server, copy, later, another} do k:close() end
end)

test("a socket blocks in the child", function()
  if not python then skip("no python3") end
  local a, b = socket.socketpair()
  eq(blocks(0, {stdin = a}), true)
  eq(blocks(3, {files = {a}}), true)
  local p = process.spawn({python, "-c", [[
import socket
s = socket.socket(fileno=3)
print(s.recv(100).decode(), flush=True)   # a non-blocking one would raise
s.sendall(b"x" * 2000000)                  # more than fits
s.close()]]}, {files = {a}, stdout = "pipe"})
  a:close()
  thread.sleep(0.1)
  b:sendall("late")
  eq(p.stdout:read(), "late")
  thread.sleep(0.05)
  eq(#b:readexactly(2000000), 2000000)
  eq(p:wait(10), 0)
  b:close()
end)

test("a wirelua child gets the client as descriptor 3", function()
  local client, server = connected()
  local p = child([[
local s = socket.fromfd(3)
socket.close(3)
s:settimeout(0.05)
print(pcall(s.recv, s))
s:settimeout(nil)
s:sendall("name? ")
s:sendall("hello " .. s:readline() .. "\n")
s:close()]], {files = {server}, stdout = "pipe"})
  assert(p.stdout:read():find("timed out"), "its timeouts hold")
  eq(client:readexactly(6), "name? ")
  client:sendall("ada\n")
  eq(client:readline(), "hello ada")
  server:settimeout(0.05)
  raises("ETIMEDOUT", server.recv, server)
  eq(p:wait(10), 0)
  server:close()
  eq(client:recv(), "")
end)

test("fromfd leaves the mode as it was for others", function()
  if not python then skip("no python3") end
  local a, b = socket.socketpair()
  local p = process.spawn({"sh", "-c", [["$1" -e 'local s = socket.fromfd(0) s:settimeout(0.01) pcall(s.recv, s)'
echo gone
exec cat]], "sh", process.executable}, {stdin = a, stdout = a})
  a:close()
  eq(b:readline(), "gone")
  thread.sleep(0.1) -- and cat is waiting
  b:sendall("still waits\n")
  eq(b:readline(), "still waits")
  b:close()
  eq(p:wait(10), 0)
end)

test("a listener: parent and child accept", function()
  local server = socket.create_server("127.0.0.1", 0)
  local address = server:getsockname()
  local p = child([[
local s = socket.fromfd(3)
while true do
  local c = s:accept()
  c:sendall("child") c:close()
end]], {files = {server}})
  server:settimeout(0.1)
  local seen = {child = 0, parent = 0}
  local stop = false
  local t = thread.start(function()
    while not stop do
      local ok, c = pcall(server.accept, server)
      if ok then c:sendall("parent") c:close() else eq(c.code, "ETIMEDOUT") end
    end
  end)
  for i = 1, 300 do
    local c = socket.create_connection(address, {timeout = 10})
    local who = c:readexactly(5) .. c:recv()
    seen[who] = seen[who] + 1
    c:close()
  end
  stop = true
  eq(t:join(10), true)
  eq(seen.child + seen.parent, 300)
  p:kill() p:wait()
  server:settimeout(5)
  server:close()
end)

test("a listener in Python blocks, and the parent's accept keeps its limit", function()
  if not python then skip("no python3") end
  local server = socket.create_server("127.0.0.1", 0)
  local p = process.spawn({python, "-c", [[
import socket
s = socket.socket(fileno=3)
for i in range(20):
    c, _ = s.accept()
    c.sendall(b"python"); c.close()
]]}, {files = {server}})
  server:settimeout(0.05)
  local start = time.monotonic()
  raises("ETIMEDOUT", server.accept, server)
  server:setblocking(false)
  eq({server:accept()}, {nil, "EAGAIN"})
  assert(time.monotonic() - start < 5)
  for i = 1, 20 do
    local c = socket.create_connection(server:getsockname())
    eq(c:recv(), "python")
    c:close()
  end
  eq(p:wait(10), 0)
  local c = socket.create_connection(server:getsockname())
  server:setblocking(true)
  local mine = server:accept()
  mine:sendall("parent")
  eq(c:recv(), "parent")
  mine:close() c:close() server:close()
end)

test("datagrams", function()
  local s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  s:bind("127.0.0.1", 0)
  local p = child([[
local s = socket.fromfd(3)
local data, from = s:recvfrom(100)
s:sendto(data:upper(), from)]], {files = {s}})
  local c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  c:settimeout(10)
  c:sendto("abc", s:getsockname())
  eq(c:recv(), "ABC")
  p:wait()
  s:settimeout(0.02)
  raises("ETIMEDOUT", s.recvfrom, s, 100)
  c:close() s:close()
end)

test("a socket that is not connected yet", function()
  local server = socket.create_server("127.0.0.1", 0)
  local s = socket.socket()
  local p = process.spawn({"sleep", "60"}, {stdin = s})
  s:settimeout(5)
  s:connect(server:getsockname())
  s:sendall("x")
  eq((server:accept()):recv(), "x")
  p:kill() p:wait() s:close() server:close()
end)

test("relay and sendfile on a socket that is shared", function()
  local near, far = connected()
  local p = process.spawn({"sleep", "60"}, {stdin = far})
  local name = os.tmpname()
  local f = io.open(name, "w") f:write(("0123456789"):rep(300000)) f:close()
  local sending = thread.start(function() local n = far:sendfile(name) far:close() return n end)
  eq(near:readexactly(3000000), ("0123456789"):rep(300000))
  eq({sending:join(10)}, {true, 3000000})
  os.remove(name)
  p:kill() p:wait() near:close()

  local a, b = socket.socketpair()
  local c, d = socket.socketpair()
  p = process.spawn({"sleep", "60"}, {stdin = b, files = {c}})
  local relaying = thread.start(function() return socket.relay(b, c) end)
  a:sendall("there") eq(d:recv(), "there")
  d:sendall("back") eq(a:recv(), "back")
  raises("EBUSY", process.spawn, {"true"}, {stdin = (function() local x, y = socket.socketpair()
    thread.daemon(function() pcall(socket.relay, x, d) end) thread.sleep(0.02) return x end)()})
  p:kill() p:wait()
  a:close() relaying:cancel() relaying:join(10)
  b:close() c:close() d:close()
end)

test("what was read ahead cannot be handed over", function()
  local a, b = socket.socketpair()
  a:sendall("line\nrest")
  eq(b:readline(), "line")
  raises("4 bytes have been read ahead", process.spawn, {"cat"}, {stdin = b})
  eq(b:recv(), "rest")
  local p = process.spawn({"cat"}, {stdin = b, stdout = b})
  a:shutdown(socket.SHUT_WR)
  eq(p:wait(10), 0)
  a:close() b:close()
  raises("EBADF", process.spawn, {"cat"}, {stdin = b})
end)

test("a makefile is flushed first", function()
  local a, b = socket.socketpair()
  local f = b:makefile("w")
  f:write("first ")
  eq(process.spawn({"printf", "second"}, {stdout = f}):wait(), 0)
  f:close() b:close()
  eq(a:readuntil("second"), "first second")
  a:close()
end)

test("pipes", function()
  local r, w = process.pipe()
  local p = process.spawn({"cat"}, {stdin = r, stdout = "pipe"})
  w:write("through") w:close()
  eq(p.stdout:read("*a"), "through")
  eq(p:wait(), 0)
  r:settimeout(0.05)
  eq(r:read(), nil, "its end")
  r:close()

  r, w = process.pipe()
  p = process.spawn({"sh", "-c", "sleep 0.05; echo one; sleep 0.1; echo two >&3"}, {stdout = w, files = {w}})
  w:close()
  r:settimeout(10)
  eq({r:read("*l", "*l", "*l")}, {"one", "two", nil})
  p:wait()

  if python then
    r, w = process.pipe()
    eq(blocks(0, {stdin = r}), true)
    eq(blocks(3, {files = {w}}), true)
    w:settimeout(0.05)
    local err = raises("ETIMEDOUT", w.write, w, ("x"):rep(1000000))
    assert(err.sent >= 4096 and err.sent < 1000000, "sent " .. tostring(err.sent))
    r:settimeout(0.05)
    eq(#r:read(err.sent), err.sent)
    raises("ETIMEDOUT", r.read, r)
    r:settimeout(0)
    eq({r:read()}, {nil, "EAGAIN"})
    w:close() r:close()
  end
end)

test("pipes between children", function()
  local a = process.spawn({"printf", "b\\na\\nc\\n"}, {stdout = "pipe"})
  local b = process.spawn({"sort"}, {stdin = a.stdout, stdout = "pipe"})
  a.stdout:close()
  eq(b.stdout:read("*a"), "a\nb\nc\n")
  eq({a:wait(), b:wait()}, {0, 0})
end)

test("files, from where the script is", function()
  local name = os.tmpname()
  local f = io.open(name, "w+")
  f:write("first\nsecond\n")
  eq(process.spawn({"echo", "third"}, {stdout = f}):wait(), 0)
  f:seek("set")
  eq(f:read(), "first")
  local p = process.spawn({"cat"}, {stdin = f, stdout = "pipe"})
  eq(p.stdout:read("*a"), "second\nthird\n")
  p:wait() f:close()
  raises("EBADF", process.spawn, {"cat"}, {stdin = f})
  os.remove(name)
  local pipe = io.popen("echo from popen")
  if python and not blocks(0, {stdin = pipe}) then error("a pipe of popen's does not block") end
  p = process.spawn({"cat"}, {stdin = pipe, stdout = "pipe"})
  eq(p.stdout:read("*a"), "from popen\n")
  p:wait() pipe:close()
end)

test("a file whose descriptor was that of a pipe nobody holds any more", function()
  local name = os.tmpname()
  for _ = 1, 5 do
    for _ = 1, 10 do process.pipe() end
    collectgarbage()
    local all = {}
    for i = 1, 20 do
      all[i] = io.open(name, "w")
      eq(process.spawn({"echo", "x"}, {stdout = all[i]}):wait(), 0)
    end
    for i = 1, 20 do all[i]:close() end
  end
  os.remove(name)
end)

test("files become 3, 4 and so on", function()
  local a, b = socket.socketpair()
  local r, w = process.pipe()
  local p = child([[
local pipe, s = process.fdopen(3), socket.fromfd(4)
socket.close(4)
s:sendall(pipe:read("*a"))
s:close()]], {files = {r, b}})
  r:close() b:close()
  w:write("3 to 4") w:close()
  eq(a:readexactly(6), "3 to 4")
  eq(a:recv(), "")
  eq(p:wait(), 0)
  a:close()
end)

test("a TLS connection is more than its descriptor", function()
  local cert, key = tls.self_signed{"localhost"}
  local a, b = socket.socketpair()
  local server = thread.start(function() return tls.wrap(b, {server_side = true, cert = cert, key = key}) end)
  local client = tls.wrap(a, {server_name = "localhost", ca = cert})
  local _, conn = server:join(10)
  raises("descriptor of its own, got tls", process.spawn, {"cat"}, {stdin = conn})
  raises("stands for more than its descriptor", process.spawn, {"cat"}, {stdout = conn:makefile("w")})
  client:sendall("still fine\n")
  eq(conn:readline(), "still fine")
  client:close() conn:close()
end)
