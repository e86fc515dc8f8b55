-- out:sendfrom(source[, n]): bytes go from one connection to another without becoming a string, and
-- none of them is lost when that fails half-way. sendall(a, b, ...) sends several at once.

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

local function blob(n)
  local t = {}
  for i = 1, 1000 do t[i] = string.char(i * 7 % 256, i % 256, i * i % 251) end
  return (table.concat(t):rep(math.ceil(n / 3000)):sub(1, n))
end

local function recv_all(s)
  local t = {}
  for piece in s:chunks(65536) do t[#t + 1] = piece end
  return table.concat(t)
end

local function tcp_pair()
  local l = socket.create_server("127.0.0.1", 0)
  local c = socket.create_connection("127.0.0.1", l:getsockname().port)
  local s = l:accept()
  l:close()
  return c, s
end

local function pairs_of(make)
  local a, b = make()
  local c, d = make()
  return a, b, c, d, function() for _, s in ipairs {a, b, c, d} do s:close() end end
end

local kinds = {socket.socketpair, tcp_pair}

test("all until the end, what was read ahead first, nothing passed on", function()
  for _, make in ipairs(kinds) do
    local client, left, right, server, close = pairs_of(make)
    client:sendall("first\nsecond\n")
    eq(left:readline(), "first")
    client:shutdown(socket.SHUT_WR)
    eq(right:sendfrom(left), 7)
    eq(right:sendfrom(left), 0)
    right:sendall("more")
    eq(server:readexactly(11), "second\nmore")
    close()
  end
end)

test("n bytes and no more, in the middle of other calls", function()
  for _, make in ipairs(kinds) do
    local client, left, right, server, close = pairs_of(make)
    client:sendall("0123456789abcdef")
    eq(left:recv(2), "01")
    eq(right:sendfrom(left, 3), 3)
    eq(right:sendfrom(left, 0), 0)
    eq(left:readexactly(4), "5678")
    eq(right:sendfrom(left, 5), 5)
    eq(left:recv(), "ef")
    eq(server:readexactly(8), "2349abcd")
    close()
  end
end)

test("megabytes, as they came, and the rest is left", function()
  for _, make in ipairs(kinds) do
    local client, left, right, server, close = pairs_of(make)
    local data = blob(5000000)
    local writer = thread.start(function() client:sendall(data) client:close() end)
    local mover = thread.start(function()
      local n = right:sendfrom(left, 3000001)
      right:shutdown(socket.SHUT_WR)
      return n
    end)
    assert(recv_all(server) == data:sub(1, 3000001), "not the bytes sent")
    eq(join(mover), 3000001)
    assert(recv_all(left) == data:sub(3000002), "not the rest")
    join(writer)
    close()
  end
end)

test("an echo from a connection to itself", function()
  local client, server = tcp_pair()
  local data = blob(300000)
  local echo = thread.start(function() return server:sendfrom(server) end)
  local writer = thread.start(function() client:sendall(data) client:shutdown(socket.SHUT_WR) end)
  assert(client:readexactly(#data) == data)
  eq(join(echo), #data)
  join(writer)
  client:close() server:close()
end)

-- stuck begins a move of megabytes to a peer that reads nothing, and returns once it waits for that.
local function stuck(make)
  local client, left, right, server, close = pairs_of(make)
  local data = blob(30000000)
  local writer = thread.start(function()
    local ok, err = pcall(client.sendall, client, data)
    client:shutdown(socket.SHUT_WR)
    return ok and #data or err.sent
  end)
  return {client = client, left = left, right = right, server = server, close = close, data = data, writer = writer}
end

-- whole checks that what arrived and what is still to be read are the data, in order.
local function whole(x, sent)
  local rest = thread.start(recv_all, x.left)
  local got = x.server:readexactly(sent)
  assert(got == x.data:sub(1, sent), "not the bytes sent")
  assert(join(rest) == x.data:sub(sent + 1), "what did not go is not there to be read")
  eq(join(x.writer), #x.data)
  x.close()
end

test("at its time limit it says how much went, and what did not can be read", function()
  for _, make in ipairs(kinds) do
    local x = stuck(make)
    x.right:settimeout(0.1)
    local ok, err = pcall(x.right.sendfrom, x.right, x.left)
    eq({ok, err.code, err.op, err.timeout}, {false, "ETIMEDOUT", "sendfrom", true})
    assert(err.sent > 0 and err.sent < #x.data)
    whole(x, err.sent)
  end
end)

test("the source has its own time limit", function()
  local client, left, right, server, close = pairs_of(tcp_pair)
  left:settimeout(0.02)
  client:sendall("some")
  local ok, err = pcall(right.sendfrom, right, left)
  eq({ok, err.code, err.sent}, {false, "ETIMEDOUT", 4})
  client:sendall("more")
  eq(left:recv(), "more")
  close()
end)

test("cancelled in the midst", function()
  for _, make in ipairs(kinds) do
    local x = stuck(make)
    local t = thread.start(pcall, x.right.sendfrom, x.right, x.left)
    x.server:recv(1, socket.MSG_PEEK)
    thread.sleep(0.05)
    t:cancel()
    local ok, err = join(t)
    eq({ok, err.code}, {false, "ECANCELED"})
    whole(x, err.sent)
  end
end)

test("without waiting: EAGAIN and how much went", function()
  local client, left, right, server, close = pairs_of(tcp_pair)
  left:settimeout(0)
  eq({right:sendfrom(left)}, {nil, "EAGAIN", 0})
  client:sendall("some")
  select.select({left}, nil, nil, 5)
  eq({right:sendfrom(left)}, {nil, "EAGAIN", 4})
  eq(server:recv(), "some")
  close()
  for _, make in ipairs(kinds) do
    local x = stuck(make)
    x.right:setblocking(false)
    local none, code, sent = x.right:sendfrom(x.left)
    eq({none, code}, {nil, "EAGAIN"})
    whole(x, sent)
  end
end)

test("another thread closes the source, or where it goes", function()
  for _, what in ipairs {"left", "right"} do
    for _, make in ipairs(kinds) do
      local s = {}
      s.client, s.left, s.right, s.server, s.close = pairs_of(make)
      s.client:sendall("x")
      local t = thread.start(pcall, s.right.sendfrom, s.right, s.left)
      eq(s.server:recv(), "x")
      s[what]:close()
      local ok, err = join(t)
      eq({ok, err.code, err.sent, err.message}, {false, "EBADF", 1, "socket is closed"}, what)
      s.close()
    end
  end
end)

test("the peer goes: an error with what went", function()
  local x = stuck(tcp_pair)
  local t = thread.start(pcall, x.right.sendfrom, x.right, x.left)
  x.server:recv(1, socket.MSG_PEEK)
  x.server:close()
  local ok, err = join(t)
  assert(not ok and (err.code == "ECONNRESET" or err.code == "EPIPE"), tostring(err))
  assert(err.sent > 0 and tostring(err):find("^sendfrom 127%.0%.0%.1:%d+: "), tostring(err))
  local rest = recv_all(x.left)
  eq(rest, x.data:sub(-#rest))
  join(x.writer)
  x.close()
end)

test("who wants to receive meanwhile gets what comes after", function()
  local client, left, right, server, close = pairs_of(tcp_pair)
  local mover = thread.start(function() return right:sendfrom(left, 6) end)
  local other = thread.start(function() return left:recv() end)
  thread.yield()
  raises("EBUSY", tls.wrap, left, {verify = false})
  for c in ("abcdefg"):gmatch(".") do client:sendall(c) thread.sleep(0.002) end
  eq({join(mover), join(other)}, {6, "g"})
  eq(server:recv(), "abcdef")
  close()
end)

test("from files and pipes", function()
  local name = os.tmpname()
  local data = blob(200000)
  local f = io.open(name, "w") f:write(data) f:close()
  local right, server = tcp_pair()
  local all = thread.start(recv_all, server)
  f = io.open(name)
  eq(f:read(10), data:sub(1, 10))
  eq(right:sendfrom(f, 1000), 1000)
  eq(f:seek(), 1010)
  eq(right:sendfrom(f), #data - 1010)
  f:close()
  os.remove(name)
  local p = process.spawn({"echo", "from a pipe"}, {stdout = "pipe"})
  eq(right:sendfrom(p.stdout), 12)
  p:wait()
  local a, b = socket.socketpair()
  a:sendall("a file of a socket's") a:close()
  local file = b:makefile("r")
  eq({file:read(2), right:sendfrom(file)}, {"a ", 18})
  right:close()
  assert(join(all) == data:sub(11) .. "from a pipe\nfile of a socket's")
  server:close() file:close() b:close()
end)

test("what a file gave and did not go is the file's again", function()
  local name = os.tmpname()
  local data = blob(20000000)
  local f = io.open(name, "w") f:write(data) f:close()
  f = io.open(name)
  local right, server = tcp_pair()
  right:settimeout(0.05)
  local ok, err = pcall(right.sendfrom, right, f)
  eq({ok, err.code}, {false, "ETIMEDOUT"})
  eq(f:seek(), err.sent)
  assert(f:read("*a") == data:sub(err.sent + 1))
  f:close() os.remove(name) right:close() server:close()
end)

test("arguments", function()
  local a, b = socket.socketpair()
  raises("bad argument #1 to 'sendfrom' (connection, pipe or file expected, got no value)", a.sendfrom, a)
  raises("connection, pipe or file expected, got string", a.sendfrom, a, "x")
  raises("size", a.sendfrom, a, b, -1)
  b:close()
  raises("EBADF", a.sendfrom, a, b)
  a:close()
  raises("EBADF", a.sendfrom, a, b)
end)

test("sendall of several strings", function()
  for _, make in ipairs(kinds) do
    local a, b = make()
    eq(a:sendall("one", "", "two", 0), true)
    eq(b:readexactly(6), "onetwo")
    eq(a:sendall("x", "1", nil), true)
    eq(a:sendall(1, "y"), true)
    eq(b:readexactly(4), "x11y")
    eq(a:sendall("", ""), true)
    local parts = {}
    for i = 1, 3000 do parts[i] = ("%d,"):format(i):rep(i % 700) end
    local t = thread.start(function() a:sendall(unpack(parts)) a:close() end)
    assert(recv_all(b) == table.concat(parts))
    join(t)
    raises("EBADF", a.sendall, a, "x", "y")
    b:close()
  end
end)

test("sendall of several strings that fails half-way", function()
  for _, make in ipairs(kinds) do
    local a, b = make()
    local one, two = blob(20000000), blob(30000)
    a:settimeout(0.05)
    local ok, err = pcall(a.sendall, a, two, one, two)
    eq({ok, err.code}, {false, "ETIMEDOUT"})
    a:settimeout(0)
    local none, code, more = a:sendall(two, one)
    eq({none, code, more}, {nil, "EAGAIN", 0})
    a:close()
    assert(recv_all(b) == (two .. one):sub(1, err.sent))
    b:close()
  end
end)

test("a number in the midst of data is no data: which would it be?", function()
  local a, b = socket.socketpair()
  raises("taken for flags, and must be the last argument", a.sendall, a, "x", 1, "y")
  raises("bad argument #2 to 'sendall' (string expected, got nil)", a.sendall, a, "x", nil, "y")
  a:close() b:close()
end)

test("datagrams: the strings are one", function()
  local a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
  a:sendall("one", "two")
  eq(b:recv(), "onetwo")
  a:close() b:close()
end)

-- Who moves much lets others go on.
test("a ticker beside three copies", function()
  local stop, worst = false, 0
  local ends, threads = {}, {}
  local function copy(fn)
    local client, left, right, server = pairs_of(tcp_pair)
    for _, s in ipairs {client, left, right, server} do ends[#ends + 1] = s end
    local data = blob(1000000)
    threads[#threads + 1] = thread.start(function() while not stop do client:sendall(data) end client:close() end)
    threads[#threads + 1] = thread.start(function() pcall(fn, left, right) right:close() end)
    threads[#threads + 1] = thread.start(function() repeat until server:recv(1048576) == "" end)
  end
  copy(function(left, right) right:sendfrom(left) end)
  copy(function(left, right) right:shutdown(socket.SHUT_RD) socket.relay(left, right) end)
  copy(function(left, right) for piece in left:chunks(65536) do right:sendall(piece) end end)
  for _ = 1, 10 do -- other programs may keep the machine busy for a while: once it has to be so
    worst = 0
    for _ = 1, 50 do
      local before = time.monotonic()
      thread.sleep(0.002)
      worst = math.max(worst, time.monotonic() - before)
    end
    if worst < 0.05 then break end
  end
  stop = true
  for _, t in ipairs(threads) do join(t) end
  for _, s in ipairs(ends) do s:close() end
  assert(worst < 0.05, ("a tick came after %.1f ms"):format(worst * 1000))
end)
