-- Locks, events, semaphores.

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

test("a lock is taken and given back", function()
  local lock = thread.lock()
  eq(lock:acquire(), true)
  assert(lock:release())
  eq(lock:acquire(0.01), true)
  lock:release()
end)

test("a second acquire by its holder is EDEADLK", function()
  local lock = thread.lock()
  lock:acquire()
  raises("EDEADLK", lock.acquire, lock)
  eq(raises("EDEADLK", lock.acquire, lock).code, "EDEADLK")
  lock:release()
  eq(lock:acquire(), true, "still in order")
  lock:release()
end)

test("release of a lock nobody holds is an error", function()
  local lock = thread.lock()
  eq(pcall(lock.release, lock), false)
  lock:acquire()
  lock:release()
  eq(pcall(lock.release, lock), false)
end)

test("acquire with a limit answers false", function()
  local lock = thread.lock()
  lock:acquire()
  local t = thread.start(function() return lock:acquire(0), lock:acquire(0.01) end)
  eq({join(t)}, {false, false})
  lock:release()
end)

test("acquire waits until release", function()
  local lock, order = thread.lock(), {}
  lock:acquire()
  local t = thread.start(function()
    local got = lock:acquire()
    order[#order + 1] = "second"
    lock:release()
    return got
  end)
  thread.yield()
  order[#order + 1] = "first"
  lock:release()
  eq(join(t), true)
  eq(order, {"first", "second"})
end)

test("a lock holds across waits", function()
  local lock, n, threads = thread.lock(), 0, {}
  for i = 1, 20 do
    threads[i] = thread.start(function()
      lock:acquire()
      local seen = n
      thread.yield() -- without the lock others would read the same
      n = seen + 1
      lock:release()
    end)
  end
  for i = 1, 20 do join(threads[i]) end
  eq(n, 20)
end)

test("a holder that takes it again and again does not starve the others", function()
  local lock, got = thread.lock(), false
  lock:acquire()
  local t = thread.start(function()
    lock:acquire()
    got = true
    lock:release()
  end)
  thread.yield()
  for _ = 1, 10000 do
    lock:release()
    lock:acquire()
    if got then break end
    thread.yield()
  end
  eq(got, true)
  lock:release()
  join(t)
end)

test("with holds it, gives the results, and releases after an error", function()
  local lock = thread.lock()
  eq({lock:with(function(itself, x)
    eq(itself == lock, true)
    raises("EDEADLK", lock.acquire, lock)
    return "result", nil, x
  end, "last")}, {"result", nil, "last"})
  local thrown = {}
  local ok, err = pcall(lock.with, lock, function() error(thrown) end)
  eq({ok, err == thrown}, {false, true})
  eq(lock:acquire(0), true)
  lock:release()
end)

test("a lock whose holder has ended is not taken silently", function()
  local lock = thread.lock()
  join(thread.start(function() lock:acquire() end))
  eq(lock:acquire(0.01), false, "as in Python: it stays locked")
end)

test("an event is set, cleared and asked", function()
  local e = thread.event()
  eq(e:is_set(), false)
  eq(e:wait(0.01), false)
  eq(e:wait(0), false)
  assert(e:set())
  eq(e:is_set(), true)
  eq(e:wait(), true)
  eq(e:wait(0), true)
  e:set() -- twice is once
  e:clear()
  eq(e:is_set(), false)
  eq(e:wait(0.01), false)
end)

test("an event wakes all who wait", function()
  local e, threads = thread.event(), {}
  for i = 1, 50 do threads[i] = thread.start(function() return e:wait(i % 2 == 0 and 10 or nil) end) end
  thread.yield()
  e:set()
  for i = 1, 50 do eq(join(threads[i]), true) end
end)

test("an event set and cleared at once still wakes those who waited", function()
  local e, started = thread.event(), thread.event()
  local t = thread.daemon(function()
    started:set()
    return e:wait()
  end)
  started:wait()
  thread.yield()
  e:set()
  e:clear()
  eq({t:join(5)}, {true, true})
end)

test("a semaphore admits n", function()
  local sem = thread.semaphore(2)
  eq({sem:acquire(), sem:acquire()}, {true, true})
  eq(sem:acquire(0), false)
  eq(sem:acquire(0.01), false)
  assert(sem:release())
  eq(sem:acquire(0), true)
end)

test("release wakes one who waits", function()
  local sem = thread.semaphore(0)
  local t = thread.start(function() return sem:acquire() end)
  local u = thread.start(function() return sem:acquire() end)
  thread.yield()
  sem:release()
  sem:release()
  eq({join(t), join(u)}, {true, true})
  eq(sem:acquire(0), false)
end)

test("never more than n inside", function()
  local sem, inside, most, threads = thread.semaphore(3), 0, 0, {}
  for i = 1, 30 do
    threads[i] = thread.start(function()
      sem:acquire()
      inside = inside + 1
      most = math.max(most, inside)
      thread.yield()
      inside = inside - 1
      sem:release()
    end)
  end
  for i = 1, 30 do join(threads[i]) end
  eq({inside, most}, {0, 3})
end)

-- A release of many was as many releases, with the turn held: 2^31 took 20 seconds.
test("a semaphore released by very many takes no time", function()
  local sem = thread.semaphore(0)
  local t = thread.start(sem.acquire, sem)
  thread.yield()
  local start = time.monotonic()
  for _ = 1, 100 do sem:release(2 ^ 31 - 1) end
  eq(time.monotonic() - start < 10, true)
  eq(t:join(), true)
  eq(sem:acquire(0), true)
end)

test("a semaphore released beyond its beginning grows, as Python's", function()
  local sem = thread.semaphore(0)
  for _ = 1, 3 do sem:release() end
  eq({sem:acquire(0), sem:acquire(0), sem:acquire(0), sem:acquire(0)}, {true, true, true, false})
end)

test("limits keep their time", function()
  local clock = type(time) == "table" and time.monotonic
  if not clock then skip("no clock to ask") end
  local e, lock, sem, q = thread.event(), thread.lock(), thread.semaphore(0), thread.queue()
  lock:acquire()
  local t = thread.start(function() return lock:acquire(0.03) end)
  for _, wait in ipairs {
    function() e:wait(0.03) end, function() sem:acquire(0.03) end, function() q:get(0.03) end,
    function() thread.sleep(0.03) end, function() join(t) end,
  } do
    local begin = clock()
    wait()
    local took = clock() - begin
    assert(took < 2, "took " .. took)
  end
  local begin = clock()
  thread.sleep(0.02)
  assert(clock() - begin >= 0.0199, "too early")
end)

test("wrong arguments", function()
  raises("bad argument #1 to 'semaphore'", thread.semaphore, -1)
  raises("bad argument #1 to 'semaphore'", thread.semaphore, "x")
  local e = thread.event()
  raises("bad argument #1 to 'wait'", e.wait, e, "x")
  local lock = thread.lock()
  raises("bad argument #1 to 'acquire'", lock.acquire, lock, {})
  raises("bad argument #1 to 'with'", lock.with, lock)
  eq(lock:acquire(0), true)
end)
