-- What other programs' bug reports found: waits that never ended where the system's call returns at once,
-- a byte of the runtime's own in the stream, limits of 0, numbers and names that were misread.

test("the queue of errors is not waited for", function()
  if not socket.MSG_ERRQUEUE then return end
  local u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  u:settimeout(5)
  eq({u:recvmsg(10, 100, socket.MSG_ERRQUEUE)}, {nil, "EAGAIN"})
  eq({u:recv(10, socket.MSG_ERRQUEUE)}, {nil, "EAGAIN"})
end)

test("MSG_WAITALL fills, in all calls that receive", function()
  local peek = socket.MSG_PEEK
  for _, call in ipairs{"recv", "recvfrom", "recvmsg"} do
    for _, flags in ipairs{socket.MSG_WAITALL, socket.MSG_WAITALL + peek} do
      local a, b = socket.socketpair()
      a:send("abc")
      local more = thread.start(function() a:send("defgh") end)
      local data
      if call == "recvmsg" then data = b:recvmsg(6, 0, flags) else data = b[call](b, 6, flags) end
      eq(data, "abcdef")
      more:join()
      eq(b:recv(100), flags >= socket.MSG_WAITALL + peek and "abcdefgh" or "gh")
      a:send("end")
      a:close()
      eq(b:recv(6, flags), "end")
      b:close()
    end
  end
  local a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
  a:send("one") a:send("two")
  eq(b:recv(10, socket.MSG_WAITALL), "one")
end)

test("ancillary data alone send no byte on a stream", function()
  local a, b = socket.socketpair()
  eq(a:sendmsg("", {{socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", a:fileno())}}), 0)
  a:send("x")
  eq(b:recv(10), "x")
end)

test("a limit of 0 allows nothing", function()
  local a, b = socket.socketpair()
  a:send("a\n")
  raises("EMSGSIZE", b.readline, b, 0)
  raises("EMSGSIZE", b.readuntil, b, "\n", 0)
  eq(b:readuntil("\n", 2), "a\n")
  a:close()
  eq(b:readline(0), nil)
end)

test("an empty datagram", function()
  local u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  u:bind("127.0.0.1", 0)
  u:connect(u:getsockname())
  u:settimeout(5)
  eq(u:sendall(""), true)
  eq(u:recv(10), "")
end)

test("names and services", function()
  raises("EAI_NONAME", socket.getaddrinfo, "fe80::1%nope", 80)
  raises("EAI_SERVICE", socket.getaddrinfo, "127.0.0.1", "80 ")
  eq(socket.getaddrinfo("127.0.0.1", " 80")[1].address.port, 80)
end)

test("which descriptor is not open", function()
  local a, b = socket.socketpair()
  local err = raises("EBADF", socket.send_fds, a, "x", {0, 99999})
  assert(tostring(err):find("item 2, 99999, is no open descriptor", 1, true), tostring(err))
  err = raises("EBADF", a.sendmsg, a, "x", {{socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", 99999)}})
  assert(tostring(err):find("ancillary", 1, true), tostring(err))
end)

test("the runtime's own descriptors are not closed by number", function()
  for fd = 3, 40 do pcall(socket.close, fd) end
  local a, b = socket.socketpair()
  a:settimeout(0.01)
  raises("ETIMEDOUT", a.recv, a, 1)
  local fd = a:detach()
  eq(socket.close(fd), true)
end)
