-- TLS that begins or ends in the middle of a connection, and relays.

local cert, key = tls.self_signed()
local server_opts = {server_side = true, cert = cert, key = key, timeout = 10}
local client_opts = {server_name = "localhost", ca = cert, timeout = 10}

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

local function tcp()
  local l = socket.create_server("127.0.0.1", 0)
  local c = socket.create_connection("127.0.0.1", l:getsockname().port)
  local s = l:accept()
  l:close()
  return c, s
end

local function pair()
  local a, b = socket.socketpair()
  local t = thread.start(function() return tls.wrap(b, server_opts) end)
  return tls.wrap(a, client_opts), join(t)
end

test("STARTTLS: what was read ahead is TLS's", function()
  local a, b = socket.socketpair()
  local hello = thread.event()
  local t = thread.start(function()
    a:sendall("STARTTLS\r\n")
    -- The ClientHello follows at once, in the same piece as far as the server can tell.
    a:setblocking(false)
    local c = tls.wrap(a, {server_name = "localhost", ca = cert})
    c:settimeout(10)
    hello:set()
    c:sendall("secret\n")
    return c:readline()
  end)
  hello:wait()
  eq(b:readline(), "STARTTLS")
  assert(#select.select({b}, nil, nil, 0) == 1)
  local s = tls.wrap(b, server_opts)
  eq(s:readline(), "secret")
  s:sendall("answer\n")
  eq(join(t), "answer")
  s:close()
end)

test("unwrap gives the plain socket back, and what came behind TLS", function()
  local a, b = tcp()
  local t = thread.start(function()
    local s = tls.wrap(b, server_opts)
    eq(s:readline(), "in secret")
    s:settimeout(9)
    local plain = s:unwrap()
    eq(plain, b)
    eq(plain.timeout, 9)
    plain:sendall("in the clear\n")
    eq(plain:readline(), "and back")
    eq(s:fileno(), -1)
    raises("EBADF", s.recv, s)
    eq(s:close(), true)
    plain:sendall("still open\n")
    plain:close()
  end)
  local c = tls.wrap(a, client_opts)
  c:sendall("in secret\n")
  eq(c:recv(), "", "the other side ended TLS")
  local plain = c:unwrap()
  plain:sendall("and back\n")
  eq(plain:readline(), "in the clear")
  eq(plain:readline(), "still open")
  plain:close()
  join(t)
end)

test("unwrap does not lose data", function()
  local c, s = pair()
  s:sendall("unread")
  raises("data to be received", c.unwrap, c)
  eq(c:recv(3), "unr")
  raises("data to be received", c.unwrap, c)
  eq(c:recv(), "ead")
  local t = thread.start(s.unwrap, s)
  local plain = c:unwrap()
  join(t):close()
  plain:close()
end)

test("a connection that ends without close_notify", function()
  local a, b = tcp()
  local below = b:dup()
  local t = thread.start(tls.wrap, b, server_opts)
  local c = tls.wrap(a, client_opts)
  local s = join(t)
  s:sendall("the last")
  below:shutdown(socket.SHUT_WR)
  eq(c:recv(), "the last")
  eq(c:recv(), "")
  eq(c:recv(), "")
  raises("without ending TLS", c.unwrap, c)
  c:close() s:close() below:close()
end)

test("a connection that ends within a record", function()
  local a, b = tcp()
  local below = b:dup()
  local t = thread.start(tls.wrap, b, server_opts)
  local c = tls.wrap(a, client_opts)
  local s = join(t)
  below:sendall("\23\3\3\1\0" .. ("x"):rep(100))
  below:shutdown(socket.SHUT_WR)
  raises("data are missing", c.recv, c)
  raises("ETLS", c.recv, c)
  c:close() s:close() below:close()
end)

test("a record that was changed on the way", function()
  local a, b = tcp()
  local below = b:dup()
  local t = thread.start(tls.wrap, b, server_opts)
  local c = tls.wrap(a, client_opts)
  local s = join(t)
  below:sendall("\23\3\3\0\50" .. ("x"):rep(50))
  eq(raises("ETLS", c.recv, c).message, "bad record MAC")
  raises("bad record MAC", s.recv, s) -- what the alert says
  c:close() s:close() below:close()
end)

test("what tls.connect made can be unwrapped as well", function()
  local srv = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
  local t = thread.start(function()
    local s = srv:accept()
    local plain = s:unwrap()
    plain:sendall("plain")
    plain:close()
  end)
  local plain = tls.connect("127.0.0.1", srv:getsockname().port, {ca = cert}):unwrap()
  eq(plain:readline(), "plain")
  plain:close() srv:close() join(t)
end)

test("TLS within TLS is refused clearly", function()
  local c, s = pair()
  raises("only a plain socket", tls.wrap, c, {verify = false})
  c:close() s:close()
end)

test("relay between TLS and plain, half-closes passed on", function()
  for _, kinds in ipairs {"tp", "pt", "tt"} do
    local client, left, right, server
    if kinds:sub(1, 1) == "t" then client, left = pair() else client, left = socket.socketpair() end
    if kinds:sub(2, 2) == "t" then right, server = pair() else right, server = socket.socketpair() end
    local r = thread.start(function() return {socket.relay(left, right)} end)
    client:sendall("request")
    client:shutdown(socket.SHUT_WR)
    local function all(k)
      local t = {}
      for piece in k:chunks() do t[#t + 1] = piece end
      return table.concat(t)
    end
    eq(all(server), "request", kinds)
    server:sendall("the reply")
    server:shutdown(socket.SHUT_WR)
    eq(all(client), "the reply", kinds)
    eq(join(r), {7, 9}, kinds)
    for _, k in ipairs {client, left, right, server} do k:close() end
  end
end)

test("relay megabytes both ways, and what was read ahead", function()
  local client, left = pair()
  local right, server = socket.socketpair()
  local data = random.bytes(3000000)
  client:sendall("first line\nsecond\n")
  eq(left:readline(), "first line")
  local r = thread.start(function() return {socket.relay(left, right)} end)
  local echo = thread.start(function()
    eq(server:readline(), "second")
    for piece in server:chunks(65536) do server:sendall(piece) end
    server:close()
  end)
  local writer = thread.start(function()
    client:sendall(data)
    client:shutdown(socket.SHUT_WR)
  end)
  local got = {}
  for piece in client:chunks(65536) do got[#got + 1] = piece end
  assert(table.concat(got) == data, "not the bytes sent")
  eq(join(r), {#data + 7, #data})
  join(echo) join(writer)
  client:close() left:close() right:close()
end)

test("relay: a timeout is how long a connection may be idle", function()
  local client, left = pair()
  local right, server = socket.socketpair()
  left:settimeout(0.05)
  local t = thread.start(function() return pcall(socket.relay, left, right) end)
  for _ = 1, 5 do
    thread.sleep(0.02)
    client:sendall("x")
    eq(server:recv(), "x")
  end
  local ok, err = join(t)
  eq({ok, err.code, err.sent}, {false, "ETIMEDOUT", 5})
  client:sendall("later")
  eq(left:recv(), "later", "and is of use again")
  for _, k in ipairs {client, left, right, server} do k:close() end
end)

test("relay: cancelling and closing end it", function()
  for _, how in ipairs {"cancel", "close"} do
    local client, left = pair()
    local right, server = socket.socketpair()
    local t = thread.start(function() return pcall(socket.relay, left, right) end)
    thread.sleep(0.01)
    if how == "cancel" then t:cancel() else left:close() end
    local ok, err = join(t)
    eq({ok, err.code}, {false, how == "cancel" and "ECANCELED" or "EBADF"})
    for _, k in ipairs {client, left, right, server} do k:close() end
  end
end)
