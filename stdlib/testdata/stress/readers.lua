-- Threads that read one connection in all ways there are, at once: each byte comes once, in order, and none sleeps
-- on while there is something for it. A seed chooses who reads and what comes when; WIRELUA_SEED begins with another.

local cert, key = tls.self_signed {"localhost"}

local function plainPair() return socket.socketpair() end

local function tcpPair()
  local l = socket.create_server("127.0.0.1", 0)
  local a = socket.create_connection("127.0.0.1", l:getsockname().port)
  local b = l:accept()
  l:close()
  return a, b
end

local function tlsPair()
  local a, b = tcpPair()
  local server = thread.start(function() return tls.wrap(b, {server_side = true, cert = cert, key = key}) end)
  local client = tls.wrap(a, {ca = cert, server_name = "localhost"})
  local _, served = server:join()
  return client, served
end

local DONTWAIT = socket.MSG_DONTWAIT

-- take is a recv that others may come before.
local function take(c, n)
  local data = c:recv(n, DONTWAIT)
  return data or false
end

-- Each reads a piece: nil is the end, false that there was none.
local ways = {
  function(c) return c:recv(math.random(1, 300)) end,
  function(c) return (c:recvfrom(math.random(1, 300))) end,
  function(c) return c:readuntil("\n") end,
  function(c) return c:readuntil("7\n") end,
  function(c) return c:readexactly(math.random(1, 200)) end,
  function(c, file) return file:read(math.random(1, 100)) end,
  function(c, file) return file:read("*L") end,
  function(c, file)
    local a, b = file:read("*L", math.random(1, 50))
    return a and a .. (b or "")
  end,
  function(c)
    select.select({c}, nil, nil, 20)
    return take(c, math.random(1, 300))
  end,
  function(c)
    local p = select.poll()
    p:register(c, select.POLLIN)
    p:poll(20)
    return take(c, math.random(1, 300))
  end,
  function(c, _, selector)
    selector:select(20)
    return take(c, math.random(1, 300))
  end,
  function(c, file)
    select.select({file}, nil, nil, 20)
    return take(c, math.random(1, 300))
  end,
}
local plainWays = {
  function(c) return (c:recvmsg(math.random(1, 300))) end,
  function(c) return (c:recvmsg(math.random(1, 300), 100)) end,
  function(c) return (socket.recv_fds(c, math.random(1, 300), 2)) end,
}

local function reader(c, file, read, log)
  local selector = selectors.new()
  selector:register(c, selectors.EVENT_READ)
  while true do
    local ok, data = pcall(read, c, file, selector)
    if not ok then
      if data.code ~= "EOF" then error(data, 0) end
      log[#log + 1] = data.partial
      break
    end
    if data == nil or data == "" then break end
    if data then log[#log + 1] = data end
  end
  selector:close()
end

local function writer(c)
  local sent, n = {}, math.random(20, 120)
  for i = 1, n do
    local piece = {}
    for k = 1, math.random(1, 8) do piece[k] = ("%d,%d,%s\n"):format(i, k, ("x"):rep(math.random(0, 40))) end
    sent[#sent + 1] = table.concat(piece)
    c:sendall(sent[#sent])
    if math.random(3) == 1 then thread.yield() end
    if math.random(40) == 1 then thread.sleep(0.001) end
  end
  c:shutdown(socket.SHUT_WR)
  return table.concat(sent)
end

local function mixed(pair, more)
  local a, b = pair()
  local file, log, threads = a:makefile("r"), {}, {}
  for i = 1, math.random(2, 7) do
    local at = math.random(#ways + (more and #more or 0))
    threads[i] = thread.start(reader, a, file, ways[at] or more[at - #ways], log)
  end
  local sent = writer(b)
  for i, t in ipairs(threads) do eq({t:join(20)}, {true}, "reader " .. i) end
  eq(table.concat(log) == sent, true, "bytes came twice, not at all, or in another order")
  file:close() a:close() b:close()
end

-- A chain: what goes in at one end comes out at the other, both ways, whatever carries it; some was read ahead
-- before the relay began.
local function relays(pairs)
  local ends, hops = {}, math.random(1, 3)
  local first, last = pairs[math.random(#pairs)]()
  local relayed = {}
  for i = 1, hops do
    local a, b = pairs[math.random(#pairs)]()
    first:sendall("ahead\nmore\n")
    last:readline()
    relayed[i] = thread.start(socket.relay, last, a)
    eq(b:readline(), "more")
    last = b
    ends[#ends + 1], ends[#ends + 2] = a, b
  end
  local function both(from, to)
    local w = thread.start(writer, from)
    local r = thread.start(function()
      local all = {}
      for piece in to:chunks(math.random(1, 5000)) do all[#all + 1] = piece end
      return table.concat(all)
    end)
    return w, r
  end
  local w1, r1 = both(first, last)
  local w2, r2 = both(last, first)
  for _, p in ipairs{{w1, r1}, {w2, r2}} do
    local ok, sent = p[1]:join(20)
    eq(ok, true)
    local ok, got = p[2]:join(20)
    eq({ok, got == sent}, {true, true})
  end
  for _, t in ipairs(relayed) do eq((t:join(20)), true) end
  first:close() last:close()
  for _, c in ipairs(ends) do c:close() end
end

local began, seed = time.monotonic(), tonumber(os.getenv("WIRELUA_SEED") or "") or 1
for i = seed, seed + 59 do
  if time.monotonic() - began > 4 then break end
  test("seed " .. i, function()
    math.randomseed(i)
    mixed(i % 2 == 0 and plainPair or tcpPair, plainWays)
    if i % 4 == 0 then mixed(tlsPair) end
    if i % 3 == 0 then relays{plainPair, tcpPair, tlsPair} end
  end)
end
