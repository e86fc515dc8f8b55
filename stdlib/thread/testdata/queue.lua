-- thread.queue: first in, first out; max, close, items, #.

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

test("first in, first out", function()
  local q = thread.queue()
  for i = 1, 100 do eq(q:put(i), true) end
  eq(#q, 100)
  for i = 1, 100 do eq(q:get(), i) end
  eq(#q, 0)
end)

test("any value passes, unchanged", function()
  local q = thread.queue()
  local t, f = {"table"}, function() end
  local a, b = socket.socketpair()
  for _, v in ipairs {t, f, a, "text\0", 1.5, true} do
    q:put(v)
    eq(q:get() == v, true)
  end
  q:put(false) -- false is a value, not the end
  eq({q:get()}, {false})
  a:close() b:close()
end)

test("get waits for put", function()
  local q = thread.queue()
  local t = thread.start(function() return q:get() end)
  thread.yield()
  q:put("late")
  eq(join(t), "late")
end)

test("get with a limit gives up", function()
  local q = thread.queue()
  eq({q:get(0)}, {nil, "timeout"})
  eq({q:get(0.01)}, {nil, "timeout"})
  q:put("x")
  eq({q:get(0)}, {"x"})
end)

test("put waits while the queue is full", function()
  local q, log = thread.queue(2), {}
  eq({q:put(1), q:put(2)}, {true, true})
  eq({q:put(3, 0)}, {nil, "timeout"})
  eq({q:put(3, 0.01)}, {nil, "timeout"})
  eq(#q, 2, "what timed out was not put")
  local t = thread.start(function()
    local ok = q:put(3)
    log[#log + 1] = "put"
    return ok
  end)
  thread.yield()
  log[#log + 1] = "get"
  eq(q:get(), 1)
  eq(join(t), true)
  eq(log, {"get", "put"})
  eq({q:get(), q:get(), #q}, {2, 3, 0})
end)

test("without max put never waits", function()
  local q = thread.queue()
  for i = 1, 10000 do q:put(i) end
  eq(#q, 10000)
end)

test("close: what is in it can still be had", function()
  local q = thread.queue()
  q:put("left")
  q:put("over")
  assert(q:close())
  eq({q:put("more")}, {nil, "closed"})
  eq({q:put("more", 0)}, {nil, "closed"})
  eq({q:get()}, {"left"})
  eq({q:get(1)}, {"over"})
  eq({q:get()}, {nil, "closed"})
  eq({q:get(0)}, {nil, "closed"})
  q:close() -- twice is once
end)

test("close wakes all who wait to get", function()
  local q, threads = thread.queue(), {}
  for i = 1, 10 do threads[i] = thread.start(function() return q:get(i % 2 == 0 and 10 or nil) end) end
  thread.yield()
  q:close()
  for i = 1, 10 do eq({join(threads[i])}, {nil, "closed"}) end
end)

test("close wakes all who wait to put", function()
  local q, threads = thread.queue(1), {}
  q:put("first")
  for i = 1, 5 do threads[i] = thread.start(function() return q:put(i) end) end
  thread.yield()
  q:close()
  for i = 1, 5 do eq({join(threads[i])}, {nil, "closed"}) end
  eq({q:get()}, {"first"})
  eq({q:get()}, {nil, "closed"})
end)

test("items goes on until the queue is closed and empty", function()
  local q = thread.queue()
  local t = thread.start(function()
    local got = {}
    for item in q:items() do got[#got + 1] = item end
    return got
  end)
  for i = 1, 5 do
    q:put(i)
    thread.yield()
  end
  q:close()
  eq(join(t), {1, 2, 3, 4, 5})
end)

test("items gives false like any value", function()
  local q = thread.queue()
  for _, v in ipairs {1, false, 2} do q:put(v) end
  q:close()
  local n = 0
  for v in q:items() do n = n + 1 end
  eq(n, 3)
end)

test("several getters: each item once, none twice", function()
  local q, seen, threads = thread.queue(5), {}, {}
  for i = 1, 8 do
    threads[i] = thread.start(function()
      local n = 0
      for item in q:items() do
        eq(seen[item], nil, "twice")
        seen[item] = true
        n = n + 1
        thread.yield()
      end
      return n
    end)
  end
  for i = 1, 500 do q:put(i) end
  q:close()
  local total = 0
  for i = 1, 8 do
    local n = join(threads[i])
    assert(n > 0, "getter " .. i .. " got none of 500: the queue is not fair")
    total = total + n
  end
  eq(total, 500)
end)

test("several putters: each one's items stay in order", function()
  local q, last, threads = thread.queue(3), {0, 0, 0}, {}
  for i = 1, 3 do
    threads[i] = thread.start(function() for n = 1, 100 do q:put({i, n}) end end)
  end
  for _ = 1, 300 do
    local item = q:get(5)
    eq(item[2], last[item[1]] + 1)
    last[item[1]] = item[2]
  end
  eq(last, {100, 100, 100})
  for i = 1, 3 do join(threads[i]) end
end)

test("those who wait longest get first", function()
  local q, order, threads = thread.queue(), {}, {}
  for i = 1, 5 do
    local started = thread.event()
    threads[i] = thread.start(function()
      started:set()
      order[#order + 1] = {i, q:get()}
    end)
    started:wait()
    thread.yield()
  end
  for i = 1, 5 do q:put(i) end
  for i = 1, 5 do join(threads[i]) end
  for _, o in ipairs(order) do eq(o[2], o[1]) end
end)

test("a pipeline of three stages", function()
  local raw, squared = thread.queue(4), thread.queue(4)
  local first = thread.start(function()
    for i = 1, 50 do raw:put(i) end
    raw:close()
  end)
  local second = thread.start(function()
    for i in raw:items() do squared:put(i * i) end
    squared:close()
  end)
  local sum = 0
  for i in squared:items() do sum = sum + i end
  eq(sum, 42925)
  join(first) join(second)
end)

test("ping and pong ten thousand times", function()
  local ping, pong = thread.queue(), thread.queue()
  local t = thread.start(function() for i in ping:items() do pong:put(i + 1) end end)
  local n = 0
  while n < 10000 do
    ping:put(n)
    n = pong:get(5)
  end
  ping:close()
  join(t)
end)

test("wrong arguments", function()
  local q = thread.queue()
  raises("bad argument #1 to 'get'", q.get, q, "x")
  raises("bad argument #2 to 'put'", q.put, q, 1, {})
  raises("bad argument #1 to 'put'", q.put, q)
  raises("bad argument #1 to 'queue'", thread.queue, "x")
  eq(#q, 0)
end)
