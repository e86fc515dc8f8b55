-- Connecting, in all the ways it can go on waiting or fail, and trying again afterwards with the same socket.

local linux = pcall(function() return assert(socket.AF_PACKET) end)

-- A listener whose queue is full: whoever connects waits. Linux drops what does not fit; others may refuse.
local function full_listener()
  if not linux then skip("how a full backlog answers differs between systems") end
  local l = socket.create_server("127.0.0.1", 0, {backlog = 0})
  local filler = socket.socket()
  filler:connect(l:getsockname())
  return l, filler
end

-- A socket that is bound and does not listen: its port refuses.
local function refusing()
  local s = socket.socket()
  s:bind("127.0.0.1", 0)
  return s, s:getsockname()
end

-- Starts fn in a daemon (a wait that does not end must not hang the file) and comes back when it waits.
local function waiter(fn, ...)
  local started = thread.event()
  local t = thread.daemon(function(...)
    started:set()
    return fn(...)
  end, ...)
  started:wait()
  thread.yield()
  eq(t:alive(), true, "it waits")
  return t
end

local function fails(t, op, code)
  local ok, err = t:join(5)
  eq(ok, false)
  eq(type(err) == "string" and err or {err.op, err.code}, {op, code})
end

test("close wakes who connects", function()
  local l, filler = full_listener()
  local c = socket.socket()
  local t = waiter(c.connect, c, l:getsockname())
  c:close()
  fails(t, "connect", "EBADF")
  filler:close() l:close()
end)

test("cancel wakes who connects", function()
  local l, filler = full_listener()
  local c = socket.socket()
  local t = waiter(c.connect, c, l:getsockname())
  t:cancel()
  fails(t, "connect", "ECANCELED")
  t = waiter(socket.create_connection, l:getsockname())
  t:cancel()
  fails(t, "create_connection", "ECANCELED")
  c:close() filler:close() l:close()
end)

test("others run while one connects", function()
  local l, filler = full_listener()
  local c = socket.socket()
  c:settimeout(5)
  local t = waiter(c.connect, c, l:getsockname())
  local a, b = socket.socketpair()
  for i = 1, 100 do
    a:sendall("x")
    eq(b:recv(1), "x")
  end
  t:cancel()
  fails(t, "connect", "ECANCELED")
  for _, s in ipairs {a, b, c, filler, l} do s:close() end
end)

test("a refused connect may be tried again, and is refused again", function()
  local none, address = refusing()
  for _, limit in ipairs {false, 5} do
    local c = socket.socket()
    c:settimeout(limit or nil)
    for _ = 1, 5 do raises("ECONNREFUSED", c.connect, c, address) end
    for _ = 1, 5 do eq(select(2, c:connect_ex(address)), "ECONNREFUSED") end
    c:close()
  end
  none:close()
end)

test("trying again works as soon as somebody listens", function()
  local l, address = refusing()
  local c = socket.socket()
  raises("ECONNREFUSED", c.connect, c, address)
  l:listen()
  eq(c:connect(address), true)
  local s = l:accept()
  c:sendall("at last")
  eq(s:recv(100), "at last")
  c:close() s:close() l:close()
end)

test("a connect that was refused can go elsewhere", function()
  local none, address = refusing()
  local l = socket.create_server("127.0.0.1", 0)
  local c = socket.socket()
  eq(select(2, c:connect_ex(address)), "ECONNREFUSED")
  eq(c:connect_ex(l:getsockname()), 0)
  eq(c:getpeername() == l:getsockname(), true)
  c:close() l:close() none:close()
end)

test("connect_ex answers a limit that passed", function()
  local l, filler = full_listener()
  local c = socket.socket()
  c:settimeout(0.02)
  local errno, code = c:connect_ex(l:getsockname())
  assert(errno ~= 0)
  assert(code == "ETIMEDOUT" or code == "EAGAIN", code) -- Python answers EAGAIN here
  c:close() filler:close() l:close()
end)

test("connect_ex raises for wrong arguments all the same", function()
  local c = socket.socket()
  raises("port must be 0-65535", c.connect_ex, c, "127.0.0.1", 65536)
  raises("bad argument", c.connect_ex, c)
  c:close()
end)

test("both ends know each other after a connect from a bound socket", function()
  local l = socket.create_server("127.0.0.1", 0)
  local c = socket.socket()
  c:bind("127.0.0.1", 0)
  local own = c:getsockname()
  c:connect(l:getsockname())
  eq(c:getsockname() == own, true)
  local s, from = l:accept()
  eq(from == own, true)
  c:close() s:close() l:close()
end)

test("a hundred connect at once", function()
  local l = socket.create_server("127.0.0.1", 0, {backlog = 128})
  local threads = {}
  for i = 1, 100 do
    threads[i] = thread.start(function()
      return socket.create_connection(l:getsockname(), {timeout = 10}):with(function(c)
        c:sendall(i .. "\n")
        return c:readline()
      end)
    end)
  end
  for _ = 1, 100 do
    l:accept():with(function(s) s:sendall("welcome " .. s:readline() .. "\n") end)
  end
  for i = 1, 100 do eq({threads[i]:join(10)}, {true, "welcome " .. i}) end
  l:close()
end)
