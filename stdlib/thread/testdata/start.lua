-- Threads: how they start, what join answers, what they are called, and how they take turns.

local function values(...) return {n = select("#", ...), ...} end

test("start runs a function with its arguments, join gives its results", function()
  local t = thread.start(function(a, b) return b, a end, 1, "two")
  eq({t:join()}, {true, "two", 1})
end)

test("nil results are not lost, and none is none", function()
  eq(values(thread.start(function() return nil, 2, nil end):join()), {n = 4, true, nil, 2, nil})
  eq(values(thread.start(function() end):join()), {n = 1, true})
  local t = thread.start(function(...) return select("#", ...) end, nil, nil)
  eq({t:join()}, {true, 2})
end)

test("join again answers the same", function()
  local t = thread.start(function() return "once" end)
  eq({t:join()}, {true, "once"})
  eq({t:join()}, {true, "once"})
  eq({t:join(0.01)}, {true, "once"})
end)

test("several threads may join one", function()
  local gate = thread.event()
  local t = thread.start(function() gate:wait() return "shared" end)
  local u = thread.start(function() return select(2, t:join()) end)
  local v = thread.start(function() return select(2, t:join()) end)
  thread.yield()
  gate:set()
  eq({u:join(5)}, {true, "shared"})
  eq({v:join(5)}, {true, "shared"})
end)

test("an error is join's second answer, the object itself", function()
  local thrown = {"an object"}
  local ok, err = thread.start(function() error(thrown) end):join()
  eq({ok, err == thrown}, {false, true})
  ok, err = thread.start(function() error("text", 0) end):join()
  eq({ok, err}, {false, "text"})
  ok, err = thread.start(function() socket.socket():getpeername() end):join()
  eq({ok, err.code, err.op}, {false, "ENOTCONN", "getpeername"})
end)

test("an error ends its own thread only", function()
  local t = thread.start(function() error("only this thread ends (a traceback on standard error is expected)") end)
  local u = thread.start(function()
    t:join()
    return "alive"
  end)
  eq({u:join(5)}, {true, "alive"})
  eq(t:alive(), false)
end)

test("join(timeout) asks, and gives up", function()
  local gate = thread.event()
  local t = thread.start(function() gate:wait() return "done" end)
  eq({t:join(0.01)}, {nil, "timeout"})
  eq({t:join(0)}, {nil, "timeout"})
  eq(t:alive(), true)
  gate:set()
  eq({t:join(5)}, {true, "done"})
  eq(t:alive(), false)
end)

test("new waits for start", function()
  local ran = false
  local t = thread.new(function(x) ran = x return "result" end, "argument")
  thread.yield()
  eq({ran, t:alive()}, {false, false})
  t:start()
  eq({t:join(5)}, {true, "result"})
  eq(ran, "argument")
  eq(pcall(t.start, t), false, "a second time")
end)

test("run is another name of start", function()
  local gate = thread.event()
  local t = thread.new(function() gate:wait() return "ran" end)
  t:run() -- does not wait for it, as the HOWTO's ct.run() must not
  eq(t:alive(), true)
  gate:set()
  eq({t:join(5)}, {true, "ran"})
end)

test("a daemon runs and can be joined", function()
  local t = thread.daemon(function(x) return x * 2 end, 21)
  eq({t:join(5)}, {true, 42})
  thread.daemon(function() thread.event():wait() end) -- never ends: the file must end all the same
end)

test("names and numbers", function()
  local main = thread.current()
  eq(main.name, "main")
  local t = thread.start(function() return thread.current() end)
  local u = thread.start(function() return thread.current().name, thread.current().id end)
  local _, itself = t:join()
  eq(itself == t, true)
  assert(t.name:find("^thread%-%d+$"), t.name)
  assert(t.name ~= u.name and t.id ~= u.id and t.id ~= main.id)
  eq({u:join()}, {true, u.name, u.id})
  eq(thread.current() == main, true)
end)

test("a coroutine belongs to the thread that resumes it", function()
  local t = thread.start(function()
    return coroutine.wrap(function() return thread.current().name end)()
  end)
  eq({t:join()}, {true, t.name})
end)

