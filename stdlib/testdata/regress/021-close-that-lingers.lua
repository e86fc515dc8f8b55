-- close on a socket with SO_LINGER, data that had not been sent yet and a peer that did not read kept all
-- threads standing still until the kernel gave up: two seconds, or whatever the script had set.

test("other threads go on while close lingers", function()
  local server = socket.create_server("127.0.0.1", 0)
  server:setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096) -- too small for what is sent
  local a = socket.create_connection("127.0.0.1", server:getsockname().port)
  local b = server:accept()
  a:setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 1))
  a:setblocking(false)
  while a:send(("x"):rep(65536)) do end
  local ticks = 0
  local ticker = thread.start(function()
    for i = 1, 20 do
      thread.sleep(0.01)
      ticks = ticks + 1
    end
  end)
  eq(a:close(), true)
  assert(ticks >= 10, ticks)
  eq(a:fileno(), -1)
  ticker:join()
  b:close() server:close()
end)
