-- Addresses: what the calls that give one give, and every form the calls that take one take.

local function bound(host, kind, family)
  local s = socket.socket(family or socket.AF_INET, kind or socket.SOCK_DGRAM)
  s:bind(host or "127.0.0.1", 0)
  return s
end

local function ipv6()
  if not (socket.has_ipv6 and pcall(function() bound("::1", nil, socket.AF_INET6):close() end)) then skip("no IPv6 here") end
end

test("an address has positions and names", function()
  local s = bound()
  local a = s:getsockname()
  eq(a[1], "127.0.0.1")
  eq(type(a[2]), "number")
  eq(a.host, a[1])
  eq(a.port, a[2])
  eq(a.family, socket.AF_INET)
  s:close()
end)

test("tostring and .. give host:port", function()
  local s = bound()
  local a = s:getsockname()
  local text = "127.0.0.1:" .. a.port
  eq(tostring(a), text)
  eq(a .. "", text)
  eq("at " .. a, "at " .. text)
  eq(a .. " and " .. a, text .. " and " .. text)
  s:close()
end)

test("== compares what is in them", function()
  local s, other = bound(), bound()
  local a, b = s:getsockname(), s:getsockname()
  eq(a == b, true, "the same address, asked for twice")
  eq(a == other:getsockname(), false, "another port")
  eq(a ~= b, false)
  s:close() other:close()
end)

test("an address is still good after its socket is closed", function()
  local s = bound()
  local a = s:getsockname()
  local text = tostring(a)
  s:close()
  eq(tostring(a), text)
  eq(a.host, "127.0.0.1")
end)

test("every form of an address reaches the same place", function()
  local s, c = bound(), bound()
  local a = s:getsockname()
  local forms = {
    {a},
    {a.host, a.port},
    {{a.host, a.port}},
    {{host = a.host, port = a.port}},
    {"localhost", a.port},
  }
  for i, form in ipairs(forms) do
    eq(c:sendto("form " .. i, unpack(form)), 6)
    local data, from = s:recvfrom(100)
    eq(data, "form " .. i)
    eq(from == c:getsockname(), true, "form " .. i)
  end
  s:close() c:close()
end)

test("flags may stand between the data and every form of address", function()
  local s, c = bound(), bound()
  local a = s:getsockname()
  for _, form in ipairs {{a}, {a.host, a.port}, {{a.host, a.port}}} do
    eq(c:sendto("x", 0, unpack(form)), 1)
    eq(s:recvfrom(10), "x")
  end
  s:close() c:close()
end)

test("bind and connect take every form, too", function()
  local l = bound("127.0.0.1", socket.SOCK_STREAM)
  l:listen()
  local a = l:getsockname()
  for _, form in ipairs {{a}, {a.host, a.port}, {{a.host, a.port}}, {{host = a.host, port = a.port}}} do
    local c = socket.socket()
    c:bind {"127.0.0.1", 0}
    eq(c:connect(unpack(form)), true)
    eq(c:getpeername() == a, true)
    local s, from = l:accept()
    eq(from == c:getsockname(), true)
    c:close() s:close()
  end
  l:close()
end)

test("an address recvfrom gave goes straight back into sendto", function()
  local s, c = bound(), bound()
  c:sendto("ping", s:getsockname())
  local _, from = s:recvfrom(10)
  s:sendto("pong", from)
  eq(c:recvfrom(10), "pong")
  s:close() c:close()
end)

test("host \"\" is any address", function()
  local s = bound("")
  eq(s:getsockname().host, "0.0.0.0")
  local c = bound()
  c:sendto("x", "127.0.0.1", s:getsockname().port)
  eq(s:recvfrom(10), "x")
  s:close() c:close()
end)

test("<broadcast> is the broadcast address, and needs SO_BROADCAST", function()
  local s = bound("")
  local err = raises("EACCES", s.sendto, s, "x", "<broadcast>", 9)
  eq(err.op, "sendto")
  assert(tostring(err):find("255.255.255.255", 1, true), tostring(err))
  s:close()
end)

