-- Issue 448 again (see closures.lua), where threads, coroutines and waits come into it.

test("in coroutines", function()
  local co = coroutine.wrap(function()
    local n = 0
    local function inc() n = n + 1 end
    while true do
      pcall(function() inc() error("x") end)
      coroutine.yield(n)
      inc()
    end
  end)
  eq({co(), co(), co()}, {1, 3, 5})
end)

test("a failed coroutine leaves its resumer's locals shared", function()
  local n = 0
  local function inc() n = n + 1 end
  local co = coroutine.create(function() inc() error("x") end)
  eq(coroutine.resume(co), false)
  inc()
  n = n + 10
  inc()
  eq(n, 13)
end)

test("locals shared with threads", function()
  if not thread then skip("no threads in this interpreter") end
  local n, gate = 0, thread.event()
  local function inc() n = n + 1 end
  local t = thread.start(function()
    local own = 0
    local function both() own = own + 1 inc() end
    pcall(function() both() gate:wait() both() error("x") end)
    both()
    own = own + 10
    both()
    return own
  end)
  thread.yield()
  pcall(function() inc() error("here") end)
  n = n + 100
  gate:set()
  eq({t:join(5)}, {true, 14})
  inc()
  eq(n, 106)
end)

test("a wait inside the failed call changes nothing", function()
  if not thread then skip("no threads in this interpreter") end
  local n = 0
  local function inc() n = n + 1 end
  local function fail()
    local mine = 0
    local function step() mine = mine + 1 inc() end
    thread.yield()
    step()
    pcall(function() step() thread.yield() error("inner") end)
    mine = mine * 10
    step()
    error(mine)
  end
  eq({pcall(fail)}, {false, 21})
  thread.yield()
  inc()
  eq(n, 4)
end)
