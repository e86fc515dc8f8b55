-- recvmsg with no room for data, which asks for the ancillary data alone, took a byte of the stream
-- all the same and threw it away. With MSG_TRUNC a datagram's whole length was taken for how much of
-- the buffer was filled: bytes came that nobody had sent.

test("recvmsg(0) takes nothing of the data", function()
  local a, b = socket.socketpair()
  a:sendall("whole")
  local data = b:recvmsg(0, 100)
  eq(data, "")
  eq(b:recv(100), "whole")
  a:close() b:close()
end)

test("no more than the buffer holds", function()
  local a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
  for _, n in ipairs{0, 1, 10} do
    a:send(("x"):rep(60000))
    eq(b:recv(n, socket.MSG_TRUNC), ("x"):rep(n))
  end
  a:close() b:close()
end)