test("count counts the main thread and those alive", function()
  local before = thread.count()
  assert(before >= 1)
  local gate, threads = thread.event(), {}
  for i = 1, 10 do threads[i] = thread.start(function() gate:wait() end) end
  eq(thread.count(), before + 10)
  gate:set()
  for i = 1, 10 do threads[i]:join() end
  eq(thread.count(), before)
end)

test("threads share globals and locals", function()
  conformance_shared = 0
  local own = 0
  local threads = {}
  for i = 1, 50 do
    threads[i] = thread.start(function()
      conformance_shared = conformance_shared + 1
      own = own + 1
    end)
  end
  for i = 1, 50 do threads[i]:join() end
  eq({conformance_shared, own}, {50, 50})
  conformance_shared = nil
end)

test("between two waits nobody else runs", function()
  local inside, broken = false, false
  local function critical()
    if inside then broken = true end
    inside = true
    for i = 1, 2000 do local _ = i * i end
    inside = false
  end
  local threads = {}
  for i = 1, 8 do
    threads[i] = thread.start(function()
      for _ = 1, 20 do
        critical()
        thread.yield()
      end
    end)
  end
  for i = 1, 8 do eq((threads[i]:join()), true) end
  eq(broken, false)
end)

test("yield lets the others run", function()
  local done = false
  local t = thread.start(function() done = true end)
  for _ = 1, 10000 do
    if done then break end
    thread.yield()
  end
  eq(done, true)
  t:join()
end)

test("whoever yields shares fairly", function()
  local counts, stop, threads = {0, 0, 0, 0}, false, {}
  for i = 1, 4 do
    threads[i] = thread.start(function()
      while not stop do
        counts[i] = counts[i] + 1
        stop = stop or counts[i] == 20000
        thread.yield()
      end
    end)
  end
  for i = 1, 4 do threads[i]:join() end
  for i = 1, 4 do assert(counts[i] > 1000, "thread " .. i .. " ran only " .. counts[i] .. " times") end
end)

test("a thread that yields without end does not hold up those who wait for data", function()
  local a, b = socket.socketpair()
  local stop, rounds = false, 0
  local busy = thread.start(function()
    while not stop do
      rounds = rounds + 1
      thread.yield()
    end
  end)
  local echo = thread.start(function() for line in b:lines() do b:sendall(line .. "\n") end end)
  for i = 1, 100 do
    a:sendall(i .. "\n")
    eq(a:readline(), tostring(i))
  end
  stop = true
  a:close()
  busy:join() echo:join()
  b:close()
  assert(rounds > 0)
end)

test("sleepers wake in the order of their times", function()
  local order = thread.queue()
  local threads = {}
  for i, s in ipairs {0.09, 0.01, 0.05} do
    threads[i] = thread.start(function()
      thread.sleep(s)
      order:put(i)
    end)
  end
  eq({order:get(5), order:get(5), order:get(5)}, {2, 3, 1})
  for i = 1, 3 do threads[i]:join() end
end)

test("a thousand short threads, one after the other and all at once", function()
  for i = 1, 1000 do eq({thread.start(function() return i end):join()}, {true, i}) end
  local threads = {}
  for i = 1, 1000 do threads[i] = thread.start(function() return i end) end
  for i = 1, 1000 do eq({threads[i]:join()}, {true, i}) end
end)

test("wrong arguments", function()
  raises("bad argument #1 to 'start'", thread.start)
  raises("bad argument #1 to 'start'", thread.start, "not a function")
  raises("bad argument #1 to 'new'", thread.new, 5)
  raises("bad argument #1 to 'sleep'", thread.sleep, "long")
  raises("bad argument #1 to 'sleep'", thread.sleep)
end)

test("a thread of which nobody took the object has one, which is the same each time", function()
  local q = thread.queue()
  thread.start(function(...) q:put({thread.current(), thread.current(), ...}) end, 1, nil)
  thread.daemon(function() q:put({thread.current(), thread.current()}) end)
  local one, two = q:get(), q:get()
  eq(one[1], one[2])
  eq(two[1], two[2])
  eq(one[3], 1)
  eq(one[1].name, "thread-" .. one[1].id)
  eq(one[1]:join(10), true)
  raises("function expected", function() thread.start() end)
end)
