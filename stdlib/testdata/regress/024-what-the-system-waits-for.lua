-- What blocks in the system, or does not, by what it was asked for before: a receive on a UDP socket that another
-- thread shuts down waited for ever, SO_RCVTIMEO and SO_SNDTIMEO meant nothing, MSG_FASTOPEN began a connection and
-- sent nothing, and closing a number, a file or a child's end of a socket that lingers held all threads up.

local function tcpPair(rcvbuf)
  local l = socket.create_server("127.0.0.1", 0)
  if rcvbuf then l:setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf) end
  local a = socket.create_connection("127.0.0.1", l:getsockname().port)
  local b = l:accept()
  l:close()
  return a, b
end

local function took(fn, ...)
  local began = time.monotonic()
  local r = {fn(...)}
  return time.monotonic() - began, unpack(r)
end

-- shuts says that a thread that waits in `receive` gets "" when another shuts u down.
local function shuts(name, u, receive)
  test("shutdown ends a wait for datagrams: " .. name, function()
    local data
    local waiting = thread.start(function() data = receive(u) end)
    thread.sleep(0.02)
    pcall(u.shutdown, u, socket.SHUT_RD) -- ENOTCONN where there is no peer, and done
    eq({waiting:join(5)}, {true})
    eq(data, "")
    eq(receive(u), "")
    u:setblocking(false)
    eq({u:recv(1)}, {nil, "EAGAIN"})
    u:close()
  end)
end

local function udp(connected)
  local u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  u:bind("127.0.0.1", 0)
  if connected then u:connect(u:getsockname()) end
  return u
end
shuts("recv", udp(true), function(u) return u:recv(10) end)
shuts("recvfrom", udp(true), function(u) return (u:recvfrom(10)) end)
shuts("recvmsg", udp(true), function(u) return (u:recvmsg(10)) end)
shuts("without a peer", udp(false), function(u) return u:recv(10) end)
shuts("Unix", (socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)), function(u) return u:recv(10) end)

test("shutdown ends a wait for clients", function()
  local unix = socket.socket(socket.AF_UNIX)
  local path = os.tmpname()
  os.remove(path)
  unix:bind(path)
  unix:listen()
  for _, l in ipairs{unix, socket.create_server("127.0.0.1", 0)} do
    local waiting = thread.start(function() return pcall(l.accept, l) end)
    thread.sleep(0.02)
    l:shutdown(socket.SHUT_RD)
    local _, ok, err = waiting:join(5)
    eq({ok, err and err.code}, {false, "EINVAL"})
    l:close()
  end
  os.remove(path)
end)

test("SO_RCVTIMEO and SO_SNDTIMEO are obeyed where there is no timeout", function()
  local a, b = tcpPair()
  local short = struct.pack("ll", 0, 50000)
  a:setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, short)
  local copy = a:dup()
  for name, receive in pairs{
    recv = function() return a:recv(1) end,
    recvmsg = function() return a:recvmsg(1) end,
    readline = function() return a:readline() end,
    ["a copy's recv"] = function() return copy:recv(1) end,
  } do
    local t, data, err = took(receive)
    eq({data, err}, {nil, "EAGAIN"}, name)
    assert(t > 0.03 and t < 5, name .. ": " .. t)
  end
  a:settimeout(0.01)
  raises("ETIMEDOUT", a.recv, a, 1)
  a:settimeout(nil)
  a:setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, short)
  local big = ("x"):rep(1048576)
  local t, ok, err, sent = took(function() for i = 1, 100 do
    local ok, err, sent = a:sendall(big)
    if not ok then return ok, err, sent end
  end end)
  eq({ok, err, type(sent)}, {nil, "EAGAIN", "number"})
  assert(t > 0.03 and t < 20, t)
  a:setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 0))
  local waiting = thread.start(function() return a:recv(1) end)
  eq({waiting:join(0.1)}, {nil, "timeout"})
  b:send("x")
  eq({waiting:join(5)}, {true, "x"})
  a:close() b:close() copy:close()

  local x, y = socket.socketpair()
  local z = socket.socketpair()
  y:setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, short)
  raises("ETIMEDOUT", socket.relay, y, z)
  raises("ETIMEDOUT", socket.relay, z, y)
  x:close() y:close() z:close()

  local l = socket.create_server("127.0.0.1", 0)
  l:setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, short)
  eq({l:accept()}, {nil, "EAGAIN"})
  l:close()
end)

test("SO_RCVTIMEO of who had to wait for another reader first", function()
  local a, b = tcpPair()
  a:setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, 50000))
  local first = thread.start(function() return a:recv(1) end)
  local second = thread.start(function() return a:recv(1) end)
  eq({{first:join(5)}, {second:join(5)}}, {{true, nil, "EAGAIN"}, {true, nil, "EAGAIN"}})
  first = thread.start(xpcall, function() return a:recv(1) end, tostring) -- keeps the turn to read while it waits
  second = thread.start(function() return a:recv(1) end)
  eq({{first:join(5)}, {second:join(5)}}, {{true, true, nil, "EAGAIN"}, {true, nil, "EAGAIN"}})
  a:close() b:close()
