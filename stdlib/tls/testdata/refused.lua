-- Handshakes that fail say why, at both sides where the protocol has it so. Where
-- certificates of other kinds are needed, see certificates_test.go.

local cert, key = tls.self_signed {"localhost"}
local other, other_key = tls.self_signed {"other.example"}

-- Both sides' errors: nil where there was none. Each says a word if it can, since a
-- TLS 1.3 client hears only then of what the server thinks of its certificate.
local function meet(copts, sopts)
  local a, b = socket.socketpair()
  copts.timeout, sopts.timeout, sopts.server_side = 5, 5, true
  local function talk(sock, opts)
    local ok, err = pcall(function()
      tls.wrap(sock, opts):with(function(c)
        c:sendall("x")
        eq(c:recv(), "x")
      end)
    end)
    if not ok then return err end
  end
  local t = thread.start(talk, b, sopts)
  local cerr = talk(a, copts)
  local ok, serr = t:join(10)
  assert(ok, serr)
  return cerr, serr
end

local function says(err, code, text)
  if not err then error("no error, wanted " .. text, 2) end
  eq(err.code, code, tostring(err))
  if not tostring(err):find(text, 1, true) then error("got '" .. tostring(err) .. "', wanted " .. text, 2) end
end

test("the certificate is self-signed and unknown", function()
  local c, s = meet({server_name = "localhost"}, {cert = cert, key = key})
  says(c, "ETLS", "certificate not trusted: it is self-signed (CN=localhost), and not among those of ca")
  says(s, "ETLS", "the peer refused: it does not accept our certificate (bad certificate)")
end)

test("the certificate is for another name", function()
  local c = meet({server_name = "localhost", ca = other}, {cert = other, key = other_key})
  says(c, "ETLS", "certificate is not for localhost: it is for other.example")
  c = meet({server_name = "127.0.0.1", ca = other}, {cert = other, key = other_key})
  says(c, "ETLS", "certificate is not for 127.0.0.1: it is for other.example")
end)

test("but not when nothing is to be verified", function()
  eq(meet({verify = false}, {cert = cert, key = key}), nil)
  eq(meet({verify = false, server_name = "whatever"}, {cert = cert, key = key}), nil)
end)

test("no common version", function()
  local a, b = socket.socketpair()
  local c, s = meet({server_name = "localhost", ca = cert}, {cert = cert, key = key, min_version = "TLSv1.3"})
  eq({c, s}, {nil, nil}, "1.3 both")
end)

test("a client without a certificate, where one is asked for", function()
  local c, s = meet({server_name = "localhost", ca = cert}, {cert = cert, key = key, ca = other})
  says(s, "ETLS", "client certificate required: the client has sent none")
  says(c, "ETLS", "the peer refused: client certificate required")
end)

test("a client's certificate that is unknown", function()
  local c, s = meet({server_name = "localhost", ca = cert, cert = cert, key = key}, {cert = cert, key = key, ca = other})
  says(s, "ETLS", "certificate not trusted: it is self-signed")
  says(c, "ETLS", "the peer refused")
end)

test("a client's certificate that is known, and one that is not looked at", function()
  eq({meet({server_name = "localhost", ca = cert, cert = other, key = other_key}, {cert = cert, key = key, ca = other})}, {})
  eq({meet({server_name = "localhost", ca = cert, cert = cert, key = key}, {cert = cert, key = key, ca = other, verify = false})}, {})
  eq({meet({server_name = "localhost", ca = cert}, {cert = cert, key = key, ca = other, verify = false})}, {})
end)

test("no common application protocol", function()
  local c, s = meet({server_name = "localhost", ca = cert, alpn = {"h2"}}, {cert = cert, key = key, alpn = {"http/1.1"}})
  says(s, "ETLS", "no common application protocol (alpn)")
  says(c, "ETLS", "the peer refused: no common application protocol (alpn)")
end)

test("the peer does not speak TLS", function()
  local a, b = socket.socketpair()
  b:sendall("HTTP/1.1 400 Bad Request\r\n\r\n")
  says(raises("ETLS", tls.wrap, a, {server_name = "x"}), "ETLS", 'not TLS: the peer began with "HTTP/"')
  b:close()
  a, b = socket.socketpair()
  b:sendall("GET / HTTP/1.0\r\n\r\n")
  says(raises("ETLS", tls.wrap, a, {server_side = true, cert = cert, key = key}), "ETLS", 'not TLS: the peer began with "GET /"')
  b:close()
end)

