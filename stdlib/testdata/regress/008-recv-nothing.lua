-- recv(0), which asks for nothing, waited for something to come: recvfrom(2) does, where read(2) had
-- said at once that it was nothing. In Python, too, it is answered at once.

test("recv(0) does not wait, and takes nothing", function()
  for _, kind in ipairs{socket.SOCK_STREAM, socket.SOCK_DGRAM} do
    local a, b = socket.socketpair(socket.AF_UNIX, kind)
    b:settimeout(5)
    eq(b:recv(0), "")
    a:send("data")
    eq(b:recv(0), "")
    eq(b:recv(10), "data")
    a:close() b:close()
  end
end)
