-- A thread that waits with nothing but Lua's calls below gives its stack of Go's back, and the
-- function that it waits in is called again. Nothing of that may show: what is returned and
-- raised, where, and what else runs meanwhile is as it is when the thread keeps its stack.

local function pair() return socket.socketpair() end

test("as many results as are wanted", function()
  local a, b = pair()
  local server = socket.create_server("127.0.0.1", 0)
  local t = thread.start(function()
    local none = (function() local x = {a:recv(), "more"} return #x end)()
    local one, two, three = a:recv()
    local list = {a:recvfrom(10)}
    local c, addr, third = server:accept()
    local n = select("#", a:recv())
    a:recv()
    return none, one, two, three, #list, type(addr), third, n, (a:recv())
  end)
  for i = 1, 3 do thread.sleep(0.001) b:sendall("m" .. i) end
  thread.sleep(0.001)
  local c = socket.create_connection(server:getsockname())
  for i = 4, 6 do thread.sleep(0.001) b:sendall("m" .. i) end
  eq({t:join(10)}, {true, 2, "m2", nil, nil, 1, "userdata", nil, 1, "m6"})
  c:close() server:close() a:close() b:close()
end)

test("the same wait below a call, pcall, a metamethod, an iterator, a coroutine and a tail call", function()
  local a, b = pair()
  local ways = {
    function() local d = a:recv() return d end,
    function() local function f(n) if n == 0 then local d = a:recv() return d end local d = f(n - 1) return d end local d = f(20) return d end,
    function() return select(2, pcall(a.recv, a)) end,
    function() local d = setmetatable({}, {__index = function() local d = a:recv() return d end}).x return d end,
    function() for d in function() local d = a:recv() return d end do return d end end,
    function() for d in a:chunks() do return d end end,
    function() local d = coroutine.wrap(function() local d = a:recv() return d end)() return d end,
    function() return a:recv() end,
    function() local function f() return a:recv() end local d = f() return d end,
    function() local d table.sort({2, 1}, function(x, y) d = d or a:recv() return x < y end) return d end,
    function() local d = a:recv(100, 0, nil, nil, nil) return d end,
    function() thread.sleep(0.001) local d = a:readexactly(4) return d end,
    function() local d = a:readuntil("x") return d end,
    function() local e = thread.event() thread.start(function() e:set() end) e:wait() local d = a:recv() return d end,
  }
  for i, way in ipairs(ways) do
    local t = thread.start(way)
    thread.sleep(0.001)
    b:sendall("da") thread.yield() b:sendall("ta")
    if i == 13 then b:sendall("x") end
    local ok, data = t:join(10)
    while ok and #data < 4 do data = data .. a:recv() end
    eq({i, ok, data}, {i, true, i == 13 and "datax" or "data"})
  end
  a:close() b:close()
end)

test("an error is raised where the function was called, and its traceback names all", function()
  local a, b = pair()
  local function wait(what) what(a) return 1 end
  for _, name in ipairs {"recv", "readline", "recvfrom"} do
    local t = thread.start(function() local x = wait(function(s) local d = s[name](s, 10) return d end) return x end)
    thread.sleep(0.001)
    t:cancel()
    local ok, err = t:join(10)
    eq({ok, err.code, err.op}, {false, "ECANCELED", name})
    assert(err.where:find("light.lua:%d+$"), err.where)
  end
  a:settimeout(0.01)
  local t = thread.start(function() local d = a:recv() return d end)
  local ok, err = t:join(10)
  eq({ok, err.code}, {false, "ETIMEDOUT"})
  a:settimeout(nil)
  t = thread.start(function() local d = a:recv() return d end)
  thread.sleep(0.001)
  a:close()
  ok, err = t:join(10)
  eq({ok, err.code}, {false, "EBADF"})
  t = thread.start(function() thread.sleep(100) end)
  thread.yield()
  t:cancel()
  eq({select(2, t:join(10)).code}, {"ECANCELED"})
  b:close()
end)

test("what goes wrong after a wait is told as ever", function()
  local a, b = pair()
  local function deep(n) return 1 + deep(n + 1) end
  local t = thread.start(function() a:recv() local x = deep(1) return x end)
  local u = thread.start(function() a:recv() error({code = 5}) end)
  local v = thread.start(function() a:recv() local x = nil + 1 end)
  for i = 1, 3 do thread.sleep(0.001) b:sendall("x") end
  local ok, err = t:join(10)
  assert(not ok and tostring(err):find("light.lua:%d+: stack overflow"), err)
  eq(select(2, u:join(10)).code, 5)
  assert(tostring(select(2, v:join(10))):find("light.lua:%d+: attempt to perform arithmetic on a nil value"))
  a:close() b:close()
end)

test("the time that a call may take is not taken anew", function()
  local a, b = pair()
  a:settimeout(0.1)
  local t = thread.start(function() local d = a:readexactly(1000) return d end)
  local feeder = thread.start(function() for i = 1, 100 do b:sendall("x") thread.sleep(0.01) end end)
  local begin = time.monotonic()
  local ok, err = t:join(10)
  eq({ok, err.code}, {false, "ETIMEDOUT"})
  assert(time.monotonic() - begin < 0.8)
  feeder:cancel() feeder:join()
  begin = time.monotonic()
  t = thread.start(function() thread.sleep(0.05) return 1 end)
  for i = 1, 10 do thread.yield() end
  eq({t:join(10)}, {true, 1})
  assert(time.monotonic() - begin >= 0.05)
  a:close() b:close()
end)

test("ten readers of one connection get every byte once, in order of coming", function()
  local a, b = pair()
  local got, threads = {}, {}
  for i = 1, 10 do
    threads[i] = thread.start(function()
      while true do
        local line = a:readline()
        if not line then return end
        got[#got + 1] = line
      end
    end)
  end
  thread.yield()
  for i = 1, 1000 do
    b:sendall(i .. "\n")
    if i % 7 == 0 then thread.yield() end
  end
  b:close()
  for _, t in ipairs(threads) do eq({t:join(10)}, {true}) end
  eq(#got, 1000)
  for i = 1, 1000 do eq(got[i], tostring(i)) end
  a:close()
end)

test("a thread that always finds data lets others, timers and signals have their turn", function()
  local a, b = pair()
  local over, ticks = false, 0
  local feeder = thread.start(function() while not over do b:sendall(("x"):rep(100)) a:recv(100) end end)
  local ticker = thread.start(function() for i = 1, 20 do thread.sleep(0.002) ticks = ticks + 1 end end)
  ticker:join(10)
  eq(ticks, 20)
  over = true
  eq({feeder:join(10)}, {true})
  a:close() b:close()
end)

-- pcall in a thread is left, too. The main thread keeps its stack: both must tell the same.
test("pcall tells the same in a thread as in the main thread", function()
  local function lines(text) -- what is below differs
    return (text:gsub("\n.*in function <[^\n]*light.lua:%d+>\n.*$", ""):gsub("%[Go%]: in function 'xpcall'.*$", ""))
  end
  local function inner(...) local r = {pcall(...)} return unpack(r) end
  local ways = {
    function() local ok, err = pcall(error, "x", 0) return ok, err end,
    function() local ok, err = pcall(error, "x") return ok, err end,
    function() local ok, err = pcall(error, "x", 2) return ok, err end,
    function() local ok, err = pcall(function() error("x", 1) end) return ok, err end,
    function() local ok, err = pcall(function() error("x", 2) end) return ok, err end,
    function() local ok, err = pcall(function() error("x", 3) end) return ok, err end,
    function() local ok, err = pcall(function() local ok, err = pcall(function() error("x", 4) end) return err end) return ok, err end,
    function() local ok, err = pcall(function() local x = nil + 1 end) return ok, err end,
    function() local ok, err = pcall(function() local function f() return 1 + f() end local x = f() return x end) return ok, err end,
    function() local a, b, c, d = pcall(function() return 1, nil, 3 end) return a, b, c, d end,
    function() local a = pcall(function() return 1, 2, 3 end) return a end,
    function() local n = select("#", pcall(function() return 1, nil, nil end)) return n end,
    function() local t = {pcall(function() return 1, 2 end)} return #t, t[3] end,
    function() local a, b = inner(function() return 5 end) return a, b end,
    function() local a, b, c = pcall(pcall, error, "y") return a, b, c end,
    function() local a, b = pcall(nil) return a, b end,
    function() local a, b = pcall(5) return a, b end,
    function() local a, b = pcall(setmetatable({}, {__call = function(self, v) return v end}), 7) return a, b end,
    function() local a, b = pcall(string.rep) return a, b end,
    function() local a, b = pcall(string.rep, "x", 3) return a, b end,
    function() local ok, e = pcall(function() error({code = 1}) end) return ok, e.code end,
    function() local ok, e = pcall(function() error() end) return ok, e end,
    function() local ok, t = pcall(function() local t = lines(debug.traceback("m")) return t end) return ok, (t:match("^[^\n]*\n[^\n]*\n[^\n]*\n[^\n]*'pcall'")) ~= nil end,
    function() local ok, i = pcall(function() local i = debug.getinfo(2, "nS") return i.what .. tostring(i.name) end) return ok, i end,
    function() local ok, i = pcall(function() local i = debug.getinfo(3, "Sl") return i.what .. i.currentline end) return ok, i end,
    function() local ok, e = xpcall(function() error("x") end, function(m) return m .. "!" end) return ok, e end,
    function() local co = coroutine.wrap(function() local ok, v = pcall(function() return 8 end) coroutine.yield(v) end) local v = co() return v end,
    function() local up = 1 local f local ok = pcall(function() f = function() up = up + 1 return up end error("x") end) local a, b = f(), f() return a, b, up end,
    function() local f local ok = pcall(function() local v = 1 f = function() v = v + 1 return v end error("x") end) local a, b = f(), f() return a, b end,
    function() local s = 0 for i = 1, 300 do local ok, v = pcall(function() if i % 3 == 0 then error(i, 0) end return i end) s = s + v end return s end,
    function() local function f(n) if n == 0 then return "deep" end local ok, v = pcall(f, n - 1) return v end local v = f(50) return v end,
    function() local function f(n) local ok, v = pcall(f, n + 1) return ok and v or n end local v = f(1) return v > 90 end,
    function() local t = setmetatable({}, {__index = function(_, k) local ok, v = pcall(function() return k .. "!" end) return v end}) local v = t.x return v end,
    function() local ok, e = pcall(thread.sleep, "x") return ok, tostring(e) end,
  }
  for i, way in ipairs(ways) do
    local main = {way()}
    eq({i, thread.start(function() local r = {way()} return unpack(r, 1, 6) end):join(10)}, {i, true, unpack(main, 1, 6)})
  end
end)

test("waits below pcall", function()
  local a, b = pair()
  local log = {}
  local t = thread.start(function()
    while true do
      local ok, v = pcall(function()
        local line = a:readline()
        if line == "fail" then error("failed", 0) end
        if line == "deep" then local ok, v = pcall(function() local ok, v = pcall(a.readline, a) return v end) return v end
        if line == "sort" then local v table.sort({2, 1}, function(x, y) v = v or a:readline() return x < y end) return v end
        return line
      end)
      log[#log + 1] = tostring(ok) .. ":" .. tostring(v)
      if v == nil then return #log end
    end
  end)
  for _, line in ipairs {"one", "fail", "deep", "inner", "fail", "sort", "by", "two"} do
    b:sendall(line .. "\n")
    thread.sleep(0.001)
  end
  b:close()
  eq({t:join(10)}, {true, 7})
  eq(table.concat(log, " "), "true:one false:failed true:inner false:failed true:by true:two true:nil")
  a:close()
end)

test("a cancel, a timeout and a close below pcall are caught, and the connection goes on", function()
  local a, b = pair()
  local log = {}
  local t = thread.start(function()
    for i = 1, 4 do
      local ok, e = pcall(function() local d = a:recv() return d end)
      log[i] = ok and e or e.code
      if i == 2 then a:settimeout(0.005) elseif i == 3 then a:settimeout(nil) end
    end
    local ok, e = pcall(a.recv, a)
    return e.code
  end)
  thread.sleep(0.001) t:cancel()
  thread.sleep(0.001) b:sendall("x")
  thread.sleep(0.02) b:sendall("y")
  thread.sleep(0.001) a:close()
  eq({t:join(10)}, {true, "EBADF"})
  eq(log, {"ECANCELED", "x", "ETIMEDOUT", "y"})
  b:close()
end)

test("two that wait for one connection below pcall, the first of which gives up", function()
  local a, b = pair()
  local first = thread.start(function() local ok, e = pcall(a.recv, a) thread.sleep(0.002) return e.code end)
  thread.yield()
  local second = thread.start(function() local ok, d = pcall(a.recv, a) return d end)
  thread.yield()
  first:cancel()
  thread.yield()
  b:sendall("x")
  eq({second:join(10)}, {true, "x"})
  eq({first:join(10)}, {true, "ECANCELED"})
  a:close() b:close()
end)

-- One that had been left was first at the descriptor, and waited for the reader behind it, which kept
-- its stack, and with that the connection's lock.
test("readers that are left and readers that are not, of one connection", function()
  local a, b = pair()
  local got, threads = {}, {}
  local ways = {
    function() local line = a:readline() return line end,
    function() return a:readline() end,
    function() local ok, line = pcall(a.readline, a) return line end,
    coroutine.wrap(function() while true do coroutine.yield((a:readline())) end end),
    function() local line table.sort({2, 1}, function(x, y) line = line or a:readline() or "" return x < y end) return line ~= "" and line or nil end,
    function() for line in a:lines() do return line end end,
  }
  for i = 1, 12 do
    local way = ways[i % #ways + 1]
    if way == ways[4] then way = coroutine.wrap(function() while true do coroutine.yield((a:readline())) end end) end
    threads[i] = thread.start(function()
      for line in way do got[#got + 1] = line end
    end)
  end
  thread.yield()
  for i = 1, 500 do
    b:sendall(i .. "\n")
    if i % 3 == 0 then thread.yield() end
  end
  b:close()
  for _, t in ipairs(threads) do eq({t:join(10)}, {true}) end
  eq(#got, 500)
  a:close()
end)

-- Threads that wait for a queue, a lock or a semaphore are left, too: what they are handed is theirs, and
-- when they give up nothing is lost.
test("queues, locks and semaphores hand over to threads that are left", function()
  local q, out, got, threads = thread.queue(1), thread.queue(), {}, {}
  for i = 1, 5 do threads[i] = thread.start(function() for k = 1, 100 do q:put(i * 1000 + k) end end) end
  for i = 1, 5 do
    thread.start(function() for k = 1, 100 do local v = q:get() if k % 9 == 0 then thread.yield() end out:put(v) end end)
  end
  for i = 1, 500 do
    local v = out:get(10)
    assert(not got[v], v)
    got[v] = true
  end
  for _, t in ipairs(threads) do eq({t:join(10)}, {true}) end
  for _, gate in ipairs {thread.lock(), thread.semaphore(1)} do
    local n, inside = 0, 0
    for i = 1, 5 do
      threads[i] = thread.start(function()
        for k = 1, 50 do
          eq(gate:acquire(), true)
          inside = inside + 1
          eq(inside, 1)
          if k % 2 == 0 then thread.sleep(0.0001) else thread.yield() end
          inside, n = inside - 1, n + 1
          gate:release()
        end
      end)
    end
    for _, t in ipairs(threads) do eq({t:join(10)}, {true}) end
    eq(n, 250)
  end
end)

test("who is woken and cancelled at once has what it was handed; who gives up gets nothing", function()
  local q, lock, gate = thread.queue(), thread.lock(), thread.semaphore(0)
  lock:acquire()
  local calls = {
    {function() local v = q:get() return v end, function() q:put("v") end, "v"},
    {function() local v = lock:acquire() lock:release() return v end, function() lock:release() end, true},
    {function() local v = gate:acquire() return v end, function() gate:release() end, true},
  }
  for i, c in ipairs(calls) do
    local t = thread.start(c[1])
    thread.yield()
    c[2]() t:cancel()
    eq({i, t:join(10)}, {i, true, c[3]})
    if i == 2 then lock:acquire() end
    t = thread.start(c[1])
    thread.yield()
    t:cancel()
    thread.yield()
    c[2]()
    local ok, e = t:join(10)
    eq({i, ok, e.code}, {i, false, "ECANCELED"})
  end
  eq({#q, q:get(1)}, {1, "v"})
  eq({lock:locked(), gate:acquire(1)}, {false, true})
  local t = thread.start(function() local v, why = q:get(0.01) local l = gate:acquire(0.01) return v, why, l end)
  eq({t:join(10)}, {true, nil, "timeout", false})
  local full = thread.queue(1)
  full:put(1)
  t = thread.start(function() local ok, why = full:put(2, 0.01) return ok, why end)
  eq({t:join(10)}, {true, nil, "timeout"})
  t = thread.start(function() local ok, why = full:put(2) return ok, why end)
  thread.yield()
  full:close()
  eq({t:join(10)}, {true, nil, "closed"})
  eq({full:get()}, {1})
  lock:acquire()
  t = thread.start(function() lock:acquire() local ok, e = pcall(lock.acquire, lock) return e.code end)
  thread.yield()
  lock:release()
  eq({t:join(10)}, {true, "EDEADLK"})
end)
