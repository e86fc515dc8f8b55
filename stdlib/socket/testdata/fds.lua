-- Descriptors that travel: send_fds, recv_fds, sendmsg and recvmsg with ancillary data.

local function has_bit(flags, bit) return flags % (2 * bit) >= bit end

-- A C int in this machine's order.
local int_bytes
do
  local little = socket.htons(1) ~= 1
  function int_bytes(n)
    local b = {n % 256, math.floor(n / 256) % 256, 0, 0}
    if little then return string.char(unpack(b)) end
    return string.char(b[4], b[3], b[2], b[1])
  end
end

test("send_fds and recv_fds carry open sockets", function()
  local a, b = socket.socketpair()
  local x, y = socket.socketpair()
  eq(socket.send_fds(a, "take these", {x:fileno(), y:fileno()}), 10)
  local data, fds, flags = socket.recv_fds(b, 100, 4)
  eq(data, "take these")
  eq(#fds, 2)
  eq(type(flags), "number")
  x:close() -- the copies that travelled live on
  y:close()
  local x2, y2 = socket.fromfd(fds[1]), socket.fromfd(fds[2])
  for _, fd in ipairs(fds) do eq(socket.close(fd), true) end
  x2:sendall("through a copy")
  eq(y2:recv(100), "through a copy")
  x2:close()
  eq(y2:recv(100), "", "no other copy holds it open")
  y2:close() a:close() b:close()
end)

test("recv_fds without descriptors", function()
  local a, b = socket.socketpair()
  a:sendall("plain")
  local data, fds = socket.recv_fds(b, 100, 4)
  eq(data, "plain")
  eq(fds, {})
  a:close() b:close()
end)

test("a descriptor that is none is EBADF", function()
  local a, b = socket.socketpair()
  raises("EBADF", socket.send_fds, a, "x", {-1})
  a:close() b:close()
end)

test("sendmsg gathers pieces, recvmsg tells all", function()
  local a, b = socket.socketpair()
  eq(a:sendmsg({"one ", "two ", "", "three"}), 13)
  eq(a:sendmsg("!"), 1)
  local data, ancillary, flags = b:recvmsg(100)
  eq(data, "one two three!")
  eq(ancillary, {})
  eq(flags, 0)
  a:close()
  eq((b:recvmsg(100)), "")
  b:close()
end)

test("ancillary data is {level, type, bytes}, both ways", function()
  local a, b = socket.socketpair()
  local x, y = socket.socketpair()
  eq(a:sendmsg("fd", {{socket.SOL_SOCKET, socket.SCM_RIGHTS, int_bytes(x:fileno())}}), 2)
  x:close()
  local data, ancillary, flags = b:recvmsg(10, socket.CMSG_SPACE(4))
  eq(data, "fd")
  eq(#ancillary, 1)
  eq(ancillary[1][1], socket.SOL_SOCKET)
  eq(ancillary[1][2], socket.SCM_RIGHTS)
  eq(#ancillary[1][3], 4)
  eq(has_bit(flags, socket.MSG_CTRUNC), false)
  local bytes = ancillary[1][3]
  local fd = bytes:byte(1) + bytes:byte(2) * 256
  if socket.htons(1) == 1 then fd = bytes:byte(4) + bytes:byte(3) * 256 end
  local copy = socket.fromfd(fd)
  socket.close(fd)
  copy:sendall("hi")
  eq(y:recv(10), "hi")
  copy:close() y:close() a:close() b:close()
end)

test("ancillary data without room for it sets MSG_CTRUNC", function()
  local a, b = socket.socketpair()
  socket.send_fds(a, "x", {a:fileno()})
  local data, ancillary, flags = b:recvmsg(10, 0)
  eq(data, "x")
  eq(ancillary, {})
  eq(has_bit(flags, socket.MSG_CTRUNC), true)
  a:close() b:close()
end)

test("CMSG_LEN and CMSG_SPACE are the C macros", function()
  local header = socket.CMSG_LEN(0)
  eq(socket.CMSG_LEN(5), header + 5)
  assert(socket.CMSG_SPACE(1) >= socket.CMSG_LEN(1), "space includes padding")
  assert(socket.CMSG_SPACE(1) == socket.CMSG_SPACE(4), "one int's worth of padding")
  raises("bad argument", socket.CMSG_LEN, -1)
end)
