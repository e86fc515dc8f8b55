-- Datagrams over IP: each one whole or cut, with its sender's address.

local function udp(host)
  local s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  if host then s:bind(host, 0) end
  s:settimeout(5) -- a datagram that does not come must not hang the file
  return s
end

local function has_bit(flags, bit) return flags % (2 * bit) >= bit end

test("sendto, recvfrom, and back", function()
  local s, c = udp("127.0.0.1"), udp()
  eq(c:sendto("ping", "127.0.0.1", s:getsockname().port), 4)
  local data, from = s:recvfrom(1024)
  eq(data, "ping")
  eq(from.host, "127.0.0.1")
  eq(from.port, c:getsockname().port, "sendto gave the client a port")
  eq(s:sendto("pong", from), 4)
  data, from = c:recvfrom(1024)
  eq(data, "pong")
  eq(from == s:getsockname(), true)
  s:close() c:close()
end)

test("recvfrom waits while others run", function()
  local s, c = udp("127.0.0.1"), udp()
  local t = thread.start(function() return (s:recvfrom(100)) end)
  thread.yield()
  c:sendto("late", s:getsockname())
  eq({t:join(5)}, {true, "late"})
  s:close() c:close()
end)

test("datagrams keep their borders, the empty one too", function()
  local s, c = udp("127.0.0.1"), udp()
  local a = s:getsockname()
  for _, d in ipairs {"one", "", "a\0b", ("x"):rep(9000)} do eq(c:sendto(d, a), #d) end
  for _, d in ipairs {"one", "", "a\0b", ("x"):rep(9000)} do
    local data, from = s:recvfrom(65536)
    eq(data, d)
    eq(from.host, "127.0.0.1")
  end
  s:close() c:close()
end)

test("what does not fit is cut off and lost", function()
  local s, c = udp("127.0.0.1"), udp()
  c:sendto("abcdef", s:getsockname())
  c:sendto("next", s:getsockname())
  eq((s:recvfrom(3)), "abc")
  eq((s:recvfrom(100)), "next")
  s:close() c:close()
end)

test("recvmsg tells that it cut", function()
  local s, c = udp("127.0.0.1"), udp("127.0.0.1")
  c:sendto("abcdef", s:getsockname())
  local data, ancillary, flags, from = s:recvmsg(3)
  eq(data, "abc")
  eq(ancillary, {})
  eq(has_bit(flags, socket.MSG_TRUNC), true)
  eq(from == c:getsockname(), true)
  c:sendto("abc", s:getsockname())
  data, ancillary, flags = s:recvmsg(3)
  eq(data, "abc")
  eq(has_bit(flags, socket.MSG_TRUNC), false)
  s:close() c:close()
end)

test("MSG_PEEK looks and leaves", function()
  local s, c = udp("127.0.0.1"), udp()
  c:sendto("here", s:getsockname())
  local data, from = s:recvfrom(100, socket.MSG_PEEK)
  eq(data, "here")
  eq(from.port, c:getsockname().port)
  eq((s:recvfrom(100)), "here")
  eq({s:recvfrom(100, socket.MSG_DONTWAIT)}, {nil, "EAGAIN"})
  s:close() c:close()
end)

test("a connected socket has one peer", function()
  local s, c, stranger = udp("127.0.0.1"), udp("127.0.0.1"), udp("127.0.0.1")
  raises("ENOTCONN", c.getpeername, c)
  eq(c:connect(s:getsockname()), true)
  eq(c:getpeername() == s:getsockname(), true)
  eq(c:send("hello"), 5)
  local data, from = s:recvfrom(100)
  eq(data, "hello")
  stranger:sendto("not for you", c:getsockname()) -- the kernel drops it
  s:sendto("for you", from)
  eq(c:recv(100), "for you")
  eq({c:recv(100, socket.MSG_DONTWAIT)}, {nil, "EAGAIN"})
  eq(c:connect(stranger:getsockname()), true, "another peer, as often as one likes")
  c:send("hi")
  eq((stranger:recvfrom(100)), "hi")
  s:close() c:close() stranger:close()
end)

test("send without a peer raises", function()
  local s = udp()
  raises("EDESTADDRREQ", s.send, s, "x")
  s:close()
end)

test("a connected socket hears that nobody is there", function()
  local gone = udp("127.0.0.1")
  local c = udp()
  c:connect(gone:getsockname())
  gone:close()
  c:send("x")
  local err = raises("ECONNREFUSED", c.recv, c, 1)
  eq(err.op, "recv")
  c:close()
end)

test("a datagram too long for UDP is EMSGSIZE", function()
  local s, c = udp("127.0.0.1"), udp()
  local err = raises("EMSGSIZE", c.sendto, c, ("x"):rep(70000), s:getsockname())
  eq(err.op, "sendto")
  eq(err.address, tostring(s:getsockname()))
  s:close() c:close()
end)

test("the largest datagram goes through", function()
  local s, c = udp("127.0.0.1"), udp()
  local data = ("0123456789"):rep(6550) .. "1234567" -- 65,507 bytes
  if not pcall(c.sendto, c, data, s:getsockname()) then skip("the system's limit is lower") end
  assert(s:recvfrom(65536) == data, "not the same bytes")
  s:close() c:close()
end)

test("sendmsg gathers pieces into one datagram", function()
  local s, c = udp("127.0.0.1"), udp()
  eq(c:sendmsg({"a", "b", "c"}, nil, nil, s:getsockname()), 3)
  eq((s:recvfrom(100)), "abc")
  c:connect(s:getsockname())
  eq(c:sendmsg({"connected", "!"}), 10)
  eq((s:recvfrom(100)), "connected!")
  s:close() c:close()
end)

test("several threads on one socket get one datagram each", function()
  local s, c = udp("127.0.0.1"), udp()
  local threads, got = {}, {}
  for i = 1, 10 do
    threads[i] = thread.start(function() return (s:recvfrom(100)) end)
  end
  for i = 1, 10 do c:sendto("datagram " .. i, s:getsockname()) end
  for i = 1, 10 do
    local ok, data = threads[i]:join(5)
    eq(ok, true)
    eq(got[data], nil, data)
    got[data] = true
  end
  s:close() c:close()
end)

test("SO_BROADCAST is off, and can be turned on", function()
  local s = udp()
  eq(s:getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST), 0)
  raises("EACCES", s.sendto, s, "x", "255.255.255.255", 9)
  s:setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
  assert(s:getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST) ~= 0)
  s:close()
end)

test("multicast over loopback", function()
  local group, loopback = "239.7.7.7", socket.inet_aton("127.0.0.1")
  local s, c = udp(""), udp()
  local joined = pcall(s.setsockopt, s, socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) .. loopback)
  if not joined then
    s:close() c:close()
    skip("no multicast on loopback here")
  end
  c:setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, loopback)
  c:setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
  eq(c:getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL), 1)
  s:settimeout(0.3)
  local sent, err = pcall(c.sendto, c, "to all", group, s:getsockname().port)
  local heard, data = pcall(s.recvfrom, s, 100)
  s:setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, socket.inet_aton(group) .. loopback)
  s:close() c:close()
  if not (sent and heard) then skip("loopback does not carry multicast here") end
  eq(data, "to all")
end)

test("IPv6 datagrams", function()
  local s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
  if not pcall(s.bind, s, "::1", 0) then skip("no IPv6 here") end
  local c = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
  c:sendto("six", s:getsockname())
  local data, from = s:recvfrom(100)
  eq(data, "six")
  eq(from.host, "::1")
  eq(from.family, socket.AF_INET6)
  s:close() c:close()
end)
