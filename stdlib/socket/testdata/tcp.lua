-- TCP from both ends: the seven verbs of the HOWTO, what ends a stream, and what a failed call says.

local linux = pcall(function() return assert(socket.AF_PACKET) end)

local function listener(backlog)
  local l = socket.socket()
  l:bind("127.0.0.1", 0)
  l:listen(backlog)
  return l
end

local function pair()
  local l = listener()
  local c = socket.socket()
  c:connect(l:getsockname())
  local s = l:accept()
  l:close()
  return c, s
end

-- No period that divides a buffer size: a piece lost, doubled or moved makes a difference.
local function blob(n)
  local t = {}
  for i = 1, 1000 do t[i] = string.char(i * 7 % 256, i % 256, i * i % 251) end
  return (table.concat(t):rep(math.ceil(n / 3000)):sub(1, n))
end

local function recv_all(s)
  local t = {}
  repeat
    local piece = s:recv(65536)
    t[#t + 1] = piece
  until piece == ""
  return table.concat(t)
end

-- The thread's results, or its error.
local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

test("bind to port 0 finds a free port", function()
  local l = socket.socket()
  eq(l:bind("127.0.0.1", 0), true)
  local a = l:getsockname()
  eq(a.host, "127.0.0.1")
  assert(a.port > 0 and a.port < 65536, "port " .. tostring(a.port))
  eq(l:listen(5), true)
  eq(l:getsockname() == a, true, "listen does not change the address")
  l:close()
end)

test("connect, accept and the addresses of both ends", function()
  local l = listener()
  local c = socket.socket()
  eq(c:connect("127.0.0.1", l:getsockname().port), true)
  local s, from = l:accept()
  eq(tostring(from), tostring(c:getsockname()))
  eq(tostring(s:getpeername()), tostring(c:getsockname()))
  eq(tostring(s:getsockname()), tostring(c:getpeername()))
  eq(tostring(s:getsockname()), tostring(l:getsockname()))
  s:close() c:close() l:close()
end)

test("accept waits for a client that comes later", function()
  local l = listener()
  local t = thread.start(function()
    local s = l:accept()
    s:sendall("hello")
    s:close()
  end)
  thread.yield()
  local c = socket.socket()
  c:connect(l:getsockname())
  eq(recv_all(c), "hello")
  join(t)
  c:close() l:close()
end)

test("send gives the bytes taken, sendall true", function()
  local c, s = pair()
  eq(c:send("hello"), 5)
  eq(s:recv(100), "hello")
  eq(s:sendall("world!"), true)
  eq(c:recv(100), "world!")
  eq(c:send(""), 0)
  eq(c:sendall(""), true)
  c:close() s:close()
end)

test("recv gives at most n bytes and keeps the rest, 4096 when n is left out", function()
  local c, s = pair()
  local sent = blob(5000)
  c:sendall(sent)
  eq(s:recv(3), sent:sub(1, 3))
  repeat until #s:recv(5000, socket.MSG_PEEK) == 4997 -- all of it is here now
  local got = s:recv()
  eq(#got, 4096)
  eq(got == sent:sub(4, 4099), true)
  c:close() s:close()
end)

test("every byte travels, zero included", function()
  local all = {}
  for i = 0, 255 do all[#all + 1] = string.char(i) end
  all = table.concat(all)
  local c, s = pair()
  c:sendall(all)
  eq(s:readexactly(256) == all, true)
  c:close() s:close()
end)

test("recv answers \"\" at the end, each time it is asked", function()
  local c, s = pair()
  c:sendall("last")
  c:close()
  eq(s:recv(100), "last")
  eq(s:recv(100), "")
  eq(s:recv(100), "")
  s:close()
end)

test("shutdown(SHUT_WR) ends one direction and leaves the other", function()
  local c, s = pair()
  c:sendall("request")
  eq(c:shutdown(socket.SHUT_WR), true)
  eq(recv_all(s), "request")
  s:sendall("reply")
  s:close()
  eq(recv_all(c), "reply")
  raises("EPIPE", c.send, c, "more")
  c:close()
end)

test("shutdown(SHUT_RD) makes recv answer \"\"", function()
  local c, s = pair()
  c:shutdown(socket.SHUT_RD)
  eq(c:recv(10), "")
  c:close() s:close()
end)

test("shutdown(SHUT_RDWR) wakes both ends", function()
  local c, s = pair()
  local t = thread.start(function() return c:recv(10) end)
  thread.yield()
  c:shutdown(socket.SHUT_RDWR)
  eq(join(t), "")
  eq(s:recv(10), "")
  c:close() s:close()
end)

test("MSG_WAITALL waits for all of it", function()
  local c, s = pair()
  local started = thread.event()
  local t = thread.start(function()
    started:set()
    return s:recv(6, socket.MSG_WAITALL)
  end)
  started:wait()
  c:sendall("abc")
  for _ = 1, 200 do thread.yield() end -- chances to answer too early
  c:sendall("def")
  eq(join(t), "abcdef")
  c:close() s:close()
end)

-- It went with the flags that were not looked at: a call that shall not wait waited.
-- It read up to 4 KB ahead, which another socket of the same connection, or a child, then missed.
test("MSG_WAITALL reads no more than it was asked for", function()
  local a, b = socket.socketpair()
  local copy = b:dup()
  a:sendall("twothree")
  eq(b:recv(3, socket.MSG_WAITALL), "two")
  eq(copy:recv(100), "three")
end)

test("MSG_WAITALL does not wait with MSG_DONTWAIT, nor for more than one datagram", function()
  local a, b = socket.socketpair()
  a:sendall("abc")
  local flags = socket.MSG_WAITALL + socket.MSG_DONTWAIT
  eq(b:recv(10, flags), "abc")
  eq({b:recv(10, flags)}, {nil, "EAGAIN"})
  a:sendall("line\nabc")
  eq(b:readline(), "line")
  eq(b:recv(10, flags), "abc")
  local t = thread.start(b.recvfrom, b, 6, socket.MSG_WAITALL)
  a:sendall("abc") thread.yield() a:sendall("def")
  eq(select(2, t:join(10)), "abcdef")
  a:close() b:close()
  a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
  a:send("abc") a:send("def")
  eq(b:recv(6, socket.MSG_WAITALL), "abc")
  a:close() b:close()
end)

test("eight megabytes arrive unharmed", function()
  local c, s = pair()
  local sent = blob(8 * 1024 * 1024)
  local t = thread.start(function()
    c:sendall(sent)
    c:close()
  end)
  assert(recv_all(s) == sent, "received data differ from those sent")
  join(t)
  s:close()
end)

test("four megabytes there and back at the same time", function()
  -- More than the kernel's buffers hold: this hangs unless sending and receiving go on side by side.
  local c, s = pair()
  local sent = blob(4 * 1024 * 1024)
  local echo = thread.start(function()
    for piece in s:chunks(65536) do s:sendall(piece) end
    s:close()
  end)
  local writer = thread.start(function()
    c:sendall(sent)
    c:shutdown(socket.SHUT_WR)
  end)
  assert(recv_all(c) == sent, "echoed data differ from those sent")
  join(echo) join(writer)
  c:close()
end)

test("the backlog given is the one the kernel gets", function()
  if not linux then skip("how many wait beyond the backlog is Linux's own rule") end
  local l = listener(0) -- Linux lets backlog + 1 connections wait
  local first, second = socket.socket(), socket.socket()
  first:settimeout(5)
  eq(first:connect(l:getsockname()), true)
  second:settimeout(0.05)
  raises("ETIMEDOUT", second.connect, second, l:getsockname())
  first:close() second:close() l:close()
end)

test("connect_ex answers 0 when it worked", function()
  local l = listener()
  local c = socket.socket()
  eq(c:connect_ex(l:getsockname()), 0)
  c:close() l:close()
end)

test("calls on the wrong kind of socket name their code", function()
  local l, c = listener(), socket.socket()
  raises("ENOTCONN", c.getpeername, c)
  raises("ENOTCONN", c.shutdown, c, socket.SHUT_WR)
  raises("ENOTCONN", c.recv, c, 1)
  raises("EINVAL", c.accept, c)
  raises("EADDRINUSE", c.bind, c, l:getsockname())
  raises("EADDRNOTAVAIL", c.bind, c, "203.0.113.1", 0) -- a documentation address: nobody's own
  c:connect(l:getsockname())
  raises("EISCONN", c.connect, c, l:getsockname())
  c:close() l:close()
end)

test("writing to a peer that is gone raises, and kills nobody", function()
  local c, s = pair()
  s:close()
  local err = raises("", function() for _ = 1, 1000 do c:sendall("x") end end)
  assert(err.code == "EPIPE" or err.code == "ECONNRESET", "code " .. tostring(err.code))
  c:close()
end)

test("tostring shows descriptor, kind and addresses", function()
  local c, s = pair()
  eq(tostring(c), ("socket(fd=%d, AF_INET, SOCK_STREAM, %s -> %s)"):format(c:fileno(), tostring(c:getsockname()), tostring(c:getpeername())))
  c:close() s:close()
  assert(tostring(c):find("^socket%("), "closed: " .. tostring(c))
end)

-- accept makes the client's address only for who takes it, be it called again after a wait or not.
test("as many results of accept as are taken", function()
  local server = socket.create_server("127.0.0.1", 0)
  local clients = {}
  local function again(...)
    clients[#clients + 1] = socket.create_connection(server:getsockname())
    return ...
  end
  local ways = {
    function() local c, from = server:accept() return type(c), type(from) end,
    function() local c, from, third = server:accept() return type(c), type(from), third end,
    function() local c = server:accept() return type(c) end,
    function() local c = (server:accept()) return type(c) end,
    function() server:accept() return "none" end,
    function() return select("#", server:accept()) end,
    function() return select("#", (server:accept())) end,
    function() return #{server:accept()} end,
    function() return #{server:accept(), "more"} end,
    function() return server:accept() end,
    function() return pcall(server.accept, server) end,
    function() return select("#", pcall(server.accept, server)) end,
    function() local ok, c, from = pcall(function() return server:accept() end) return ok, type(c), type(from) end,
    function() local ok, c, from = xpcall(function() local c, from = server:accept() return c, from end, error) return ok, type(c), type(from) end,
    function() local c, from = coroutine.wrap(function() return server:accept() end)() return type(c), type(from) end,
    function() local t = setmetatable({}, {__index = function() return server:accept() end}) return type(t.x) end,
    function() for c, from in server.accept, server do return type(c), type(from) end end,
    function() for c in server.accept, server do return type(c) end end,
    function() local t = {} t.c, t.from = server:accept() return type(t.c), type(t.from) end,
  }
  local function kinds(...)
    local list = {...}
    for i = 1, select("#", ...) do list[i] = type(list[i]) == "userdata" and (tostring(list[i]):match("^%a+") or "address") or list[i] end
    return list
  end
  for i, way in ipairs(ways) do
    again()
    local there = kinds(way())
    local inside = thread.start(function() return way() end)
    thread.yield()
    again()
    local waited = kinds(inside:join(10))
    eq(table.remove(waited, 1), true)
    eq(waited, there, "way " .. i)
    again()
    inside = thread.start(function() return way() end)
    waited = kinds(inside:join(10))
    table.remove(waited, 1)
    eq(waited, there, "way " .. i .. ", in a thread")
  end
  for _, c in ipairs(clients) do c:close() end
  server:close()
end)
