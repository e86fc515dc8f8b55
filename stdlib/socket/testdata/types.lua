-- A socket's type may have SOCK_NONBLOCK and SOCK_CLOEXEC mixed in, as in Python: the
-- socket begins so, and its type is told without them. They were taken and meant nothing.

local flags = (socket.SOCK_NONBLOCK or 0) + (socket.SOCK_CLOEXEC or 0)

test("non-blocking from the start", function()
  if not socket.SOCK_NONBLOCK then skip("the platform has no SOCK_NONBLOCK") end
  local a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM + flags)
  for _, s in ipairs{
    socket.socket(socket.AF_INET, socket.SOCK_STREAM + socket.SOCK_NONBLOCK),
    socket.socket(socket.AF_INET6, socket.SOCK_STREAM + flags),
    socket.fromfd(a:fileno(), socket.AF_UNIX, socket.SOCK_STREAM + socket.SOCK_NONBLOCK),
    a, b,
  } do
    eq(s:gettimeout(), 0)
    eq(s.timeout, 0)
    eq(s:getblocking(), false)
    eq(s.type, socket.SOCK_STREAM)
    eq(tostring(s):match("SOCK_%w+"), "SOCK_STREAM")
    if s ~= a and s ~= b then s:close() end
  end
  eq({a:recv(1)}, {nil, "EAGAIN"})
  a:setblocking(true)
  eq(a:gettimeout(), nil)
  a:close() b:close()
end)

test("it goes before the default timeout, SOCK_CLOEXEC does not", function()
  if not socket.SOCK_NONBLOCK then skip("the platform has no SOCK_NONBLOCK") end
  socket.setdefaulttimeout(3)
  local s, c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM + socket.SOCK_NONBLOCK), socket.socket(socket.AF_INET, socket.SOCK_DGRAM + socket.SOCK_CLOEXEC)
  socket.setdefaulttimeout(nil)
  eq({s:gettimeout(), s.type}, {0, socket.SOCK_DGRAM})
  eq({c:gettimeout(), c.type}, {3, socket.SOCK_DGRAM})
  s:close() c:close()
end)

-- x/sys/unix has room for one byte less than the kernel.
test("an abstract name of the full length", function()
  if not io.open("/proc/net/unix") then skip("Linux only") end
  local name = "\0" .. ("n"):rep(107 - #tostring(process.pid)) .. process.pid
  eq(#name, 108)
  for _, kind in ipairs{socket.SOCK_STREAM, socket.SOCK_DGRAM} do
    local s, c = socket.socket(socket.AF_UNIX, kind), socket.socket(socket.AF_UNIX, kind)
    s:bind(name)
    eq(s:getsockname().path, name)
    if kind == socket.SOCK_STREAM then
      s:listen()
      c:connect(name)
      eq(c:getpeername().path, name)
      local client = s:accept()
      c:send("hello")
      eq(client:recv(10), "hello")
      client:close()
    else
      eq(c:sendto("one", name), 3)
      eq(c:sendmsg({"t", "wo"}, nil, 0, name), 3)
      eq(s:recv(10) .. s:recv(10), "onetwo")
      c:bind(("\0b"):rep(54))
      c:sendto("x", name)
      local data, from = s:recvfrom(10)
      eq(from.path, ("\0b"):rep(54))
      eq(s:sendto("back", from), 4)
      eq(c:recv(10), "back")
    end
    raises("too long (109 bytes, at most 108)", c.connect, c, name .. "x")
    raises("too long (108 bytes, at most 107)", c.connect, c, ("x"):rep(108))
    s:close() c:close()
  end
end)

-- debug.setmetatable takes an object's methods away, as from a file in Lua 5.1; what it is it stays, to functions that take one.
test("an object whose metatable is taken away", function()
  local a, b = socket.socketpair()
  local tcp = socket.create_server("127.0.0.1", 0)
  local _, failed = pcall(socket.connect, socket.socket(), "127.0.0.1", 1)
  for name, o in pairs {
    socket = a, address = tcp:getsockname(), error = failed, file = io.tmpfile(), makefile = b:makefile(), queue = thread.queue(),
    lock = thread.lock(), thread = thread.start(function() end), selector = selectors.new(), poll = select.poll(), pipe = process.pipe(),
    shared = process.shared_memory {size = 8}, process = process.spawn {"true"},
  } do
    assert(debug.setmetatable(o, nil), name)
    raises("attempt to index upvalue 'o' (a userdata value)", function() return o.anything end)
    raises("attempt to call method 'close'", function() debug.setmetatable(o, {__index = {}}) o:close() end)
    debug.setmetatable(o, nil)
    assert(tostring(o):find("^userdata: "), name)
  end
  eq(b.send(a, "x"), 1)
  eq(b:recv(), "x")
  eq(#select.select({a}, {}, {}, 0), 0)
  local queue = thread.queue()
  debug.setmetatable(queue, nil)
  raises("bad self (socket expected, got userdata", b.send, queue, "x")
  b.close(a)
  eq(b:recv(), "")
end)
