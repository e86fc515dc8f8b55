-- Options: integers, booleans and bytes; the fields of a socket; the constants.

local linux = pcall(function() return assert(socket.AF_PACKET) end)
local SOL = socket.SOL_SOCKET

-- Two C ints in this machine's order; struct.pack("ii", a, b) by hand, for a and b below 256.
local function ints(a, b)
  if socket.htons(1) ~= 1 then return string.char(a, 0, 0, 0, b, 0, 0, 0) end
  return string.char(0, 0, 0, a, 0, 0, 0, b)
end

local function pair()
  local l = socket.socket()
  l:bind("127.0.0.1", 0)
  l:listen()
  local c = socket.socket()
  c:connect(l:getsockname())
  local s = l:accept()
  l:close()
  return c, s
end

test("an integer in, an integer out", function()
  local s = socket.socket()
  eq(s:getsockopt(SOL, socket.SO_REUSEADDR), 0)
  eq(s:setsockopt(SOL, socket.SO_REUSEADDR, 1), true)
  assert(s:getsockopt(SOL, socket.SO_REUSEADDR) ~= 0)
  s:setsockopt(SOL, socket.SO_REUSEADDR, 0)
  eq(s:getsockopt(SOL, socket.SO_REUSEADDR), 0)
  s:close()
end)

test("booleans do as well", function()
  local s = socket.socket()
  s:setsockopt(SOL, socket.SO_KEEPALIVE, true)
  assert(s:getsockopt(SOL, socket.SO_KEEPALIVE) ~= 0)
  s:setsockopt(SOL, socket.SO_KEEPALIVE, false)
  eq(s:getsockopt(SOL, socket.SO_KEEPALIVE), 0)
  s:close()
end)

test("TCP_NODELAY", function()
  local s = socket.socket()
  eq(s:getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), 0, "off, as the kernel has it and Python leaves it")
  s:setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, true)
  assert(s:getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) ~= 0)
  s:close()
end)

test("no option is set that nobody asked for", function()
  -- Go's net package turns TCP_NODELAY and keep-alive on, and SO_REUSEADDR for listeners: here only what the script says.
  local c, s = pair()
  for _, x in ipairs {c, s} do
    eq(x:getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), 0)
    eq(x:getsockopt(SOL, socket.SO_KEEPALIVE), 0)
    eq(x:getsockopt(SOL, socket.SO_REUSEADDR), 0)
    x:close()
  end
end)

test("bytes in, bytes out: SO_LINGER", function()
  local s = socket.socket()
  eq(s:setsockopt(SOL, socket.SO_LINGER, ints(1, 7)), true)
  eq(s:getsockopt(SOL, socket.SO_LINGER, 8), ints(1, 7))
  s:close()
end)

test("a linger of zero resets the connection", function()
  local c, s = pair()
  c:setsockopt(SOL, socket.SO_LINGER, ints(1, 0))
  c:close()
  local err = raises("ECONNRESET", s.recv, s, 1)
  eq(err.op, "recv")
  s:close()
end)

test("buflen makes the answer bytes", function()
  local s = socket.socket()
  local bytes = s:getsockopt(SOL, socket.SO_TYPE, 4)
  eq(#bytes, 4)
  eq(math.max(bytes:byte(1), bytes:byte(4)), socket.SOCK_STREAM)
  eq(s:getsockopt(SOL, socket.SO_TYPE), socket.SOCK_STREAM)
  if linux then eq(#s:getsockopt(SOL, socket.SO_TYPE, 100), 4, "as many as there are") end
  s:close()
end)

test("buffer sizes change", function()
  local s = socket.socket()
  s:setsockopt(SOL, socket.SO_RCVBUF, 65536)
  assert(s:getsockopt(SOL, socket.SO_RCVBUF) >= 65536)
  s:setsockopt(SOL, socket.SO_SNDBUF, 32768)
  assert(s:getsockopt(SOL, socket.SO_SNDBUF) >= 32768)
  s:close()
end)

test("IP and IPv6 options", function()
  local s = socket.socket()
  s:setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 42)
  eq(s:getsockopt(socket.IPPROTO_IP, socket.IP_TTL), 42)
  s:close()
  local ok, six = pcall(socket.socket, socket.AF_INET6)
  if not ok then skip("no IPv6 here") end
  six:setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, true)
  eq(six:getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY), 1)
  six:close()
end)

test("SO_ACCEPTCONN and SO_ERROR", function()
  local s = socket.socket()
  s:bind("127.0.0.1", 0)
  if linux then eq(s:getsockopt(SOL, socket.SO_ACCEPTCONN), 0) end
  s:listen()
  assert(s:getsockopt(SOL, socket.SO_ACCEPTCONN) ~= 0)
  eq(s:getsockopt(SOL, socket.SO_ERROR), 0)
  s:close()
end)

test("an option the system does not know", function()
  local s = socket.socket()
  local err = raises("ENOPROTOOPT", s.setsockopt, s, SOL, 12345, 1)
  eq(err.op, "setsockopt")
  err = raises("ENOPROTOOPT", s.getsockopt, s, SOL, 12345)
  eq(err.op, "getsockopt")
  s:close()
end)