test("a name is resolved for the socket's family", function()
  local s = bound("localhost")
  eq(s:getsockname().host, "127.0.0.1")
  s:close()
end)

test("a host of the other family is refused", function()
  local s = socket.socket()
  local ok, err = pcall(s.connect, s, "::1", 80)
  eq(ok, false)
  eq(type(err.code), "string")
  s:close()
end)

test("IPv6 addresses have brackets, scope and flow", function()
  ipv6()
  local s = bound("::1", nil, socket.AF_INET6)
  local a = s:getsockname()
  eq(a.host, "::1")
  eq(a[1], "::1")
  eq(a[2], a.port)
  eq(a.family, socket.AF_INET6)
  eq(a.scope_id, 0)
  eq(a.flowinfo, 0)
  eq(tostring(a), "[::1]:" .. a.port)
  s:close()
end)

test("IPv6 addresses go back in", function()
  ipv6()
  local s, c = bound("::1", nil, socket.AF_INET6), bound("::1", nil, socket.AF_INET6)
  local a = s:getsockname()
  for _, form in ipairs {{a}, {"::1", a.port}, {{"::1", a.port}}, {{host = "::1", port = a.port}}} do
    c:sendto("six", unpack(form))
    local data, from = s:recvfrom(10)
    eq(data, "six")
    eq(from == c:getsockname(), true)
  end
  s:close() c:close()
end)

test("IPv6 host \"\" is ::", function()
  ipv6()
  local s = bound("", nil, socket.AF_INET6)
  eq(s:getsockname().host, "::")
  s:close()
end)

test("a zone after % becomes the scope", function()
  ipv6()
  local interface = socket.if_nameindex()[1]
  local found = socket.getaddrinfo("fe80::1%" .. interface.name, 80, socket.AF_INET6, socket.SOCK_STREAM)
  eq(found[1].address.scope_id, interface.index)
  eq(found[1].address.port, 80)
end)

test("IPv4 and IPv6 addresses are never equal", function()
  ipv6()
  local four, six = bound(), bound("::1", nil, socket.AF_INET6)
  eq(four:getsockname() == six:getsockname(), false)
  four:close() six:close()
end)

test("ports outside 0-65535 are argument errors", function()
  local s = socket.socket()
  for _, port in ipairs {-1, 65536, 70000} do
    raises("port must be 0-65535, got " .. port, s.connect, s, "127.0.0.1", port)
    raises("port must be 0-65535, got " .. port, s.bind, s, {"127.0.0.1", port})
    raises("port must be 0-65535, got " .. port, s.connect_ex, s, {host = "127.0.0.1", port = port})
  end
  s:close()
end)

test("half an address is an argument error", function()
  local s = socket.socket()
  local joined = 'host and port are two arguments, "127.0.0.1" and 80, not one text, which proto.dial takes)'
  raises("bad argument #1 to 'connect' (" .. joined, s.connect, s, "127.0.0.1:80")
  raises("bad argument #2 to 'bind' (" .. joined, socket.bind, s, "127.0.0.1:80")
  raises("bad argument #2 to 'sendto' (" .. joined, s.sendto, s, "data", "127.0.0.1:80")
  raises("bad argument #4 to 'sendmsg' (" .. joined, s.sendmsg, s, "data", nil, 0, "127.0.0.1:80")
  raises("bad argument #1 to 'create_connection' (" .. joined, socket.create_connection, "127.0.0.1:80", {timeout = 1})
  raises("bad argument #1 to 'create_server' (" .. joined, socket.create_server, "127.0.0.1:80")
  raises('two arguments, "::1" and 80, not one', socket.create_connection, "[::1]:80")
  raises("bad argument #2 to 'connect' (port must be a number, got no value)", s.connect, s, "::1")
  raises("bad argument", s.connect, s, "127.0.0.1")
  raises("bad argument", s.connect, s, {"127.0.0.1"})
  raises("bad argument", s.connect, s, {})
  raises("bad argument", s.connect, s)
  raises("bad argument", s.bind, s, true)
  s:close()
end)
