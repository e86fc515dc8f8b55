-- relay(a, b): both ways at once, half-closes passed on, bytes counted.

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

local function blob(n)
  local t = {}
  for i = 1, 1000 do t[i] = string.char(i * 7 % 256, i % 256, i * i % 251) end
  return (table.concat(t):rep(math.ceil(n / 3000)):sub(1, n))
end

local function recv_all(s)
  local t = {}
  for piece in s:chunks(65536) do t[#t + 1] = piece end
  return table.concat(t)
end

local function tcp_pair()
  local l = socket.create_server("127.0.0.1", 0)
  local c = socket.create_connection("127.0.0.1", l:getsockname().port)
  local s = l:accept()
  l:close()
  return c, s
end

test("relay copies both ways, passes half-closes on and counts", function()
  for _, make in ipairs {socket.socketpair, tcp_pair} do
    local client, left = make()
    local right, server = make()
    local relay = thread.start(function() return {socket.relay(left, right)} end)
    client:sendall("request")
    client:shutdown(socket.SHUT_WR)
    eq(recv_all(server), "request", "the half-close arrived")
    server:sendall("the reply")
    server:shutdown(socket.SHUT_WR)
    eq(recv_all(client), "the reply")
    eq(join(relay), {7, 9})
    for _, s in ipairs {client, left, right, server} do s:close() end
  end
end)

test("relay moves megabytes both ways at once", function()
  local client, left = tcp_pair()
  local right, server = tcp_pair()
  local data = blob(3000000)
  local relay = thread.start(function() return {socket.relay(left, right)} end)
  local echo = thread.start(function()
    for piece in server:chunks(65536) do server:sendall(piece) end
    server:close()
  end)
  local writer = thread.start(function()
    client:sendall(data)
    client:shutdown(socket.SHUT_WR)
  end)
  assert(recv_all(client) == data, "not the bytes sent")
  eq(join(relay), {#data, #data})
  join(echo) join(writer)
  client:close() left:close() right:close()
end)

test("relay hands out first what was read ahead", function()
  local client, left = socket.socketpair()
  local right, server = socket.socketpair()
  client:sendall("CONNECT somewhere\nearly bytes")
  eq(left:readline(), "CONNECT somewhere")
  local relay = thread.start(function() return {socket.relay(left, right)} end)
  client:close()
  eq(recv_all(server), "early bytes")
  server:close()
  eq(join(relay), {11, 0})
  left:close() right:close()
end)

test("relay gives up on a connection idle for longer than its limit", function()
  local client, left = socket.socketpair()
  local right, server = socket.socketpair()
  left:settimeout(0.03)
  right:settimeout(0.03)
  raises("ETIMEDOUT", socket.relay, left, right)
  for _, s in ipairs {client, left, right, server} do s:close() end
end)
