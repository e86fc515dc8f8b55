-- What the other files leave out: order of service, who may do what, misuse.

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

-- Starts threads one by one that each wait in fn(i), and returns them once all wait.
local function waiting(n, fn)
  local threads = {}
  for i = 1, n do
    local started = thread.event()
    threads[i] = thread.start(function()
      started:set()
      return fn(i)
    end)
    started:wait()
    thread.yield()
  end
  return threads
end

test("a thread cannot wait for itself", function()
  local current = thread.current()
  eq(raises("EDEADLK", current.join, current).op, "join")
  raises("EDEADLK", current.join, current, 0)
end)

test("a thread that was not started cannot be joined, and a started one not started", function()
  local t = thread.new(function() end)
  raises("EINVAL", t.join, t)
  raises("EINVAL", t.join, t, 0.01)
  t:start()
  raises("EALREADY", t.start, t)
  t:join()
  raises("EALREADY", t.run, t)
  local main = thread.current()
  raises("EALREADY", main.start, main)
end)

test("a thread cancelled before it starts hears of it at its first wait", function()
  local t = thread.new(function() return pcall(thread.sleep, 60) end)
  t:cancel()
  t:start()
  local _, ok, err = t:join(5)
  eq({ok, err.code}, {false, "ECANCELED"})
end)

test("names can be set, other fields cannot", function()
  local gate = thread.event()
  local t = thread.start(function() gate:wait() return thread.current().name end)
  t.name = "worker"
  eq({t.name, tostring(t)}, {"worker", "thread(worker)"})
  raises("cannot set field 'id'", function() t.id = 5 end)
  raises("name must be a string", function() t.name = {} end)
  raises("thread has no method 'cansel'; did you mean 'cancel'?", function() t:cansel() end)
  gate:set()
  eq(join(t), "worker")
end)

test("start passes on many arguments and results", function()
  local t = thread.start(function(...) return select("#", ...), ... end, unpack({}, 1, 200))
  local r = {t:join(5)}
  eq({r[1], r[2]}, {true, 200})
end)

test("a callable object is a function", function()
  local object = setmetatable({}, {__call = function(self, x) return x + 1 end})
  eq(join(thread.start(object, 41)), 42)
  local lock = thread.lock()
  eq(lock:with(setmetatable({}, {__call = function(self, l) return l == lock end})), true)
end)

test("sleeping for ever can be cancelled", function()
  local t = waiting(1, function() return pcall(thread.sleep, math.huge) end)[1]
  t:cancel()
  local ok, err = join(t)
  eq({ok, err.code}, {false, "ECANCELED"})
end)

