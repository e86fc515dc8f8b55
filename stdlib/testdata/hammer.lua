-- Couples of threads echo over all kinds of sockets, waiting in all ways there are, while others cancel them, close
-- their sockets, and set timeouts. What the Go test sets: seed, want (echoes), place (a folder); module hammering's
-- tick counts. What may fail without losing anything is done again, and has to go on where it was; a couple that is
-- quiet is left alone, so that nothing may fail, and nobody wakes by chance whom the scheduler forgot.
math.randomseed(seed)
local rnd, tick = math.random, require "hammering".tick
local couples, serving, servers, calm, good = {}, {}, 0, false, 0
local lock, gate = thread.lock(), thread.semaphore(2)

local causes = {ECANCELED = "cancelled", ETIMEDOUT = "hasty", EBADF = "broken", EPIPE = "broken",
  ECONNRESET = "broken", ENOTCONN = "broken", EOF = "broken", ECONNREFUSED = "broken", EDESTADDRREQ = "broken"}

local function allowed(k, e) return type(e) ~= "string" and causes[e.code] and k[causes[e.code]] end
local function passing(k, e) return allowed(k, e) and causes[e.code] ~= "broken" end

-- again calls what loses nothing when it fails, until nothing passing prevents it.
local function again(k, fn, ...)
  if k.quiet or rnd(4) == 1 then return fn(...) end
  while true do
    local ok, a, b = pcall(fn, ...)
    if ok then return a, b end
    if not passing(k, a) then error(a, 0) end
  end
end

