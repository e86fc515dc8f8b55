-- The kernel says how long things were; a buffer has what was written to it. With
-- MSG_TRUNC the two differ: a datagram's whole length came back for a part of it, and
-- ended the process; a stream's bytes, thrown away by the kernel, were read from a buffer
-- in which another connection's had been.

local function pair(kind) return socket.socketpair(socket.AF_UNIX, kind) end

test("MSG_TRUNC gives no more of a datagram than was asked for", function()
  for _, kind in ipairs{socket.SOCK_DGRAM, socket.SOCK_SEQPACKET} do
    local a, b = pair(kind)
    local calls = {
      function(n, flags) return (b:recv(n, flags)) end,
      function(n, flags) return (b:recvfrom(n, flags)) end,
      function(n, flags) return (b:recvmsg(n, 100, flags)) end,
      function(n, flags) return (socket.recv_fds(b, n, 4, flags)) end,
    }
    for _, call in ipairs(calls) do
      for _, n in ipairs{0, 1, 10, 4096, 5000} do
        a:send(("ab"):rep(30000))
        eq(call(n, socket.MSG_TRUNC + socket.MSG_PEEK), ("ab"):rep(n):sub(1, n))
        eq(call(n, socket.MSG_TRUNC), ("ab"):rep(n):sub(1, n))
      end
    end
    a:close() b:close()
  end
end)

test("UDP, too", function()
  local s, c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  s:bind("127.0.0.1", 0)
  for _ = 1, 3 do c:sendto(("y"):rep(50000), s:getsockname()) end
  eq(s:recv(3, socket.MSG_TRUNC), "yyy")
  local data, from = s:recvfrom(70000, socket.MSG_TRUNC)
  eq(data, ("y"):rep(50000))
  eq(from.host, "127.0.0.1")
  local part, _, flags = s:recvmsg(3, 0, socket.MSG_TRUNC)
  eq(part, "yyy")
  eq(flags % (2 * socket.MSG_TRUNC) >= socket.MSG_TRUNC, true)
  s:close() c:close()
end)

test("what MSG_TRUNC takes out of a stream is what was in it", function()
  local server = socket.create_server("127.0.0.1", 0)
  local c = socket.create_connection(server:getsockname())
  local s = server:accept()
  local a, b = pair(socket.SOCK_STREAM)
  for _, liar in ipairs{false, true} do -- a script may say what it likes of a descriptor
    local r = liar and socket.fromfd(s:fileno(), socket.AF_INET, socket.SOCK_DGRAM) or s
    for i, call in ipairs{
      function(n) return (r:recv(n, socket.MSG_TRUNC)) end,
      function(n) return (r:recvfrom(n, socket.MSG_TRUNC)) end,
      function(n) return (r:recvmsg(n, 0, socket.MSG_TRUNC)) end,
    } do
      a:sendall(("secret "):rep(500)) -- what the buffers had before
      eq(#b:recv(4000), 3500)
      c:sendall(("z"):rep(3000))
      eq(r:recv(1, socket.MSG_PEEK), "z")
      eq(call(4000), ("z"):rep(3000), i)
    end
  end
  c:close()
  eq(s:recv(10, socket.MSG_TRUNC), "")
  s:close() server:close() a:close() b:close()
end)

test("no data wanted is no data taken", function()
  local a, b = pair(socket.SOCK_STREAM)
  a:sendall("abc")
  eq((b:recvmsg(0, 100)), "")
  eq((socket.recv_fds(b, 0, 1)), "")
  eq(b:recv(10), "abc")
  a:close() b:close()
  local server = socket.create_server("127.0.0.1", 0)
  local c = socket.create_connection(server:getsockname())
  local s = server:accept()
  c:sendall("abc")
  eq((s:recvmsg(0, 100)), "")
  eq(s:recv(10), "abc")
  c:close() s:close() server:close()
end)

test("recv_fds gives no more descriptors than were asked for", function()
  local a, b = pair(socket.SOCK_STREAM)
  for max = 0, 4 do
    socket.send_fds(a, "x", {a, a, a, a, a})
    local _, fds, flags = socket.recv_fds(b, 1, max)
    eq(#fds, max)
    eq(flags % (2 * socket.MSG_CTRUNC) >= socket.MSG_CTRUNC, true)
    for _, fd in ipairs(fds) do socket.close(fd) end
  end
  a:close() b:close()
end)

test("an option of more bytes than were asked for", function()
  if not socket.AF_NETLINK then skip("Linux only") end
  local SOL_NETLINK, ADD_MEMBERSHIP, LIST_MEMBERSHIPS = 270, 1, 9
  local s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
  s:setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, 1)
  for n = 1, 64 do
    eq(#s:getsockopt(SOL_NETLINK, LIST_MEMBERSHIPS, n) <= n, true, n)
  end
  s:close()
end)