test("a lock goes to those who wait in the order they came", function()
  local lock, order = thread.lock(), {}
  lock:acquire()
  local threads = waiting(5, function(i)
    lock:with(function() order[#order + 1] = i end)
  end)
  lock:release()
  for _, t in ipairs(threads) do join(t) end
  eq(order, {1, 2, 3, 4, 5})
end)

test("those who give up are passed over, whatever ended their waiting", function()
  local lock, order = thread.lock(), {}
  lock:acquire()
  local threads = waiting(5, function(i)
    local ok, got = pcall(lock.acquire, lock, i == 2 and 0.01 or nil)
    if ok and got then
      order[#order + 1] = i
      lock:release()
    end
  end)
  join(threads[2])
  threads[4]:cancel()
  join(threads[4])
  lock:release()
  for _, t in ipairs(threads) do join(t) end
  eq(order, {1, 3, 5})
  eq(lock:locked(), false)
end)

test("what was handed over stays so when a cancel comes right after", function()
  local lock = thread.lock()
  lock:acquire()
  local t = waiting(1, function()
    local got = lock:acquire()
    local ok, err = pcall(thread.sleep, 60) -- the cancel is for the next wait
    lock:release()
    return got, ok, err.code
  end)[1]
  lock:release()
  t:cancel() -- it has the lock, but has not run yet
  eq({join(t)}, {true, false, "ECANCELED"})
  eq(lock:acquire(0), true)
  lock:release()
end)

test("and the other way round: cancelled first, it gets nothing", function()
  local q = thread.queue()
  local t = waiting(1, function()
    local ok, err = pcall(q.get, q)
    return ok, err.code
  end)[1]
  t:cancel()
  q:put("for the next")
  -- Both before it runs: it may have either, but not both, and nothing is lost.
  local ok, what = join(t)
  if ok then
    eq(#q, 0)
  else
    eq({what, q:get(0)}, {"ECANCELED", "for the next"})
  end
end)

test("any thread may release a lock", function()
  local lock = thread.lock()
  lock:acquire()
  join(thread.start(function() lock:release() end))
  eq(lock:locked(), false)
  raises("EPERM", lock.release, lock)
end)

test("with a lock that its function releases itself", function()
  local lock = thread.lock()
  lock:with(function() lock:release() end)
  eq(lock:locked(), false)
  lock:with(function()
    lock:release()
    join(thread.start(function() lock:acquire() end))
  end)
  eq(lock:locked(), true, "now somebody else's")
end)

test("with a semaphore", function()
  local sem = thread.semaphore()
  eq({sem:with(function(itself, x) return itself == sem, x, sem:acquire(0) end, "more")}, {true, "more", false})
  raises("inside", sem.with, sem, function() error("inside") end)
  eq(sem:acquire(0), true)
end)

test("a semaphore serves in order, and releases several at once", function()
  local sem, order = thread.semaphore(0), {}
  local threads = waiting(4, function(i)
    sem:acquire()
    order[#order + 1] = i
  end)
  for i = 1, 2 do
    sem:release()
    join(threads[i])
  end
  sem:release(3) -- these two may run in any order, but both have it
  join(threads[3]) join(threads[4])
  eq({order[1], order[2], #order}, {1, 2, 4})
  eq({sem:acquire(0), sem:acquire(0)}, {true, false})
  raises("bad argument #1 to 'release'", sem.release, sem, 0)
end)

test("those who wait to put are served in order", function()
  local q = thread.queue(1)
  q:put(0)
  local threads = waiting(5, function(i) return q:put(i) end)
  for i = 0, 5 do eq(q:get(5), i) end
  for _, t in ipairs(threads) do eq(join(t), true) end
  eq(#q, 0)
end)

test("a put that gives up leaves no gap", function()
  local q = thread.queue(1)
  q:put("a")
  local threads = waiting(3, function(i) return q:put(i, i == 1 and 0.01 or nil) end)
  eq({join(threads[1])}, {nil, "timeout"})
  threads[2]:cancel()
  eq(threads[2]:join(5), false)
  eq({q:get(), q:get(5)}, {"a", 3})
  eq(#q, 0)
end)

test("a queue without a limit, said in three ways", function()
  for _, q in ipairs {thread.queue(), thread.queue(0), thread.queue(math.huge)} do
    for i = 1, 100 do q:put(i, 0) end
    eq(#q, 100)
  end
  raises("max must be", thread.queue, -1)
end)

test("a queue keeps order while it grows, goes round and shrinks", function()
  local q, put, got = thread.queue(), 0, 0
  for round = 1, 50 do
    for _ = 1, round * 40 do put = put + 1 q:put(put) end
    for _ = 1, round * 39 do got = got + 1 eq(q:get(0), got) end
  end
  while got < put do got = got + 1 eq(q:get(0), got) end
  eq(#q, 0)
end)

test("nil is no item", function()
  local q = thread.queue()
  raises("bad argument #1 to 'put'", q.put, q, nil)
end)

test("strings say how things stand", function()
  local lock, event, q = thread.lock(), thread.event(), thread.queue()
  eq({tostring(lock), tostring(event), tostring(q)}, {"lock(free)", "event(not set)", "queue(0 items)"})
  lock:acquire() event:set() q:put(1) q:close()
  eq({tostring(lock), tostring(event), tostring(q)}, {"lock(held by main)", "event(set)", "queue(1 items, closed)"})
end)

-- A thread that never has to wait must not keep the others from running: each
-- of these ends only when another thread has had its turn.
test("asking again and again lets others answer", function()
  local q, lock, sem, event, done = thread.queue(), thread.lock(), thread.semaphore(0), thread.event(), false
  lock:acquire()
  local t = thread.start(function()
    q:put("item")
    lock:release()
    sem:release()
    event:set()
  end)
  repeat until q:get(0) == "item"
  repeat until lock:acquire(0)
  repeat until sem:acquire(0)
  repeat until event:wait(0)
  repeat until t:join(0)
end)

test("who always finds a free lock or a filled queue gives way", function()
  local q, lock, sem, event = thread.queue(), thread.lock(), thread.semaphore(1), thread.event()
  event:set()
  for name, loop in pairs {
    put = function() q:put(1) end,
    get = function() q:put(1) q:get() end,
    lock = function() lock:acquire() lock:release() end,
    with = function() lock:with(function() end) end,
    semaphore = function() sem:acquire() sem:release() end,
    event = function() event:wait() end,
  } do
    local stop = false
    local t = thread.start(function() repeat loop() until stop end)
    thread.sleep(0.001)
    stop = true
    eq(t:join(5), true, name)
    local u = thread.start(function() while true do loop() end end)
    u:cancel()
    eq(u:join(5), false, name .. ", cancelled")
  end
end)

test("methods called with a dot", function()
  local q = thread.queue()
  raises("calling 'get' on bad self", q.get)
  raises("calling 'acquire' on bad self", thread.lock().acquire, q)
end)
