-- Who waits, for how long, and what wakes them.

local cert, key = tls.self_signed()
local server_opts = {server_side = true, cert = cert, key = key}
local client_opts = {server_name = "localhost", ca = cert}

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

local function pair()
  local a, b = socket.socketpair()
  local t = thread.start(function() return tls.wrap(b, server_opts) end)
  local client = tls.wrap(a, client_opts)
  return client, join(t)
end

local function waiter(fn, ...)
  local started = thread.event()
  local t = thread.start(function(...)
    started:set()
    return fn(...)
  end, ...)
  started:wait()
  thread.yield()
  return t
end

test("a read that timed out leaves the connection as it was", function()
  local c, s = pair()
  c:settimeout(0.02)
  for _ = 1, 3 do
    local err = raises("ETIMEDOUT", c.recv, c)
    eq({err.timeout, err.op}, {true, "recv"})
  end
  raises("ETIMEDOUT", c.readline, c)
  s:sendall("after all\n")
  eq(c:readline(), "after all")
  c:close() s:close()
end)

test("a write that timed out goes on where it was", function()
  local c, s = pair()
  local data = random.bytes(4000000)
  c:settimeout(0.05)
  local err = raises("ETIMEDOUT", c.sendall, c, data)
  assert(err.sent > 0 and err.sent < #data, err.sent)
  local t = thread.start(function() return s:readexactly(#data) end)
  c:settimeout(10)
  c:sendall(data:sub(err.sent + 1))
  assert(join(t) == data, "not the bytes sent")
  c:close() s:close()
end)

test("a cancelled read leaves the connection as it was", function()
  local c, s = pair()
  local t = waiter(function()
    raises("ECANCELED", c.recv, c)
    return c:recv()
  end)
  t:cancel()
  thread.sleep(0.02)
  s:sendall("here")
  eq(join(t), "here")
  c:close() s:close()
end)

test("close wakes who waits", function()
  for _, wait in ipairs {
    function(c) return c:recv() end,
    function(c) return c:sendall(("x"):rep(10000000)) end,
    function(c) return c:readexactly(10) end,
  } do
    local c, s = pair()
    local t = waiter(wait, c)
    thread.sleep(0.01)
    c:close()
    local ok, err = t:join(5)
    eq({ok, err.code}, {false, "EBADF"})
    s:close()
  end
end)

test("close wakes who is shaking hands", function()
  local a, b = socket.socketpair()
  a:setblocking(false)
  local c = tls.wrap(a, client_opts)
  c:setblocking(true)
  local t = waiter(c.do_handshake, c)
  thread.sleep(0.01)
  c:close()
  local ok, err = t:join(5)
  eq({ok, err.code}, {false, "EBADF"})
  b:close()
end)

test("a handshake has the time limit", function()
  local a, b = socket.socketpair()
  eq(raises("ETIMEDOUT", tls.wrap, a, {server_name = "x", ca = cert, timeout = 0.02}).op, "wrap")
  eq(a:fileno(), -1, "taken over all the same")
  assert(#b:recv(10000) > 100, "a ClientHello")
  eq(b:recv(), "")
  b:close()
  local l = socket.create_server("127.0.0.1", 0)
  local t0 = time.monotonic()
  raises("ETIMEDOUT", tls.connect, "127.0.0.1", l:getsockname().port, {ca = cert, timeout = 0.05})
  assert(time.monotonic() - t0 < 2)
  l:close()
end)

test("a handshake that timed out can be gone on with", function()
  local a, b = socket.socketpair()
  a:setblocking(false)
  local c = tls.wrap(a, client_opts)
  c:settimeout(0.02)
  raises("ETIMEDOUT", c.do_handshake, c)
  raises("ETIMEDOUT", c.recv, c)
  raises("ETIMEDOUT", c.sendall, c, "x")
  eq(c:version(), nil)
  c:settimeout(10)
  local t = thread.start(function() return tls.wrap(b, server_opts) end)
  eq(c:do_handshake(), true)
  eq(c:do_handshake(), true)
  local s = join(t)
  c:sendall("done")
  eq(s:recv(), "done")
  c:close() s:close()
end)

test("a non-blocking handshake, with select", function()
  local a, b = socket.socketpair()
  a:setblocking(false) b:setblocking(false)
  local c = tls.wrap(a, client_opts)
  eq({c:recv()}, {nil, "EAGAIN"})
  eq({c:send("early")}, {nil, "EAGAIN"})
  eq({c:do_handshake()}, {nil, "EAGAIN"})
  local s = tls.wrap(b, server_opts)
  local todo, turns = {[c] = true, [s] = true}, 0
  while next(todo) do
    turns = turns + 1
    assert(turns < 100)
    local list = {}
    for k in pairs(todo) do list[#list + 1] = k end
    local ready = select.select(list, nil, nil, 5)
    assert(#ready > 0, "nobody is ready, and the handshake not over")
    for _, k in ipairs(ready) do
      local ok, why = k:do_handshake()
      if ok then todo[k] = nil else eq(why, "EAGAIN") end
    end
  end
  eq(c:send("hello"), 5)
  eq(s:recv(), "hello")
  eq({s:recv()}, {nil, "EAGAIN"})
  eq({s:sendall("x")}, {true})
  c:close()
  eq(#select.select({s}, nil, nil, 5), 1)
  eq(s:recv(), "")
  s:close()
end)

test("a non-blocking sendall says how far it came", function()
  local c, s = pair()
  c:setblocking(false)
  local data = random.bytes(3000000)
  local sent, rounds = 0, 0
  local t = thread.start(function() thread.sleep(0.02) return s:readexactly(#data) end)
  while sent < #data do
    local ok, why, n = c:sendall(data:sub(sent + 1))
    if ok then break end
    eq(why, "EAGAIN")
    sent = sent + n
    rounds = rounds + 1
    local _, w = select.select(nil, {c}, nil, 5)
    eq(#w, 1)
  end
  assert(join(t) == data, "not the bytes sent")
  assert(rounds > 0)
  c:close() s:close()
end)

test("after EAGAIN another send is an error, the same one goes on", function()
  local c, s = pair()
  c:setblocking(false)
  local data, sent = ("0123456789"):rep(10000), 0
  local function rest() return data:sub(sent % #data + 1) end
  local n, why = 0
  while true do
    n, why = c:send(rest())
    if not n then break end
    sent = sent + n
  end
  eq(why, "EAGAIN")
  raises("make that call again first", c.send, c, "something else")
  local total = thread.start(function()
    local size = 0
    for piece in s:chunks(65536) do size = size + #piece end
    return size
  end)
  c:setblocking(true)
  sent = sent + c:send(rest())
  c:close()
  eq(join(total), sent)
  s:close()
end)

test("two threads use one connection, one reads and one writes", function()
  local c, s = pair()
  local data = random.bytes(2000000)
  local threads = {}
  for _, k in ipairs {c, s} do
    threads[#threads + 1] = thread.start(function()
      for i = 1, #data, 10007 do k:sendall(data:sub(i, i + 10006)) end
    end)
    threads[#threads + 1] = thread.start(function()
      assert(k:readexactly(#data) == data, "not the bytes sent")
    end)
  end
  for _, t in ipairs(threads) do join(t) end
  c:close() s:close()
end)

test("two threads that are first to use a connection", function()
  local srv = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
  local t = thread.start(function() return tls.connect("127.0.0.1", srv:getsockname().port, {ca = cert}) end)
  local s = srv:accept()
  local reader = waiter(s.recv, s)
  local writer = waiter(s.sendall, s, "from the writer")
  local c = join(t)
  eq(c:recv(), "from the writer")
  c:sendall("to the reader")
  eq(join(reader), "to the reader")
  eq(join(writer), true)
  c:close() s:close() srv:close()
end)

test("decrypted bytes count as readable", function()
  local c, s = pair()
  c:sendall(("x"):rep(10000))
  eq(s:recv(1), "x")
  assert(s:pending() > 0)
  eq(#select.select({s}, nil, nil, 0), 1)
  local sel = selectors.new()
  sel:register(s, selectors.EVENT_READ)
  eq(#sel:select(0), 1)
  while s:pending() > 0 do s:recv(5000) end
  eq(#select.select({s}, nil, nil, 0), 0)
  eq(#sel:select(0), 0)
  sel:close()
  c:close() s:close()
end)

test("an end that came with data counts as readable, too", function()
  local c, s = pair()
  c:setblocking(false)
  s:sendall("x")
  s:shutdown(socket.SHUT_WR) -- close_notify, and the socket stays open
  for _, want in ipairs {"x", "", ""} do
    eq(#select.select({c}, nil, nil, 5), 1)
    eq(c:recv(), want)
  end
  eq(c:pending(), 0)
  c:close() s:close()
end)

test("a selector finds all of many messages", function()
  local c, s = pair()
  s:setblocking(false)
  local sel, got = selectors.new(), 0
  sel:register(s, selectors.EVENT_READ)
  local t = thread.start(function()
    for i = 1, 200 do
      c:sendall(("m"):rep(i * 13 % 3000 + 1))
      if i % 10 == 0 then thread.sleep(0.001) end
    end
    c:close()
  end)
  local open = true
  while open do
    assert(#sel:select(5) == 1, "missed something")
    local d, why = s:recv(100)
    if d == "" then open = false elseif d then got = got + #d else eq(why, "EAGAIN") end
  end
  local want = 0
  for i = 1, 200 do want = want + i * 13 % 3000 + 1 end
  eq(got, want)
  sel:close() join(t) s:close()
end)

test("connections that are dropped in the middle of a handshake", function()
  for _ = 1, 20 do
    local a = socket.socketpair()
    a:setblocking(false)
    tls.wrap(a, client_opts)
  end
  for _ = 1, 5 do collectgarbage() thread.sleep(0.01) end
end)
