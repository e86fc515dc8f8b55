-- create_connection and create_server: the short ways in and out.

local linux = pcall(function() return assert(socket.AF_PACKET) end)

local function has_ipv6()
  if not socket.has_ipv6 then return false end
  return (pcall(function() socket.create_server("::1", 0, {family = socket.AF_INET6}):close() end))
end

test("create_server is bound, listening and reusable", function()
  local l = socket.create_server("127.0.0.1", 0)
  eq({l.family, l.type}, {socket.AF_INET, socket.SOCK_STREAM})
  assert(l:getsockname().port > 0)
  assert(l:getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) ~= 0)
  assert(l:getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) ~= 0)
  eq(l:gettimeout(), nil)
  l:close()
end)

test("create_connection reaches it", function()
  local l = socket.create_server("127.0.0.1", 0)
  local c = socket.create_connection("127.0.0.1", l:getsockname().port)
  local s = l:accept()
  c:sendall("hello")
  eq(s:recv(10), "hello")
  eq(c:gettimeout(), nil)
  c:close() s:close() l:close()
end)

test("an address object or table will do", function()
  local l = socket.create_server({"127.0.0.1", 0}, {backlog = 5})
  local a = l:getsockname()
  for _, address in ipairs {a, {a.host, a.port}} do
    local c = socket.create_connection(address, {timeout = 5})
    eq(c:getpeername() == a, true)
    eq(c:gettimeout(), 5)
    c:close()
    l:accept():close()
  end
  l:close()
end)

test("timeout stays with the connection", function()
  local l = socket.create_server("127.0.0.1", 0)
  local c = socket.create_connection("127.0.0.1", l:getsockname().port, {timeout = 0.03})
  eq(c:gettimeout(), 0.03)
  raises("ETIMEDOUT", c.recv, c, 1)
  c:close() l:close()
end)

test("timeout limits the connecting", function()
  if not linux then skip("how a full backlog answers differs between systems") end
  local l = socket.create_server("127.0.0.1", 0, {backlog = 0}) -- Linux lets one wait
  local port = l:getsockname().port
  local filler = socket.create_connection("127.0.0.1", port, {timeout = 5})
  local err = raises("ETIMEDOUT", socket.create_connection, "127.0.0.1", port, {timeout = 0.03})
  eq(err.op, "create_connection")
  eq(err.timeout, true)
  filler:close() l:close()
end)

test("source is where it comes from", function()
  local l = socket.create_server("127.0.0.1", 0)
  local free = socket.create_server("127.0.0.1", 0)
  local port = free:getsockname().port
  free:close() -- never connected to: the port is free at once
  local c = socket.create_connection("127.0.0.1", l:getsockname().port, {source = {"127.0.0.1", port}})
  eq(c:getsockname().port, port)
  local _, from = l:accept()
  eq(from.port, port)
  c:close() l:close()
end)

test("a name is tried at all its addresses", function()
  -- localhost may be ::1 first, where nobody listens.
  local l = socket.create_server("127.0.0.1", 0)
  local c = socket.create_connection("localhost", l:getsockname().port, {timeout = 5})
  eq(c:getpeername().host, "127.0.0.1")
  c:close() l:close()
end)

test("a refused connection names the function called", function()
  local bound = socket.socket()
  bound:bind("127.0.0.1", 0)
  local err = raises("ECONNREFUSED", socket.create_connection, "127.0.0.1", bound:getsockname().port)
  eq(err.op, "create_connection")
  eq(err.address, tostring(bound:getsockname()))
  eq(tostring(err), "create_connection " .. bound:getsockname() .. ": connection refused")
  bound:close()
end)

test("an address in use", function()
  local l = socket.create_server("127.0.0.1", 0)
  local err = raises("EADDRINUSE", socket.create_server, "127.0.0.1", l:getsockname().port)
  eq(err.op, "create_server")
  eq(err.address, tostring(l:getsockname()))
  l:close()
end)

test("reuse_port lets two share a port", function()
  local a = socket.create_server("127.0.0.1", 0, {reuse_port = true})
  local b = socket.create_server("127.0.0.1", a:getsockname().port, {reuse_port = true})
  eq(a:getsockname() == b:getsockname(), true)
  assert(b:getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) ~= 0)
  a:close() b:close()
end)

test("host \"\" listens everywhere", function()
  local l = socket.create_server("", 0)
  eq(l:getsockname().host, "0.0.0.0")
  local c = socket.create_connection("127.0.0.1", l:getsockname().port)
  c:close() l:close()
end)

test("family AF_INET6 is IPv6 only", function()
  if not has_ipv6() then skip("no IPv6 here") end
  local l = socket.create_server("", 0, {family = socket.AF_INET6})
  local port = l:getsockname().port
  assert(l:getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) ~= 0)
  raises("ECONNREFUSED", socket.create_connection, "127.0.0.1", port)
  local c = socket.create_connection("::1", port)
  local s, from = l:accept()
  eq(from.host, "::1")
  eq(s.family, socket.AF_INET6)
  c:close() s:close() l:close()
end)

test("dualstack_ipv6 takes IPv4 as well", function()
  if not (has_ipv6() and socket.has_dualstack_ipv6()) then skip("no dual stack here") end
  local l = socket.create_server("", 0, {family = socket.AF_INET6, dualstack_ipv6 = true})
  local port = l:getsockname().port
  for host, seen in pairs {["127.0.0.1"] = "::ffff:127.0.0.1", ["::1"] = "::1"} do
    local c = socket.create_connection(host, port)
    local s, from = l:accept()
    eq(from.host, seen)
    s:sendall(host)
    eq(c:recv(100), host)
    c:close() s:close()
  end
  l:close()
end)

test("a failed create_server or create_connection leaves no descriptor behind", function()
  local l = socket.create_server("127.0.0.1", 0)
  local port = l:getsockname().port
  local bound = socket.socket()
  bound:bind("127.0.0.1", 0)
  local closed = bound:getsockname().port
  local function next_fd()
    local s = socket.socket()
    local fd = s:fileno()
    s:close()
    return fd
  end
  local before = next_fd()
  for _ = 1, 20 do
    pcall(socket.create_server, "127.0.0.1", port)
    pcall(socket.create_connection, "127.0.0.1", closed)
  end
  assert(next_fd() < before + 10, "descriptors leak")
  l:close() bound:close()
end)

test("arguments are checked", function()
  raises("port must be 0-65535, got 70000", socket.create_connection, "127.0.0.1", 70000)
  raises("port must be 0-65535, got -1", socket.create_server, "127.0.0.1", -1)
  raises("bad argument", socket.create_connection)
  raises("bad argument", socket.create_connection, "127.0.0.1", 80, 5)
end)
