-- Time limits and non-blocking mode. A limit covers the whole call; would-block is an answer, a time-out an error.

local linux = pcall(function() return assert(socket.AF_PACKET) end)

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

local function listener(backlog) return socket.create_server("127.0.0.1", 0, {backlog = backlog}) end

-- A listener whose queue is full: whoever connects to it waits. Linux drops what does not fit; others may refuse.
local function full_listener()
  if not linux then skip("how a full backlog answers differs between systems") end
  local l = listener(0)
  local filler = socket.socket()
  filler:connect(l:getsockname())
  return l, filler
end

local function timed_out(op, fn, ...)
  local err = raises("ETIMEDOUT", fn, ...)
  eq(err.code, "ETIMEDOUT")
  eq(err.op, op)
  eq(err.timeout, true)
  return err
end

test("settimeout, gettimeout, setblocking and getblocking agree", function()
  local s = socket.socket()
  local function is(timeout, blocking)
    eq(s:gettimeout(), timeout)
    eq(s.timeout, timeout)
    eq(s:getblocking(), blocking)
  end
  is(nil, true)
  eq(s:settimeout(0.05), true)
  is(0.05, true)
  s:settimeout(0)
  is(0, false)
  s:settimeout(nil)
  is(nil, true)
  eq(s:setblocking(false), true)
  is(0, false)
  s:setblocking(true)
  is(nil, true)
  s:setblocking(0) -- as the HOWTO writes it
  is(0, false)
  s:setblocking(1)
  is(nil, true)
  s:close()
end)

test("a limit must be a number that is not negative", function()
  local s = socket.socket()
  raises("bad argument", s.settimeout, s, -1)
  raises("bad argument", s.settimeout, s, "soon")
  eq(s:gettimeout(), nil)
  s:close()
end)

test("recv, readline and recvfrom time out", function()
  local a, b = socket.socketpair()
  a:settimeout(0.02)
  timed_out("recv", a.recv, a, 1)
  timed_out("recvfrom", a.recvfrom, a, 1)
  timed_out("readline", a.readline, a)
  b:sendall("still good\n")
  eq(a:readline(), "still good", "a time-out does not spoil the socket")
  timed_out("recv", a.recv, a, 1)
  a:close() b:close()
end)

test("accept times out", function()
  local l = listener()
  l:settimeout(0.02)
  timed_out("accept", l.accept, l)
  l:close()
end)

test("connect times out", function()
  local l, filler = full_listener()
  local c = socket.socket()
  c:settimeout(0.03)
  local err = timed_out("connect", c.connect, c, l:getsockname())
  eq(err.address, tostring(l:getsockname()))
  c:close() filler:close() l:close()
end)