local function send(k, c, data)
  local way = k.quiet and rnd(2) or rnd(3)
  if way == 1 then
    while #data > 0 do data = data:sub(again(k, c.send, c, data) + 1) end
  elseif way == 2 and k.quiet then
    local at = rnd(#data)
    c:sendall(data:sub(1, at), data:sub(at + 1))
  else
    while #data > 0 do
      local ok, e = pcall(c.sendall, c, data)
      if ok then return end
      if not passing(k, e) then error(e, 0) end
      data = data:sub(e.sent + 1)
    end
  end
end

-- Each reads a piece of a stream of lines; the end is "" or nil.
local ways = {
  recv = function(k, c, n) return again(k, c.recv, c, n) end,
  bare = function(k, c, n) local d = c:recv(n) return d end,
  tail = function(k, c, n) return c:recv(n) end,
  recvfrom = function(k, c, n) return (again(k, c.recvfrom, c, n)) end,
  readline = function(k, c) local line = again(k, c.readline, c) return line and line .. "\n" end,
  readuntil = function(k, c) return again(k, c.readuntil, c, "\n") end,
  lines = function(k, c) return again(k, function() for line in c:lines() do return line .. "\n" end end) end,
  chunks = function(k, c, n) return again(k, function() for d in c:chunks(n) do return d end end) end,
  coroutine = function(k, c, n) return again(k, function() return coroutine.wrap(function() return c:recv(n) end)() end) end,
  sort = function(k, c, n)
    return again(k, function() local d table.sort({2, 1}, function(x, y) d = d or c:recv(n) return x < y end) return d end)
  end,
  index = function(k, c, n) return again(k, function() return setmetatable({}, {__index = function() return c:recv(n) end}).x end) end,
  pcalls = function(k, c, n)
    local ok, again, d = pcall(function() return pcall(function() return c:recv(n) end) end)
    if again then return d end
    if not passing(k, d) then error(d, 0) end
    return c:recv(n)
  end,
  xpcall = function(k, c, n)
    local ok, d = xpcall(function() return c:recv(n) end, function(e) return e end)
    if ok then return d end
    error(d, 0)
  end,
  select = function(k, c, n)
    local r
    repeat r = again(k, select.select, {c}, nil, nil, k.quiet and 60 or 0.02) -- closing c is not told, as in Python
    until #r > 0 or k.quiet
    if #r == 0 then error("nothing came in a minute", 0) end
    return again(k, c.recv, c, n)
  end,
  thread = function(k, c, n)
    local t = thread.start(function() return c:recv(n) end)
    local ok, d = again({cancelled = true, quiet = k.quiet}, t.join, t)
    if not ok then error(d, 0) end
    return d
  end,
  queue = function(k, c, n)
    local q = thread.queue()
    thread.start(function() local ok, d = pcall(c.recv, c, n) q:put {ok, d} end)
    local r = again({cancelled = true, quiet = k.quiet}, q.get, q)
    if not r[1] then error(r[2], 0) end
    return r[2]
  end,
}
-- These leave a reader behind when the thread is cancelled and does not wait again.
local names = {}
for name in pairs(ways) do names[#names + 1] = name end
table.sort(names)

local function piece(k, who, c, n)
  local name = names[rnd(#names)]
  if not k.quiet and (name == "thread" or name == "queue") then name = "recv" end
  k[who] = name
  local d = ways[name](k, c, n)
  k[who] = "elsewhere"
  return d
end

-- text is what is sent: it tells whose it is, and where in the order it belongs.
local function text(k)
  k.n = k.n + 1
  return ("%d:%d:%s\n"):format(k.id, k.n, ("x"):rep(rnd(20) == 1 and rnd(30000) or rnd(100)))
end

local function fail(k, e)
  if allowed(k, e) then return end
  error(("seed %d, couple %d over %s (cancelled %s, hasty %s, broken %s): %s"):format(seed, k.id, k.over,
    tostring(k.cancelled), tostring(k.hasty), tostring(k.broken), tostring(e)), 0)
end

local function broken(k, ...)
  k.broken = true
  for _, c in ipairs {...} do c:close() end
end

-- served is a couple's server: it echoes what it reads until the end.
local function served(k, s)
  k.s, k.server, servers, serving[k] = s, thread.current(), servers + 1, true
  local ok, e = pcall(function()
    while true do
      local d = piece(k, "serving", s, 4096)
      if not d or d == "" then break end
      k.serving = "send"
      send(k, s, d)
    end
    s:close()
  end)
  servers, serving[k] = servers - 1, nil
  k.serving = "over"
  if not ok then broken(k, s) fail(k, e) end
end

local function batch(k, c, n)
  local sent = {}
  for i = 1, n do sent[i] = text(k) end
  sent = table.concat(sent)
  k.asking = "send"
  local writer
  if #sent > 20000 then
    writer = thread.start(function() local ok, e = pcall(send, k, c, sent) if not ok then broken(k, c) end return ok, e end)
  else
    send(k, c, sent)
  end
  local got, list, all = 0, {}, rnd(8)
  while got < #sent do
    local d
    if all == 1 then d = again(k, c.recv, c, #sent - got, socket.MSG_WAITALL)
    elseif all == 2 then d = again(k, c.readexactly, c, #sent - got)
    else d = piece(k, "asking", c, #sent - got) end
    if not d or d == "" then
      assert(k.broken, "an end that nobody made")
      return false
    end
    got, list[#list + 1] = got + #d, d
  end
  assert(table.concat(list) == sent, "other bytes came back")
  if writer then
    local _, ok, e = again({cancelled = true}, writer.join, writer)
  end
  return true
end

local function count(k, n)
  k.asking = "lock"
  if rnd(8) == 1 then
    again({cancelled = true, quiet = k.quiet}, lock.acquire, lock)
    pcall(thread.yield)
    lock:release()
  elseif rnd(8) == 1 then
    again({cancelled = true, quiet = k.quiet}, gate.acquire, gate)
    pcall(thread.sleep, 0.0001)
    gate:release()
  end
  good = good + n
  calm = calm or good > want * 0.8
  tick(n)
end

-- renewed is c as another object, at times: a copy, or what detach and fromfd make.
local function renewed(k, c)
  local way = rnd(12)
  if way > 2 then return c end
  local new
  if way == 1 then new = c:dup() c:close()
  else
    local fd = c:detach()
    if fd < 0 then return c end -- closed already
    new = socket.fromfd(fd)
    socket.close(fd)
  end
  k.c = new
  return new
end

local function asked(k, c)
  k.c = c
  for i = 1, rnd(40) do
    local n = rnd(4)
    if not batch(k, c, n) then return c end
    count(k, n)
    c = renewed(k, c)
    if good >= want then break end
  end
  if rnd(2) == 1 then -- last words: what is sent and the end are there at once
    local last, got = text(k), {}
    send(k, c, last)
    c:shutdown(socket.SHUT_WR)
    for d in function() local d = piece(k, "asking", c, 4096) return d ~= "" and d or nil end do got[#got + 1] = d end
    assert(k.broken or table.concat(got) == last, "other last words came back")
  end
  return c
end

-- Datagrams: whatever fails has not been sent, or received. One of a couple that is over may come
-- where its port is another's by now.
local function receive(k, c)
  while true do
    local d, from = again(k, c.recvfrom, c, 65536)
    if d:match("^%d+") == tostring(k.id) then return d, from end
  end
end

local function datagrams(k, c, s, to)
  k.c, k.s = c, s
  local most = rnd(3)
  local function serve()
    k.server, servers, serving[k] = thread.current(), servers + 1, true
    local ok, e = pcall(function()
      while true do
        k.serving = "recvfrom"
        local d, from = receive(k, s)
        k.serving = "send"
        if to then again(k, s.sendto, s, d, from) else again(k, s.send, s, d) end
      end
    end)
    servers, serving[k] = servers - 1, nil
    k.serving = "over"
    broken(k, s, c)
    fail(k, e)
  end
  for i = 1, most == 1 and 3 or 1 do thread.start(serve) end -- several get their datagrams in turns
  for i = 1, rnd(40) do
    local sent = {}
    for n = 1, rnd(most) do
      sent[n], k.asking = text(k):sub(1, 1000), "send"
      if to then again(k, c.sendto, c, sent[n], to) else again(k, c.send, c, sent[n]) end
    end
    for n = 1, #sent do
      k.asking = "recvfrom"
      local d = receive(k, c)
      assert(d == sent[n], "another datagram came back")
    end
    count(k, #sent)
  end
end

-- Listeners: whom an acceptor gets says its number in the first line.
local function listening(l)
  local function first(s)
    local ok, id = pcall(s.readline, s)
    local k = ok and id and couples[tonumber(id)]
    if k then served(k, s) else s:close() end
  end
  local function acceptor()
    local k = {cancelled = true, hasty = true}
    while true do
      local ok, s = pcall(again, k, l.accept, l)
      if ok then s:settimeout(nil) thread.start(first, s)
      elseif s.code == "EBADF" then return
      else assert(passing(k, s), s) end
    end
  end
  thread.daemon(acceptor)
  return l, thread.daemon(acceptor)
end
local tcp, tcpAcceptor = listening(socket.create_server("127.0.0.1", 0))
local bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
bound:bind(place .. "/listener")
bound:listen(100)
local unix, unixAcceptor = listening(bound)

local function introduced(k, c)
  c:sendall(k.id .. "\n")
  return asked(k, c)
end

local transports = {
  tcp = function(k) return introduced(k, socket.create_connection("127.0.0.1", tcp:getsockname().port)) end,
  unix = function(k)
    local c = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    k.c = c
    c:connect(place .. "/listener")
    return introduced(k, c)
  end,
  pair = function(k)
    local c, s = socket.socketpair()
    thread.start(served, k, s)
    return asked(k, c)
  end,
  udp = function(k)
    local c, s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    c:bind {"127.0.0.1", 0}
    s:bind {"127.0.0.1", 0}
    datagrams(k, c, s, s:getsockname())
  end,
  packets = function(k) datagrams(k, socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)) end,
}
local kinds = {"tcp", "unix", "pair", "udp", "packets"}

local ids = 0
local function client(i)
  local before = {}
  while good < want do
    ids = ids + 1
    local k = {cancelled = before.cancelled, -- a cancel may come late
      id = ids, n = 0, over = kinds[rnd(#kinds)], quiet = i % 3 == 0, client = thread.current(), asking = "begin", serving = "begin"}
    couples[k.id], before = k, k
    local ok, e = pcall(transports[k.over], k)
    if not ok then k.broken = true end -- before the other can see it
    if k.s and (k.over == "udp" or k.over == "packets") then broken(k, k.s) end
    if k.c then k.c:close() end
    couples[k.id] = nil
    if not ok then fail(k, e) end
  end
end

local function live()
  local list = {}
  for _, k in pairs(couples) do if not k.quiet then list[#list + 1] = k end end
  return list[rnd(math.max(1, #list))]
end

local pranks = {
  function(k) k.cancelled = true k.client:cancel() end,
  function(k) if k.server then k.cancelled = true k.server:cancel() end end,
  function(k)
    for _, c in pairs {k.c, k.s} do k.hasty = true pcall(c.settimeout, c, rnd() * 0.002) end
    pcall(thread.sleep, 0.002)
    for _, c in pairs {k.c, k.s} do pcall(c.settimeout, c, nil) end
  end,
  function(k) if k.c and rnd(4) == 1 then broken(k, k.c) end end,
  function(k) if k.s and rnd(4) == 1 then broken(k, k.s) end end,
  function(k) if k.c and rnd(4) == 1 then k.broken = true pcall(k.c.shutdown, k.c, socket.SHUT_RDWR) end end,
  function() tcpAcceptor:cancel() end,
  function() unixAcceptor:cancel() tcp:settimeout(0.001) pcall(thread.sleep, 0.002) tcp:settimeout(nil) end,
}
local function prankster()
  while not calm do
    thread.sleep(rnd() * 0.002)
    local k = live()
    if k then pranks[rnd(#pranks)](k) end
  end
end

-- For the host.
function report()
  local list = {("%d of %d echoes, %d servers"):format(good, want, servers)}
  for _, which in ipairs {couples, serving} do
    for k, v in pairs(which) do
      k = v == true and k or v
      list[#list + 1] = ("couple %d over %s%s: client in %s, server in %s; cancelled %s, hasty %s, broken %s"):format(k.id, k.over, k.quiet and ", quiet" or "",
        k.asking, k.serving, tostring(k.cancelled), tostring(k.hasty), tostring(k.broken))
    end
  end
  return table.concat(list, "\n")
end
function host_echo(data)
  local a, b = socket.socketpair()
  thread.start(function() thread.yield() a:sendall(data) a:close() end)
  local got = b:readexactly(#data)
  b:close()
  return got
end

local all = {}
for i = 1, 24 do all[i] = thread.start(client, i) end
for i = 1, 3 do all[#all + 1] = thread.start(prankster) end
for _, t in ipairs(all) do
  local ok, e = t:join()
  if not ok then error(e, 0) end
end
while servers > 0 do thread.sleep(0.001) end
tcp:close() unix:close()