end)

test("types with flags", function()
  local s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM + socket.SOCK_NONBLOCK + socket.SOCK_CLOEXEC)
  eq({s.type, s:gettimeout()}, {socket.SOCK_DGRAM, 0})
  s:bind("127.0.0.1", 0)
  eq({s:recv(1)}, {nil, "EAGAIN"})
  local a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM + socket.SOCK_NONBLOCK)
  eq({a.type, a:gettimeout(), b:gettimeout()}, {socket.SOCK_STREAM, 0, 0})
  s:close() a:close() b:close()
end)

test("MSG_FASTOPEN connects and sends", function()
  if not socket.MSG_FASTOPEN then return end
  local l = socket.create_server("127.0.0.1", 0)
  l:settimeout(5)
  for _, how in ipairs{"sendto", "sendmsg"} do
    local s = socket.socket()
    s:settimeout(5)
    local ok, n = pcall(function()
      if how == "sendto" then return s:sendto("hello", socket.MSG_FASTOPEN, l:getsockname()) end
      return s:sendmsg({"hel", "lo"}, nil, socket.MSG_FASTOPEN, l:getsockname())
    end)
    if not ok and n.code == "EOPNOTSUPP" then return end -- turned off in the system
    eq({ok, n}, {true, 5})
    local c = l:accept()
    c:settimeout(5)
    eq(c:recv(10), "hello")
    s:close() c:close()
  end
  l:close()
  local s = socket.socket()
  raises("ECONNREFUSED", s.sendto, s, "hello", socket.MSG_FASTOPEN, "127.0.0.1", 1)
  s:close()
end)

-- lingering returns a socket that closing waits for, and its peer, which does not read.
-- The peer's buffer is small: a large one took all that was sent, when it came to it after the sender's was full.
local function lingering(seconds)
  local a, b = tcpPair(4096)
  a:setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds or 1))
  a:setblocking(false)
  while a:send(("x"):rep(65536)) do end
  return a, b
end

-- A signal of the runtime's own ends the system's wait early, now and then on a busy machine: then it is tried again.
-- All at once: the longest time that nothing else ran is what the one of them took that held the others up.
test("others go on while it lingers", function()
  local ways = {
    ["a number"] = function(a) socket.close(a:detach()) end,
    ["a number received"] = function(a)
      local c, d = socket.socketpair()
      socket.send_fds(c, "x", {a})
      a:close() -- which waits for nothing: it is open
      local _, fds = socket.recv_fds(d, 1, 1)
      socket.close(fds[1])
    end,
    ["a file of it"] = function(a)
      local f = a:makefile("r")
      a:close()
      f:close()
    end,
    ["taken over by number"] = function(a) process.fdopen(a:detach()):close() end,
  }
  local closing, peers = {}, {}
  for name, close in pairs(ways) do
    local a, b = lingering()
    peers[#peers + 1] = b
    closing[#closing + 1] = thread.new(function()
      local t = took(close, a)
      for _ = 1, 4 do
        if t > 0.9 then return end
        a, b = lingering()
        peers[#peers + 1] = b
        t = took(close, a)
      end
      assert(t > 0.9, name .. " did not linger: " .. t)
    end)
  end
  for _, t in ipairs(closing) do t:start() end
  local longest, last = 0, time.monotonic()
  for i = 1, 40 do
    thread.sleep(0.01)
    longest, last = math.max(longest, time.monotonic() - last), time.monotonic()
  end
  assert(longest < 0.5, longest)
  for _, t in ipairs(closing) do eq({t:join(10)}, {true}) end
  for _, b in ipairs(peers) do b:close() end
end)

test("what the collector closes does not wait for what lingers", function()
  local peers = {}
  local function leave()
    for i = 1, 3 do
      local a, b = lingering(3)
      peers[i] = b
    end
    return select(2, socket.socketpair())
  end
  local peer = leave()
  for i = 1, 3 do collectgarbage() thread.sleep(0.01) end
  peer:settimeout(2)
  eq(peer:recv(1), "")
  peer:close()
  for _, b in ipairs(peers) do b:close() end
end)

test("descriptors that the script did not come by are not taken over by number", function()
  local f = io.open("/dev/null")
  local a = socket.socketpair()
  a:settimeout(0.01)
  raises("ETIMEDOUT", a.recv, a, 1) -- what waits is open now
  local refused = 0
  for fd = 3, 40 do
    for _, take in ipairs{process.fdopen, function(fd) return socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM, 0) end} do
      local ok, err = pcall(take, fd)
      if ok then
        err:close()
      elseif tostring(err):find("not the script's own", 1, true) then
        refused = refused + 1
      end
    end
  end
  assert(refused >= 4, refused)
  raises("ETIMEDOUT", a.recv, a, 1)
  f:close() a:close()
end)
