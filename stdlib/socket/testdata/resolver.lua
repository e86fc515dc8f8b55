-- Names, numbers and conversions. Nothing here needs a DNS server; where one is asked, "none" is an answer.

test("getaddrinfo of numeric hosts", function()
  local found = socket.getaddrinfo("127.0.0.1", 80, socket.AF_INET, socket.SOCK_STREAM)
  eq(#found, 1)
  local e = found[1]
  eq({e.family, e.type, e.proto}, {socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP})
  eq(e.canonname, "")
  eq(tostring(e.address), "127.0.0.1:80")
  eq({e.address.host, e.address.port}, {"127.0.0.1", 80})
  found = socket.getaddrinfo("::1", 443, nil, socket.SOCK_STREAM)
  eq(found[1].family, socket.AF_INET6)
  eq(tostring(found[1].address), "[::1]:443")
end)

test("getaddrinfo without a type gives one entry for each", function()
  local types = {}
  for _, e in ipairs(socket.getaddrinfo("127.0.0.1", 80)) do
    eq(e.family, socket.AF_INET)
    types[e.type] = e.proto
  end
  eq(types[socket.SOCK_STREAM], socket.IPPROTO_TCP)
  eq(types[socket.SOCK_DGRAM], socket.IPPROTO_UDP)
end)

test("getaddrinfo takes service names, and ports as text", function()
  eq(socket.getaddrinfo("127.0.0.1", "http", socket.AF_INET, socket.SOCK_STREAM)[1].address.port, 80)
  eq(socket.getaddrinfo("127.0.0.1", "8080", socket.AF_INET, socket.SOCK_STREAM)[1].address.port, 8080)
  raises("EAI_SERVICE", socket.getaddrinfo, "127.0.0.1", "no-such-service", socket.AF_INET, socket.SOCK_STREAM)
end)

test("getaddrinfo without a host", function()
  local function host(flags) return socket.getaddrinfo(nil, 80, socket.AF_INET, socket.SOCK_STREAM, 0, flags)[1].address.host end
  eq(host(0), "127.0.0.1")
  eq(host(socket.AI_PASSIVE), "0.0.0.0")
end)

test("what getaddrinfo gives can be connected to", function()
  local l = socket.create_server("127.0.0.1", 0)
  local e = socket.getaddrinfo("localhost", l:getsockname().port, socket.AF_INET, socket.SOCK_STREAM)[1]
  local c = socket.socket(e.family, e.type, e.proto)
  eq(c:connect(e.address), true)
  c:close() l:close()
end)

test("AI_NUMERICHOST asks nobody", function()
  local err = raises("EAI_NONAME", socket.getaddrinfo, "localhost", 80, socket.AF_INET, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
  eq(err.op, "getaddrinfo")
  eq(err.code, "EAI_NONAME")
  eq(err.timeout, false)
end)

test("a name that cannot exist", function()
  local function lookup_fails(op, fn, ...)
    local ok, err = pcall(fn, ...)
    eq(ok, false)
    eq(err.op, op)
    assert(err.code == "EAI_NONAME" or err.code == "EAI_AGAIN", "code " .. tostring(err.code)) -- AGAIN: no DNS here
    assert(tostring(err):find("nope.invalid", 1, true), tostring(err))
  end
  lookup_fails("getaddrinfo", socket.getaddrinfo, "nope.invalid", 80)
  lookup_fails("gethostbyname", socket.gethostbyname, "nope.invalid")
  local s = socket.socket()
  lookup_fails("connect", s.connect, s, "nope.invalid", 80)
  s:close()
  lookup_fails("create_connection", socket.create_connection, "nope.invalid", 80)
end)

test("gethostbyname and gethostbyaddr", function()
  eq(socket.gethostbyname("localhost"), "127.0.0.1")
  eq(socket.gethostbyname("127.0.0.1"), "127.0.0.1")
  local ok, name, aliases, addresses = pcall(socket.gethostbyaddr, "127.0.0.1")
  if not ok then skip("nobody names 127.0.0.1 here") end
  eq({type(name), type(aliases), addresses}, {"string", "table", {"127.0.0.1"}})
end)

test("getnameinfo with numbers only", function()
  local flags = socket.NI_NUMERICHOST + socket.NI_NUMERICSERV
  eq({socket.getnameinfo({"127.0.0.1", 80}, flags)}, {"127.0.0.1", "80"})
  eq({socket.getnameinfo({"::1", 443}, flags)}, {"::1", "443"})
  local s = socket.socket()
  s:bind("127.0.0.1", 0)
  local a = s:getsockname()
  eq({socket.getnameinfo(a, flags)}, {"127.0.0.1", tostring(a.port)})
  s:close()
end)

test("getnameinfo with service names", function()
  local _, service = socket.getnameinfo({"127.0.0.1", 80}, socket.NI_NUMERICHOST)
  eq(service, "http")
end)

test("gethostname and getfqdn", function()
  eq(type(socket.gethostname()), "string")
  assert(#socket.gethostname() > 0)
  assert(#socket.getfqdn("127.0.0.1") > 0)
end)

test("services and protocols", function()
  eq(socket.getservbyname("http", "tcp"), 80)
  eq(socket.getservbyname("http"), 80)
  eq(socket.getservbyname("domain", "udp"), 53)
  eq(socket.getservbyport(80, "tcp"), "http")
  eq(socket.getservbyport(53), "domain")
  eq(socket.getprotobyname("tcp"), socket.IPPROTO_TCP)
  eq(socket.getprotobyname("udp"), socket.IPPROTO_UDP)
  eq(socket.getprotobyname("icmp"), socket.IPPROTO_ICMP)
end)

test("services and protocols that are none", function()
  raises("", socket.getservbyname, "no-such-service")
  raises("", socket.getservbyname, "http", "no-such-protocol")
  raises("", socket.getservbyport, 1, "no-such-protocol")
  raises("", socket.getprotobyname, "no-such-protocol")
  raises("port must be 0-65535", socket.getservbyport, 70000)
end)

test("inet_aton and inet_ntoa", function()
  eq(socket.inet_aton("127.0.0.1"), "\127\0\0\1")
  eq(socket.inet_aton("255.255.255.255"), "\255\255\255\255")
  eq(socket.inet_ntoa("\1\2\3\4"), "1.2.3.4")
  raises("", socket.inet_aton, "256.0.0.1")
  raises("", socket.inet_aton, "not an address")
  raises("", socket.inet_ntoa, "\1\2\3")
  raises("", socket.inet_ntoa, "\1\2\3\4\5")
end)

test("inet_pton and inet_ntop", function()
  local v4, v6 = socket.AF_INET, socket.AF_INET6
  eq(socket.inet_pton(v4, "1.2.3.4"), "\1\2\3\4")
  eq(socket.inet_pton(v6, "::1"), ("\0"):rep(15) .. "\1")
  eq(socket.inet_pton(v6, "::ffff:1.2.3.4"), ("\0"):rep(10) .. "\255\255\1\2\3\4")
  eq(socket.inet_ntop(v4, "\10\0\0\1"), "10.0.0.1")
  for _, text in ipairs {"::", "::1", "2001:db8::1", "fe80::1:0:0:1", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8"} do
    eq(socket.inet_ntop(v6, socket.inet_pton(v6, text)), text)
  end
  raises("", socket.inet_pton, v4, "1.2.3")
  raises("", socket.inet_pton, v4, "::1")
  raises("", socket.inet_pton, v6, "1.2.3.4")
  raises("", socket.inet_ntop, v4, ("\0"):rep(16))
  raises("", socket.inet_ntop, v6, ("\0"):rep(4))
  raises("", socket.inet_pton, socket.AF_UNIX, "/tmp")
end)

test("byte order", function()
  eq(socket.ntohs(socket.htons(0x1234)), 0x1234)
  eq(socket.ntohl(socket.htonl(0x12345678)), 0x12345678)
  if socket.htons(1) == 1 then -- a big-endian machine
    eq(socket.htonl(0x12345678), 0x12345678)
  else
    eq(socket.htons(0x1234), 0x3412)
    eq(socket.htonl(0x12345678), 0x78563412)
    eq(socket.htonl(0xff), 0xff000000, "above 2^31 as well")
  end
  raises("bad argument", socket.htons, 65536)
  raises("bad argument", socket.htons, -1)
  raises("bad argument", socket.ntohs, 65536)
  raises("bad argument", socket.htonl, 2 ^ 32)
  raises("bad argument", socket.ntohl, -1)
  raises("bad argument", socket.htons, "x")
end)

test("interfaces", function()
  local list = socket.if_nameindex()
  assert(#list >= 1, "at least loopback")
  for _, e in ipairs(list) do
    eq(socket.if_nametoindex(e.name), e.index)
    eq(socket.if_indextoname(e.index), e.name)
  end
  raises("", socket.if_nametoindex, "no-such-interface")
  raises("", socket.if_indextoname, 1000000)
end)

test("what the system has", function()
  eq(type(socket.has_ipv6), "boolean")
  eq(type(socket.has_dualstack_ipv6()), "boolean")
end)
