-- What a connection can do: all that a stream socket can, and what TLS adds.

local cert, key = tls.self_signed {"localhost", "127.0.0.1", "::1"}
local server_opts = {server_side = true, cert = cert, key = key}
local client_opts = {server_name = "localhost", ca = cert}

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

-- Two connections to each other, over what make returns.
local function pair(make, copts, sopts)
  local a, b = (make or socket.socketpair)()
  local t = thread.start(function() return tls.wrap(b, sopts or server_opts) end)
  local client = tls.wrap(a, copts or client_opts)
  local server = join(t)
  client:settimeout(10) server:settimeout(10)
  return client, server, a
end

local function tcp()
  local l = socket.create_server("127.0.0.1", 0)
  local c = socket.create_connection("127.0.0.1", l:getsockname().port)
  local s = l:accept()
  l:close()
  return c, s
end

local function unix_pair()
  local path = os.tmpname()
  os.remove(path)
  local l = socket.create_server(path, {family = socket.AF_UNIX})
  local c = socket.socket(socket.AF_UNIX)
  c:connect(path)
  local s = l:accept()
  l:close()
  os.remove(path)
  return c, s
end

test("over TCP, socketpairs and Unix sockets", function()
  for _, make in ipairs {tcp, socket.socketpair, unix_pair} do
    local c, s, plain = pair(make)
    eq(plain:fileno(), -1)
    raises("EBADF", plain.recv, plain)
    eq(plain:close(), true)
    eq(c:sendall("ping"), true)
    eq(s:recv(), "ping")
    eq(s:send("pong"), 4)
    eq(c:recv(2), "po")
    eq(c:pending(), 2)
    eq(c:recv(), "ng")
    eq(c:close(), true)
    eq(c:close(), true)
    eq(c:fileno(), -1)
    eq(s:recv(), "")
    eq(s:recv(), "", "and again")
    raises("EBADF", c.recv, c)
    raises("EBADF", c.sendall, c, "x")
    s:close()
  end
end)

