-- sendfrom and sendall of several strings over TLS: what was encrypted goes, and what was not is
-- the source's again.

local cert, key = tls.self_signed()
local server_opts = {server_side = true, cert = cert, key = key, timeout = 10}
local client_opts = {server_name = "localhost", ca = cert, timeout = 10}

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

local function pair()
  local a, b = socket.socketpair()
  local t = thread.start(function() return tls.wrap(b, server_opts) end)
  return tls.wrap(a, client_opts), join(t)
end

local function recv_all(s)
  local t = {}
  for piece in s:chunks(65536) do t[#t + 1] = piece end
  return table.concat(t)
end

local function each(fn)
  for _, kinds in ipairs {"tp", "pt", "tt"} do
    local client, left, right, server
    if kinds:sub(1, 1) == "t" then client, left = pair() else client, left = socket.socketpair() end
    if kinds:sub(2, 2) == "t" then right, server = pair() else right, server = socket.socketpair() end
    fn(client, left, right, server, kinds)
    for _, k in ipairs {client, left, right, server} do k:close() end
  end
end

test("sendfrom between TLS and plain, read-ahead first", function()
  each(function(client, left, right, server, kinds)
    local data = random.bytes(1000000)
    local writer = thread.start(function() client:sendall("line\n", data, "rest") client:shutdown(socket.SHUT_WR) end)
    local reader = thread.start(recv_all, server)
    eq(left:readline(), "line")
    eq(right:sendfrom(left, #data), #data, kinds)
    eq(left:readexactly(4), "rest")
    eq(right:sendfrom(left), 0)
    right:shutdown(socket.SHUT_WR)
    assert(join(reader) == data, kinds)
    join(writer)
  end)
end)

test("sendfrom that fails half-way loses nothing", function()
  for _, how in ipairs {"timeout", "cancel", "nonblocking"} do
    each(function(client, left, right, server, kinds)
      local data = random.bytes(5000000)
      local writer = thread.start(function() client:sendall(data) client:shutdown(socket.SHUT_WR) end)
      local sent
      if how == "nonblocking" then
        right:settimeout(0)
        local none, code
        for _ = 1, 1000 do
          none, code, sent = right:sendfrom(left)
          if sent > 0 then break end
        end
        eq({none, code}, {nil, "EAGAIN"}, kinds)
      else
        right:settimeout(how == "timeout" and 0.05 or nil)
        local t = thread.start(pcall, right.sendfrom, right, left)
        if how == "cancel" then thread.sleep(0.05) t:cancel() end
        local ok, err = join(t)
        eq({ok, err.code}, {false, how == "cancel" and "ECANCELED" or "ETIMEDOUT"}, kinds)
        sent = err.sent
      end
      right:settimeout(10)
      local reader = thread.start(function() return server:readexactly(sent + 4) end)
      local rest = thread.start(recv_all, left)
      right:sendall("then")
      assert(join(reader) == data:sub(1, sent) .. "then", kinds)
      assert(join(rest) == data:sub(sent + 1), kinds)
      join(writer)
    end)
  end
end)

test("sendall of several strings that cannot go on is made again with what is left", function()
  local client, server = pair()
  client:settimeout(0)
  local one, two = random.bytes(1000000), random.bytes(20000)
  local none, code, sent = client:sendall(one, two, one)
  eq({none, code}, {nil, "EAGAIN"})
  local all = one .. two .. one
  local reader = thread.start(function() return server:readexactly(#all) end)
  while sent < #all do
    select.select(nil, {client}, nil, 10)
    local ok, _, n = client:sendall(all:sub(sent + 1, sent + 7), all:sub(sent + 8))
    sent = ok and #all or sent + n
  end
  assert(join(reader) == all)
  client:close() server:close()
end)
