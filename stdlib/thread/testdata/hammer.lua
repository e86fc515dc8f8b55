-- Many threads that wait, give up and are cancelled at random: nothing may be
-- lost, doubled or left behind. Run with go test -race, too.

local function shuffle(t)
  for i = #t, 2, -1 do
    local j = math.random(i)
    t[i], t[j] = t[j], t[i]
  end
end

-- Cancels threads at random until they have all ended.
local function harass(threads)
  local stop = false
  local t = thread.start(function()
    while not stop do
      threads[math.random(#threads)]:cancel()
      if math.random(4) == 1 then thread.yield() end
      if math.random(50) == 1 then thread.sleep(0.0005) end
      pcall(thread.yield)
    end
  end)
  return function()
    stop = true
    t:join()
  end
end

-- Runs fn again and again until it was not cancelled.
local function stubborn(fn, ...)
  while true do
    local r = {pcall(fn, ...)}
    if r[1] then return unpack(r, 2, 4) end
    if r[2].code ~= "ECANCELED" then error(r[2], 0) end
  end
end

local function limit()
  local r = math.random(4)
  if r == 1 then return 0 end
  if r == 2 then return math.random() * 0.001 end
  return nil
end

test("hammer a queue", function()
  local q, producers, consumers, seen = thread.queue(3), {}, {}, {}
  local P, N = 8, 150
  for p = 1, P do
    producers[p] = thread.start(function()
      for n = 1, N do
        local item = p * 100000 + n
        repeat until stubborn(q.put, q, item, limit())
      end
    end)
  end
  for c = 1, 8 do
    consumers[c] = thread.start(function()
      local got = 0
      while true do
        local item, why = stubborn(q.get, q, limit())
        if item then
          eq(seen[item], nil, "twice")
          seen[item] = true
          got = got + 1
        elseif why == "closed" then
          return got
        end
      end
    end)
  end
  local all = {}
  for _, t in ipairs(producers) do all[#all + 1] = t end
  for _, t in ipairs(consumers) do all[#all + 1] = t end
  local stop = harass(all)
  for _, t in ipairs(producers) do assert(t:join(30)) end
  stop()
  q:close()
  local total = 0
  for _, t in ipairs(consumers) do
    local ok, got = t:join(30)
    assert(ok, got)
    total = total + got
  end
  eq(total, P * N)
end)

test("hammer a lock and a semaphore", function()
  local lock, sem = thread.lock(), thread.semaphore(3)
  local inside, guests, most, threads = 0, 0, 0, {}
  local entered = 0
  for i = 1, 16 do
    threads[i] = thread.start(function()
      for _ = 1, 60 do
        if stubborn(lock.acquire, lock, limit()) then
          inside = inside + 1
          eq(inside, 1)
          pcall(thread.yield)
          inside = inside - 1
          entered = entered + 1
          lock:release()
        end
        if stubborn(sem.acquire, sem, limit()) then
          guests = guests + 1
          most = math.max(most, guests)
          pcall(thread.yield)
          guests = guests - 1
          sem:release()
        end
        pcall(lock.with, lock, function()
          inside = inside + 1
          eq(inside, 1)
          pcall(thread.sleep, 0)
          inside = inside - 1
        end)
      end
    end)
  end
  local stop = harass(threads)
  for _, t in ipairs(threads) do assert(t:join(30)) end
  stop()
  eq({inside, guests}, {0, 0})
  assert(most <= 3 and entered > 0)
  eq(lock:acquire(0), true, "free in the end")
  lock:release()
  eq({sem:acquire(0), sem:acquire(0), sem:acquire(0), sem:acquire(0)}, {true, true, true, false})
end)

test("hammer an event", function()
  local event, threads, stop = thread.event(), {}, false
  for i = 1, 16 do
    threads[i] = thread.start(function()
      local woken = 0
      while not stop do
        if stubborn(event.wait, event, limit()) then woken = woken + 1 end
        pcall(thread.yield)
      end
      return woken
    end)
  end
  local rest = harass(threads)
  for _ = 1, 200 do
    event:set()
    thread.yield()
    event:clear()
    thread.yield()
  end
  stop = true
  event:set()
  for _, t in ipairs(threads) do assert(t:join(30)) end
  rest()
end)

test("hammer join", function()
  local gate, targets, joiners = thread.event(), {}, {}
  for i = 1, 10 do targets[i] = thread.start(function() gate:wait() return i end) end
  for i = 1, 40 do
    joiners[i] = thread.start(function()
      local t = targets[i % 10 + 1]
      while true do
        local ok, result = stubborn(t.join, t, limit())
        if ok ~= nil then return result == i % 10 + 1 end
      end
    end)
  end
  local stop = harass(joiners)
  thread.sleep(0.02)
  gate:set()
  for _, t in ipairs(joiners) do eq({t:join(30)}, {true, true}) end
  stop()
end)
