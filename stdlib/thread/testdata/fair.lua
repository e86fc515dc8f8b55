-- A thread that always finds something to do starves nobody: not its like, not those that wait for
-- data or for time, and not those that ask in a loop. The bounds are those of interp/RATIONALE.md,
-- "How long does one wait for the turn?", where calls are counted and not time.

-- greedy starts threads that find data at each call, and returns a table of how many calls each has made.
local function greedy(n)
  local calls, stop, threads = {}, false, {}
  for i = 1, n do
    calls[i] = 0
    local a, b = socket.socketpair()
    threads[i] = thread.start(function()
      while not stop do
        b:send("x") a:recv(1)
        calls[i] = calls[i] + 2
      end
      a:close() b:close()
    end)
  end
  return calls, function()
    stop = true
    for i = 1, n do eq({threads[i]:join(10)}, {true}) end
  end
end

local function sum(list) local n = 0 for _, v in ipairs(list) do n = n + v end return n end

test("threads that always find data have as many calls each", function()
  local calls, stop = greedy(4)
  while sum(calls) < 20000 do thread.yield() end
  stop()
  for i = 1, 4 do assert(calls[i] > 20000 / 4 / 2 and calls[i] < 20000 / 4 * 2, i .. " made " .. calls[i]) end
end)

test("who yields has its turn again after 64 calls of each other thread", function()
  local calls, stop = greedy(5)
  thread.yield()
  for i = 1, 50 do
    local before = sum(calls)
    thread.yield()
    local n = sum(calls) - before
    assert(n <= 5 * (64 + 2), n .. " calls until the turn came back")
  end
  stop()
end)

test("whoever is handed something runs after as many", function()
  local calls, stop = greedy(5)
  local ping, pong, event = thread.queue(), thread.queue(), thread.event()
  local echo = thread.start(function() for v in ping:items() do pong:put(v) end end)
  for i = 1, 50 do
    local before = sum(calls)
    ping:put(i)
    eq(pong:get(10), i)
    local n = sum(calls) - before
    assert(n <= 4 * 5 * (64 + 2), n .. " calls until there was an answer") -- one way and the other, and each may owe a turn
  end
  ping:close()
  eq({echo:join(10)}, {true})
  stop()
end)

test("data and time are looked for after 512 steps, each of which has 64 calls", function()
  local calls, stop = greedy(3)
  local a, b = socket.socketpair()
  local echo = thread.start(function() while true do local d = b:recv() if d == "" then return end b:sendall(d) end end)
  local most = 2 * (512 + 3 + 2) * (64 + 2)
  for i = 1, 20 do
    local before = sum(calls)
    a:sendall("x")
    eq(a:recv(), "x")
    local n = sum(calls) - before
    assert(n <= most, n .. " calls until data that was there was found")
    local begin = time.monotonic()
    thread.sleep(0.001)
    assert(time.monotonic() - begin < 2, "a millisecond took two seconds")
  end
  a:close()
  eq({echo:join(10)}, {true})
  b:close()
  stop()
end)

-- Two loops, each of which asks for what only the other does: whatever they ask by gives way.
test("loops that ask again and again see what others do", function()
  local a, b = socket.socketpair()
  local q, lock, e = thread.queue(), thread.lock(), thread.event()
  local asks = {
    event = {function() return e:is_set() end, function() e:set() end},
    ["event, no time"] = {function() return e:wait(0) end, function() e:set() end},
    queue = {function() return (q:get(0)) end, function() q:put(1) end},
    lock = {function() return lock:acquire(0) end, function() lock:release() end},
    alive = {function(t) return not t:alive() end, function() end},
    joined = {function(t) return (t:join(0)) end, function() end},
    recv = {function() return a:recv(1, socket.MSG_DONTWAIT) end, function() b:send("x") end},
    select = {function() return #select.select({a}, nil, nil, 0) > 0 end, function() b:send("x") end},
  }
  for name, ask in pairs(asks) do
    e:clear()
    local turns, asked = 0, false
    local other = thread.start(function()
      if name == "lock" then lock:acquire() end
      while not asked do turns = turns + 1 thread.sleep(0) end
      ask[2]()
    end)
    thread.yield()
    local n = 0
    while not ask[1](other) do
      asked, n = true, n + 1
      assert(n < 1e6, name .. ": nothing is seen of what the other does")
    end
    asked = true
    eq({other:join(10)}, {true})
    if name == "select" then a:recv(1) end
  end
  a:close() b:close()
end)