test("what was agreed on", function()
  local c, s = pair(tcp, {server_name = "localhost", ca = cert, alpn = {"h2", "http/1.1"}},
    {server_side = true, cert = cert, key = key, alpn = {"http/1.1"}})
  eq({c:version(), s:version()}, {"TLSv1.3", "TLSv1.3"})
  eq(c:cipher(), s:cipher())
  assert(c:cipher():find("^TLS_"))
  eq({c:alpn(), s:alpn()}, {"http/1.1", "http/1.1"})
  local p = c:peer_certificate()
  eq({p.subject, p.issuer, p.dns_names, p.ip_addresses}, {"CN=localhost", "CN=localhost", {"localhost"}, {"127.0.0.1", "::1"}})
  eq(p.pem, cert)
  eq(#p.sha256, 64)
  assert(p.not_before <= os.time() and p.not_after > os.time() + 300 * 86400)
  eq(s:peer_certificate(), nil)
  assert(tostring(c):find("^tls%(fd=%d+, TLSv1.3, 127.0.0.1:%d+ %-> 127.0.0.1:%d+%)$"), tostring(c))
  eq(c:getpeername().port, s:getsockname().port)
  eq({c.family, c.type, c.timeout}, {socket.AF_INET, socket.SOCK_STREAM, 10})
  c:settimeout(nil)
  eq({c.timeout, c:gettimeout(), c:getblocking()}, {nil, nil, true})
  c:close() s:close()
  eq(tostring(c), "tls(closed)")
end)

test("the methods of streams", function()
  local c, s = pair()
  s:sendall("one\r\ntwo\nkey=value;12345rest")
  s:shutdown(socket.SHUT_WR)
  eq(c:readline(), "one")
  eq(c:readline(), "two")
  eq(c:readuntil(";"), "key=value;")
  eq(c:recv(2, socket.MSG_PEEK), "12")
  eq(c:readexactly(5), "12345")
  eq(c:readline(), "rest")
  eq(c:readline(), nil)
  c:sendall("still open this way")
  eq(s:recv(), "still open this way")
  raises("ETLS", s.sendall, s, "x")
  local got = {}
  c:sendall("a\nb\nc")
  c:close()
  for line in s:lines() do got[#got + 1] = line end
  eq(got, {"a", "b", "c"})
  eq(s:with(function(k, x) return x, k == s end, 7), 7)
  eq(s:fileno(), -1)
end)

test("peeking, and receiving what is larger than asked for", function()
  local c, s = pair()
  c:sendall(("x"):rep(100000))
  eq(s:recv(10, socket.MSG_PEEK), ("x"):rep(10))
  eq(#s:recv(100000, socket.MSG_WAITALL), 100000)
  eq({s:recv(1, socket.MSG_DONTWAIT)}, {nil, "EAGAIN"})
  eq(s:recv(0), "")
  raises("EOPNOTSUPP", s.recv, s, 1, socket.MSG_OOB)
  raises("EOPNOTSUPP", s.send, s, "x", socket.MSG_OOB)
  c:close() s:close()
end)

test("no byte is lost in megabytes both ways", function()
  local c, s = pair(tcp)
  local parts = {}
  for i = 1, 3000 do parts[i] = random.bytes(i % 1000) end
  local data = table.concat(parts)
  local echo = thread.start(function()
    for piece in s:chunks(10000) do s:sendall(piece) end
    s:close()
  end)
  local writer = thread.start(function()
    for _, p in ipairs(parts) do c:sendall(p) end
    c:shutdown(socket.SHUT_WR)
  end)
  local got = {}
  for piece in c:chunks(7000) do got[#got + 1] = piece end
  assert(table.concat(got) == data, "not the bytes sent")
  join(echo) join(writer)
  c:close()
end)

test("makefile", function()
  local c, s = pair()
  local f = c:makefile()
  f:write("question ", 42, "\n")
  f:flush()
  eq(s:readline(), "question 42")
  s:sendall("one\ntwo\nthe rest")
  eq(f:read("*l", "*l"), "one")
  eq(f:fileno(), c:fileno())
  c:close()
  f:write("the connection lives as long as its files")
  f:close()
  eq(s:recv(100), "the connection lives as long as its files")
  eq(s:recv(), "")
  raises("bad argument", s.makefile, s, "x")
  s:close()
end)

test("a file that is dropped sends what was written", function()
  local c, s = pair()
  do
    local f = c:makefile("w")
    f:write("not flushed")
  end
  for _ = 1, 20 do
    collectgarbage()
    time.sleep(0.01)
    if s:recv(100, socket.MSG_DONTWAIT) == "not flushed" then
      s:close()
      return c:close()
    end
  end
  error("never came")
end)

test("servers", function()
  local srv = tls.create_server("127.0.0.1", 0, {cert = cert, key = key, timeout = 7})
  assert(tostring(srv):find("^tls server over socket%("))
  local port = srv:getsockname().port
  local t = thread.start(function()
    local n = 0
    for client, address in srv:clients() do
      n = n + 1
      assert(client:getpeername() == address)
      eq(client:version(), nil, "no handshake yet")
      thread.start(function()
        eq(client:gettimeout(), 7)
        client:sendall((client:recv():upper()))
        eq(client:version(), "TLSv1.3")
        client:close()
      end)
    end
    return n
  end)
  for i = 1, 3 do
    local c = tls.connect("localhost", port, {ca = cert, timeout = 5})
    eq(c:gettimeout(), 5)
    c:sendall("hello")
    eq(c:readline(), "HELLO")
    c:close()
  end
  srv:close()
  eq(join(t), 3)
  eq(srv:fileno(), -1)
  srv:with(function() end)
end)

test("a server that does not wait", function()
  local srv = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
  srv:setblocking(false)
  eq({srv:getblocking(), srv:gettimeout()}, {false, 0})
  eq({srv:accept()}, {nil, "EAGAIN"})
  local plain = socket.create_connection(srv:getsockname())
  eq(#select.select({srv}, nil, nil, 5), 1)
  local c, from = srv:accept()
  eq(from, plain:getsockname())
  c:close() plain:close() srv:close()
end)

test("connect to an address object, and options of it", function()
  local srv = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
  local t = thread.start(function()
    for client in srv:clients() do client:recv() client:close() end
  end)
  tls.connect(srv:getsockname(), {ca = cert}):close()
  tls.connect({"127.0.0.1", srv:getsockname().port}, {ca = cert}):close()
  tls.connect(srv:getsockname(), {verify = false}):close()
  srv:close()
  join(t)
end)

test("wrong arguments", function()
  local a, b = socket.socketpair()
  raises("unknown option 'certificate', there are: alpn", tls.wrap, a, {certificate = cert})
  raises("unknown option 'server_side'", tls.connect, "localhost", 1, {server_side = true})
  raises("option 'server_name' is needed", tls.wrap, a, {})
  raises("a server needs the options 'cert' and 'key'", tls.wrap, a, {server_side = true})
  raises("a server needs", tls.create_server, "127.0.0.1", 0)
  raises("option 'key' needs 'cert'", tls.wrap, a, {key = key, verify = false})
  raises("option 'verify' must be true or false, got 1", tls.wrap, a, {verify = 1})
  raises("option 'min_version' must be TLSv1,", tls.wrap, a, {min_version = "1.2"})
  raises("option 'alpn' must be an array", tls.wrap, a, {alpn = "h2"})
  raises("option 'alpn' must be an array", tls.wrap, a, {alpn = {""}})
  raises("option 'timeout' must be 0 or more seconds", tls.wrap, a, {timeout = -1})
  raises("cert and key:", tls.wrap, a, {server_side = true, cert = cert, key = select(2, tls.self_signed())})
  raises("ca: no certificate", tls.wrap, a, {ca = key, server_name = "x"})
  raises("ENOENT", tls.wrap, a, {ca = "/nowhere/at/all", server_name = "x"})
  raises("EINVAL", tls.wrap, a, {ca = "/dev/zero", server_name = "x"})
  raises("socket expected, got number", tls.wrap, 7, {verify = false})
  raises("only a plain socket", tls.wrap, tls.create_server("127.0.0.1", 0, {cert = cert, key = key}), {verify = false})
  raises("a stream socket", tls.wrap, socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM), {verify = false})
  raises("ENOTCONN", tls.wrap, socket.socket(), {verify = false})
  raises("an array of host names", tls.self_signed, {name = "x"})
  raises("no method or field 'conect'", function() return a.conect end)
  assert(a:fileno() >= 0, "none of these took the socket")
  a:sendall("x")
  eq(b:recv(), "x")
  a:close() b:close()
end)

test("files of PEM, and one that holds both", function()
  local path = os.tmpname()
  local f = io.open(path, "w")
  f:write(cert, key)
  f:close()
  local c, s = pair(nil, {ca = path, server_name = "localhost"}, {server_side = true, cert = path})
  c:close() s:close()
  os.remove(path)
end)

test("a socket that is in use is not taken over", function()
  local a, b = socket.socketpair()
  local f = a:makefile()
  raises("EBUSY", tls.wrap, a, {verify = false})
  f:close()
  local t = thread.start(function() return a:recv() end)
  thread.sleep(0.05)
  raises("EBUSY", tls.wrap, a, {verify = false, timeout = 1})
  b:sendall("x")
  eq(join(t), "x")
  a:close() b:close()
end)
