-- An SCM_RIGHTS item that ended within a descriptor's number was read beyond its end: x/sys takes
-- four bytes at a time, whatever there is, and the process panicked. The kernel takes the whole ones.

local function int_bytes(n) return struct.pack("=i", n) end

test("descriptors cut short are none", function()
  local a, b = socket.socketpair()
  local u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  for n = 0, 7 do
    local bytes = (int_bytes(a:fileno()) .. int_bytes(-1)):sub(1, n)
    local item = {socket.SOL_SOCKET, socket.SCM_RIGHTS, bytes}
    eq(a:sendmsg("x", {item}), 1)
    local data, fds = socket.recv_fds(b, 1, 2)
    eq(data, "x")
    eq(#fds, n < 4 and 0 or 1)
    for _, fd in ipairs(fds) do socket.close(fd) end
    eq(u:sendmsg("x", {item}, 0, {"127.0.0.1", 9}), 1) -- a socket that carries none
  end
  a:close() b:close() u:close()
end)