test("wrong kinds of value are argument errors", function()
  local s = socket.socket()
  raises("bad argument", s.setsockopt, s, SOL, socket.SO_REUSEADDR, {})
  raises("bad argument", s.setsockopt, s, SOL, socket.SO_REUSEADDR)
  raises("bad argument", s.setsockopt, s, "SOL_SOCKET", socket.SO_REUSEADDR, 1)
  raises("bad argument", s.getsockopt, s, SOL)
  s:close()
end)

test("family, type, proto and timeout are fields", function()
  local s = socket.socket()
  eq(s.family, socket.AF_INET)
  eq(s.type, socket.SOCK_STREAM)
  eq(type(s.proto), "number")
  eq(s.timeout, nil)
  s:settimeout(1.5)
  eq(s.timeout, 1.5)
  s:close()
  s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
  eq({s.family, s.type, s.proto}, {socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP})
  s:close()
  local c, a = pair()
  eq({a.family, a.type}, {socket.AF_INET, socket.SOCK_STREAM})
  c:close() a:close()
end)

test("a family or type that is none", function()
  local err = raises("", socket.socket, 250)
  eq(err.op, "socket")
  eq(err.code, "EAFNOSUPPORT")
  raises("", socket.socket, socket.AF_INET, 77)
end)

test("the constants are there", function()
  local names = [[
    AF_INET AF_INET6 AF_UNIX AF_UNSPEC SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_SEQPACKET SOL_SOCKET SOMAXCONN
    SO_REUSEADDR SO_REUSEPORT SO_KEEPALIVE SO_BROADCAST SO_LINGER SO_RCVBUF SO_SNDBUF SO_RCVLOWAT SO_RCVTIMEO SO_SNDTIMEO SO_ERROR SO_TYPE SO_OOBINLINE SO_DONTROUTE
    IPPROTO_IP IPPROTO_IPV6 IPPROTO_TCP IPPROTO_UDP IPPROTO_ICMP IPPROTO_ICMPV6 IPPROTO_RAW
    IP_TTL IP_TOS IP_ADD_MEMBERSHIP IP_DROP_MEMBERSHIP IP_MULTICAST_IF IP_MULTICAST_TTL IP_MULTICAST_LOOP IP_HDRINCL
    IPV6_V6ONLY IPV6_UNICAST_HOPS IPV6_MULTICAST_HOPS IPV6_MULTICAST_IF IPV6_MULTICAST_LOOP IPV6_JOIN_GROUP IPV6_LEAVE_GROUP
    TCP_NODELAY TCP_MAXSEG TCP_KEEPINTVL TCP_KEEPCNT
    MSG_PEEK MSG_OOB MSG_WAITALL MSG_DONTWAIT MSG_TRUNC MSG_CTRUNC MSG_DONTROUTE MSG_EOR
    SHUT_RD SHUT_WR SHUT_RDWR SCM_RIGHTS
    AI_PASSIVE AI_CANONNAME AI_NUMERICHOST AI_NUMERICSERV AI_ADDRCONFIG NI_NUMERICHOST NI_NUMERICSERV NI_NAMEREQD NI_DGRAM
    EAI_NONAME EAI_AGAIN EAI_FAIL EAI_FAMILY EAI_SERVICE EAI_SOCKTYPE INADDR_ANY INADDR_LOOPBACK INADDR_BROADCAST INADDR_NONE]]
  if linux then
    names = names .. " AF_PACKET AF_NETLINK AF_VSOCK SO_DOMAIN SO_PROTOCOL SO_PEERCRED SO_PASSCRED SO_BINDTODEVICE SCM_CREDENTIALS" ..
      " TCP_KEEPIDLE TCP_USER_TIMEOUT TCP_INFO TCP_CORK TCP_DEFER_ACCEPT TCP_FASTOPEN TCP_QUICKACK TCP_CONGESTION MSG_NOSIGNAL MSG_MORE MSG_ERRQUEUE SOCK_NONBLOCK SOCK_CLOEXEC"
  end
  local missing = {}
  for name in names:gmatch("%S+") do
    local ok, value = pcall(function() return socket[name] end)
    if not ok or type(value) ~= "number" then missing[#missing + 1] = name end
  end
  eq(table.concat(missing, " "), "")
end)

test("the constants have their values", function()
  eq(socket.AF_INET, 2)
  eq(socket.AF_UNIX, 1)
  eq({socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW}, {1, 2, 3})
  eq({socket.IPPROTO_IP, socket.IPPROTO_ICMP, socket.IPPROTO_TCP, socket.IPPROTO_UDP, socket.IPPROTO_IPV6}, {0, 1, 6, 17, 41})
  eq({socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR}, {0, 1, 2})
  eq({socket.INADDR_ANY, socket.INADDR_LOOPBACK, socket.INADDR_BROADCAST}, {0, 0x7f000001, 0xffffffff})
  eq({socket.MSG_OOB, socket.MSG_PEEK}, {1, 2})
  if linux then eq({socket.AF_INET6, socket.SOL_SOCKET, socket.SO_REUSEADDR, socket.SO_BROADCAST}, {10, 1, 2, 6}) end
end)

test("a constant that is none is named in the error", function()
  raises("NOPE", function() return socket.NOPE end)
end)

test("sends that would read memory later are refused", function()
  if not socket.SO_ZEROCOPY then skip "there are none" end
  local s = socket.socket()
  raises("EOPNOTSUPP", s.setsockopt, s, socket.SOL_SOCKET, socket.SO_ZEROCOPY, 1)
  s:close()
end)
