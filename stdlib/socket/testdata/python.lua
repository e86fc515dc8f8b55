-- What random sequences found that CPython's sockets do otherwise, each in few lines.

local Y, STREAM, DGRAM, SEQPACKET = socket.AF_UNIX, socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET

-- A host and a port made a socket file with the host's name in the working directory.
test("a host and a port are no path", function()
  local s = socket.socket(Y, DGRAM)
  for _, verb in ipairs {"bind", "connect", "connect_ex"} do
    raises("path of a Unix socket expected, got a host and a port", s[verb], s, {"127.0.0.1", 0})
    raises("path of a Unix socket expected, got a host and a port", s[verb], s, "127.0.0.1", 80)
  end
  raises("got a host and a port", s.sendto, s, "x", {"127.0.0.1", 80})
  s:close()
end)

-- connect says EISCONN of what is connected, and of what listens.
test("a listening socket does not connect", function()
  local l = socket.create_server("127.0.0.1", 0)
  l:setblocking(false)
  eq((pcall(l.connect, l, l:getsockname())), false)
  l:close()
end)

test("connect_ex of a closed socket is EBADF", function()
  local s = socket.socket()
  s:close()
  eq({s:connect_ex("127.0.0.1", 1)}, {errno.EBADF, "EBADF"})
end)

-- It waited for data, and took a datagram.
test("recv of nothing is there at once", function()
  local a, b = socket.socketpair(Y, DGRAM)
  b:settimeout(5)
  eq(b:recv(0), "")
  a:send("abc")
  eq(b:recv(0, socket.MSG_PEEK), "")
  eq(b:recv(0), "")
  eq(b:recv(10), "abc")
  b:close() a:close()
  raises("EBADF", b.recv, b, 0)
end)

test("sendall of nothing is an empty message", function()
  local ok, a, b = pcall(socket.socketpair, Y, SEQPACKET)
  if not ok then skip("the platform has no SOCK_SEQPACKET for Unix sockets") end
  b:settimeout(5)
  a:sendall("")
  a:sendall("x")
  eq(b:recv(10), "")
  eq(b:recv(10), "x")
  a:close() b:close()
end)

test("a closed socket takes no timeout", function()
  local a, b = socket.socketpair()
  a:close()
  b:close()
  raises("EBADF", a.settimeout, a, 1)
  raises("EBADF", a.setblocking, a, true)
end)

-- It was writable, too: the end of a pipe that is read from, and a listening socket that was shut down.
test("a hang-up makes readable", function()
  local r, w = process.pipe()
  w:close()
  local l = socket.socket(Y, SEQPACKET)
  l:bind("\0hang-up " .. process.pid)
  l:listen(1)
  l:shutdown(socket.SHUT_RDWR)
  for _, o in ipairs {r, l} do
    local can_read, can_write = select.select({o}, {o}, nil, 0)
    eq({#can_read, #can_write}, {1, 0})
    o:close()
  end
end)