test("the peer goes away", function()
  local a, b = socket.socketpair()
  b:shutdown(socket.SHUT_WR)
  says(raises("ETLS", tls.wrap, a, {server_name = "x"}), "ETLS", "the peer closed the connection during the handshake")
  b:close()
  a, b = socket.socketpair()
  b:close()
  eq(raises("EPIPE", tls.wrap, a, {server_name = "x"}).op, "wrap")
  raises("ECONNREFUSED", tls.connect, "127.0.0.1", 1, {verify = false})
end)

test("what the peer left behind is not said to have gone", function()
  local function left(size, how)
    local a, b = socket.socketpair()
    local t = thread.start(tls.wrap, b, {server_side = true, cert = cert, key = key})
    local c = tls.wrap(a, {server_name = "localhost", ca = cert, timeout = 5})
    local ok, s = t:join(10)
    assert(ok, s)
    if how == "later" then
      thread.start(function() thread.sleep(0.05) s:close() end)
    else
      s:close()
    end
    local err = raises("", c.sendall, c, ("x"):rep(size))
    assert(err.code == "EPIPE" or err.code == "ECONNRESET", err)
    eq(raises("", c.sendall, c, "x").sent, 0)
    c:close()
    return err.sent
  end
  eq(left(10), 0)
  eq(left(100000), 0)
  local sent = left(5000000, "later")
  assert(sent > 0 and sent < 5000000, sent)
end)

test("a failed handshake stays failed", function()
  local srv = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
  local plain = socket.create_connection(srv:getsockname())
  plain:sendall("EHLO example.org\r\n")
  local c = srv:accept()
  local err = raises("ETLS", c.recv, c)
  eq({err.op, err.address}, {"recv", tostring(plain:getsockname())})
  for _, method in ipairs {"recv", "do_handshake", "readline"} do raises("not TLS", c[method], c) end
  raises("not TLS", c.sendall, c, "x")
  raises("not TLS", c.shutdown, c, socket.SHUT_WR)
  eq(c:version(), nil)
  eq(c:close(), true)
  plain:close() srv:close()
end)

test("a client that left before it was accepted", function()
  local srv = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
  local plain = socket.create_connection(srv:getsockname())
  local address = plain:getsockname()
  plain:setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, string.pack("ii", 1, 0))
  plain:close() -- a reset
  eq(#select.select({srv}, nil, nil, 5), 1)
  local c, from = srv:accept()
  eq(from, address)
  eq(pcall(c.recv, c), false)
  c:close() srv:close()
end)

test("garbage does not disturb others", function()
  local srv = tls.create_server("127.0.0.1", 0, {cert = cert, key = key, timeout = 10})
  local port, failures = srv:getsockname().port, 0
  local t = thread.start(function()
    for client in srv:clients() do
      thread.start(function()
        local ok, err = pcall(function()
          for line in client:lines() do client:sendall(line .. "\n") end
        end)
        if not ok then failures = failures + 1 assert(err.code == "ETLS" or err.code == "ECONNRESET", err) end
        client:close()
      end)
    end
  end)
  local good = tls.connect("localhost", port, {ca = cert, timeout = 10})
  local garbage = {"", "\0", "GET / HTTP/1.0\r\n\r\n", ("\255"):rep(1000), "\22\3\1\0\4\1\0\0\0", "\22\3\1\255\255", "\128\46\1\3\1", "\22\3\1\0\100" .. ("\0"):rep(100)}
  for i = 1, 40 do garbage[#garbage + 1] = "\22\3\1" .. random.bytes(i * 7) end
  for _, g in ipairs(garbage) do
    local bad = socket.create_connection("127.0.0.1", port)
    bad:sendall(g)
    bad:shutdown(socket.SHUT_WR)
    good:sendall("still here\n")
    eq(good:readline(), "still here")
    bad:settimeout(10)
    pcall(function() for _ in bad:chunks() do end end)
    bad:close()
  end
  eq(failures, #garbage)
  good:close() srv:close()
  t:join(5)
end)