test("sendall times out and says how much went", function()
  local a, b = socket.socketpair()
  a:settimeout(0.03)
  local data = ("0123456789"):rep(800000)
  local err = timed_out("sendall", a.sendall, a, data)
  assert(err.sent > 0 and err.sent < #data, "sent " .. tostring(err.sent))
  timed_out("send", a.send, a, data)
  a:close()
  local n = 0
  for piece in b:chunks(65536) do n = n + #piece end
  eq(n, err.sent)
  b:close()
end)

test("non-blocking calls answer nil and EAGAIN", function()
  local l = listener()
  l:setblocking(false)
  eq({l:accept()}, {nil, "EAGAIN"})
  local a, b = socket.socketpair()
  a:setblocking(false)
  eq({a:recv(1)}, {nil, "EAGAIN"})
  eq({a:recvfrom(1)}, {nil, "EAGAIN"})
  eq({a:recvmsg(1)}, {nil, "EAGAIN"})
  eq({a:readline()}, {nil, "EAGAIN"})
  b:sendall("x")
  eq(a:recv(1), "x")
  b:close()
  eq(a:recv(1), "", "the end is an answer of its own")
  a:close() l:close()
end)

test("a full non-blocking socket answers EAGAIN, sendall with its count", function()
  local a, b = socket.socketpair()
  a:setblocking(false)
  local data = ("0123456789"):rep(800000)
  local _, code, sent = a:sendall(data)
  eq(code, "EAGAIN")
  assert(sent > 0 and sent < #data, "sent " .. tostring(sent))
  eq({a:send(data)}, {nil, "EAGAIN"})
  eq({a:sendall(data)}, {nil, "EAGAIN", 0})
  a:close()
  local parts = {}
  for piece in b:chunks(65536) do parts[#parts + 1] = piece end
  assert(table.concat(parts) == data:sub(1, sent), "the peer got something else than the count says")
  b:close()
end)

test("MSG_DONTWAIT makes one call non-blocking", function()
  local a, b = socket.socketpair()
  eq({a:recv(1, socket.MSG_DONTWAIT)}, {nil, "EAGAIN"})
  eq({a:recvfrom(1, socket.MSG_DONTWAIT)}, {nil, "EAGAIN"})
  local n, code
  repeat n, code = a:send(("x"):rep(65536), socket.MSG_DONTWAIT) until not n
  eq(code, "EAGAIN")
  eq(a:gettimeout(), nil)
  a:close() b:close()
end)

test("a non-blocking connect is in progress, then already", function()
  local l, filler = full_listener()
  local c = socket.socket()
  c:setblocking(false)
  eq({c:connect(l:getsockname())}, {nil, "EINPROGRESS"})
  eq({c:connect(l:getsockname())}, {nil, "EALREADY"})
  eq(select(2, c:connect_ex(l:getsockname())), "EALREADY")
  c:close() filler:close() l:close()
end)

test("a non-blocking connect ends writable, SO_ERROR saying how", function()
  local l = listener()
  local refuses = socket.socket() -- bound and not listening
  refuses:bind("127.0.0.1", 0)
  local function outcome(address)
    local c = socket.socket()
    c:setblocking(false)
    c:connect_ex(address)
    local _, w = select.select({}, {c}, {}, 5)
    eq(#w, 1)
    local code = c:getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    c:close()
    return code
  end
  eq(outcome(l:getsockname()), 0)
  local c = socket.socket()
  local refused = c:connect_ex(refuses:getsockname()) -- blocking: to learn the number
  eq(outcome(refuses:getsockname()), refused)
  c:close() l:close() refuses:close()
end)

test("setdefaulttimeout is what new sockets begin with", function()
  eq(socket.getdefaulttimeout(), nil)
  local old = socket.socket()
  local l = listener()
  socket.setdefaulttimeout(0.25)
  local ok, err = pcall(function()
    eq(socket.getdefaulttimeout(), 0.25)
    eq(old:gettimeout(), nil, "an older socket")
    local a, b = socket.socketpair()
    eq(a:gettimeout(), 0.25)
    local c = socket.socket()
    eq(c:gettimeout(), 0.25)
    c:connect(l:getsockname())
    local s = l:accept()
    eq(s:gettimeout(), 0.25, "an accepted socket")
    a:close() b:close() c:close() s:close()
  end)
  socket.setdefaulttimeout(nil)
  old:close() l:close()
  if not ok then error(err, 0) end
  eq(socket.getdefaulttimeout(), nil)
end)

test("an accepted socket does not inherit its listener's limit", function()
  local l = listener()
  for _, limit in ipairs {5, 0} do
    local c = socket.socket()
    c:connect(l:getsockname())
    l:settimeout(limit)
    select.select({l}, nil, nil, 5)
    local s = l:accept()
    eq(s:gettimeout(), nil)
    eq(s:getblocking(), true)
    s:close() c:close()
  end
  l:close()
end)

test("the limit covers all of readexactly, however the bytes drip in", function()
  local a, b = socket.socketpair()
  a:settimeout(0.08)
  local drip = thread.start(function()
    for i = 1, 15 do
      thread.sleep(0.02) -- well inside the limit, each time
      b:sendall("x")
    end
    b:close()
  end)
  timed_out("readexactly", a.readexactly, a, 15)
  a:settimeout(nil)
  eq(a:readexactly(15), ("x"):rep(15), "what had been read is still there")
  join(drip)
  a:close()
end)

test("the limit covers all of sendall, however the peer sips", function()
  local a, b = socket.socketpair()
  a:settimeout(0.08)
  local stop = false
  local sip = thread.start(function()
    while not stop do
      thread.sleep(0.02)
      b:recv(65536)
    end
  end)
  timed_out("sendall", a.sendall, a, ("x"):rep(20000000))
  stop = true
  a:close() -- ends a sip that would wait
  join(sip)
  b:close()
end)
