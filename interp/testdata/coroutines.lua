-- Coroutines as Lua 5.1 has them, and what happens where a yield cannot cross.

test("values go in and out", function()
  local co = coroutine.create(function(a, b)
    local c = coroutine.yield(a + b)
    local d, e = coroutine.yield(c * 2)
    return d, e, nil
  end)
  eq({coroutine.resume(co, 1, 2)}, {true, 3})
  eq({coroutine.resume(co, 10)}, {true, 20})
  eq({n = select("#", coroutine.resume(co, "d", "e"))}, {n = 4})
  local ok, message = coroutine.resume(co)
  eq(ok, false)
  assert(message:find("dead", 1, true), message)
end)

test("nil among the values is not lost", function()
  local co = coroutine.create(function(...)
    local n = select("#", ...)
    n = n + select("#", coroutine.yield(nil, nil))
    return n
  end)
  eq(select("#", coroutine.resume(co, nil, nil, nil)), 3)
  eq({coroutine.resume(co, nil)}, {true, 4})
end)

test("status: suspended, running, normal, dead", function()
  local seen = {}
  local outer, inner
  inner = coroutine.create(function()
    seen[#seen + 1] = coroutine.status(inner)
    seen[#seen + 1] = coroutine.status(outer)
    coroutine.yield()
  end)
  outer = coroutine.create(function()
    coroutine.resume(inner)
    seen[#seen + 1] = coroutine.status(inner)
  end)
  eq(coroutine.status(outer), "suspended")
  eq(coroutine.resume(outer), true)
  eq(seen, {"running", "normal", "suspended"})
  eq(coroutine.status(outer), "dead")
  local failed = coroutine.create(function(e) error(e) end)
  coroutine.resume(failed, "x")
  eq(coroutine.status(failed), "dead")
end)

test("running gives the coroutine itself", function()
  local co
  co = coroutine.create(function()
    local itself = coroutine.running()
    eq(itself == co, true)
    coroutine.wrap(function() eq(coroutine.running() == co, false) end)()
    eq(coroutine.running() == co, true, "after another one has run")
    pcall(error, "x")
    eq(coroutine.running() == co, true, "after a caught error")
    coroutine.yield()
    eq(coroutine.running() == co, true, "after a yield")
    return "checked"
  end)
  eq({coroutine.resume(co)}, {true})
  eq({coroutine.resume(co)}, {true, "checked"})
end)

test("an error is resume's second answer, the object itself", function()
  local thrown = {}
  local ok, err = coroutine.resume(coroutine.create(function() error(thrown) end))
  eq({ok, err == thrown}, {false, true})
  ok, err = coroutine.resume(coroutine.create(function() error("x") end))
  assert(not ok and err:find("coroutines%.lua:%d+: x"), tostring(err))
  ok, err = coroutine.resume(coroutine.create(function() coroutine.yield(1) error(thrown) end))
  eq({ok, err}, {true, 1})
end)

test("wrap raises the error on", function()
  local thrown = {}
  local f = coroutine.wrap(function() coroutine.yield(1) error(thrown) end)
  eq(f(), 1)
  local ok, err = pcall(f)
  eq({ok, err == thrown}, {false, true})
  raises("dead", f)
  f = coroutine.wrap(function() error("text") end)
  ok, err = pcall(f)
  assert(not ok and tostring(err):find("text", 1, true), tostring(err))
  eq({pcall(function() return "alive" end)}, {true, "alive"})
end)

test("an error goes up through nested coroutines, as far as nobody catches it", function()
  local thrown = {}
  local f = coroutine.wrap(function()
    local ok, err = pcall(coroutine.wrap(function() coroutine.wrap(function() error(thrown) end)() end))
    coroutine.yield(ok, err)
    error(thrown)
  end)
  local ok, err = f()
  eq({ok, err == thrown}, {false, true})
  ok, err = pcall(f)
  eq({ok, err == thrown}, {false, true})
end)

test("resume of the running and of the normal one answers false", function()
  local outer
  outer = coroutine.create(function()
    local self_ok = coroutine.resume(coroutine.running())
    local outer_ok = coroutine.wrap(function() return (coroutine.resume(outer)) end)()
    return self_ok, outer_ok
  end)
  eq({coroutine.resume(outer)}, {true, false, false})
end)

test("yield outside of a coroutine is an error", function()
  raises("attempt to yield", coroutine.yield, 1)
end)

test("generators in for", function()
  local function range(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end end) end
  local sum = 0
  for i, square in range(10) do sum = sum + i + square end
  eq(sum, 440)
  local function permute(a, n)
    if n == 0 then return coroutine.yield(table.concat(a)) end
    for i = 1, n do
      a[n], a[i] = a[i], a[n]
      permute(a, n - 1)
      a[n], a[i] = a[i], a[n]
    end
  end
  local count = 0
  for _ in coroutine.wrap(function() permute({"a", "b", "c", "d"}, 4) end) do count = count + 1 end
  eq(count, 24)
end)

test("yield from deep calls, loops and varargs", function()
  local function deep(n)
    if n == 0 then return coroutine.yield("bottom") end
    return (deep(n - 1))
  end
  local co = coroutine.wrap(function(...)
    local got = deep(50)
    for _, v in ipairs {...} do coroutine.yield(v) end
    return got
  end)
  eq(co("a", "b"), "bottom")
  eq({co("answer"), co(), co()}, {"a", "b", "answer"})
end)

-- A coroutine that yields inside `through` gets an error it can see; everything goes on afterwards.
local function cannot_yield_across(through)
  local co = coroutine.create(function()
    local ok, err = pcall(through)
    return ok, tostring(err)
  end)
  local resumed, ok, err = coroutine.resume(co)
  eq(resumed, true, tostring(ok))
  eq(coroutine.status(co), "dead", "it ran to its end: nothing was yielded")
  if ok then return err end
  assert(err:find("attempt to yield across", 1, true), err)
end

test("yield across pcall", function()
  local co = coroutine.create(function() return pcall(coroutine.yield, 1) end)
  local resumed, ok, err = coroutine.resume(co)
  eq({resumed, ok}, {true, false})
  assert(tostring(err):find("attempt to yield across", 1, true), tostring(err))
  co = coroutine.create(function()
    local ok1, err1 = pcall(function() coroutine.yield(1) end)
    coroutine.yield(ok1) -- outside of pcall it works as ever
    return tostring(err1)
  end)
  eq({coroutine.resume(co)}, {true, false})
  local _, text = coroutine.resume(co)
  assert(text:find("attempt to yield across", 1, true), text)
end)

test("yield across xpcall", function()
  local co = coroutine.create(function() return xpcall(function() coroutine.yield() end, tostring) end)
  local resumed, ok, err = coroutine.resume(co)
  eq({resumed, ok}, {true, false})
  assert(err:find("attempt to yield across", 1, true), err)
end)

test("yield across metamethods", function()
  local y = function() return coroutine.yield() end
  local t = setmetatable({}, {__index = y, __newindex = y, __add = y, __concat = y, __unm = y, __lt = y, __le = y, __eq = y, __tostring = y})
  local u = setmetatable({}, getmetatable(t))
  cannot_yield_across(function() return t.x end)
  cannot_yield_across(function() t.x = 1 end)
  cannot_yield_across(function() return t + 1 end)
  cannot_yield_across(function() return t .. "x" end)
  cannot_yield_across(function() return -t end)
  cannot_yield_across(function() return t < u end)
  cannot_yield_across(function() return t <= u end)
  cannot_yield_across(function() return t == u end)
  cannot_yield_across(function() return tostring(t) end)
end)

test("yield across iterators, sort, gsub and require", function()
  cannot_yield_across(function() for _ in function() return coroutine.yield() end do end end)
  cannot_yield_across(function() table.sort({3, 1, 2}, function(a, b) coroutine.yield() return a < b end) end)
  cannot_yield_across(function() return (("abc"):gsub(".", coroutine.yield)) end)
  package.preload["conformance.yields"] = function() coroutine.yield() end
  cannot_yield_across(function() require("conformance.yields") end)
  package.preload["conformance.yields"] = nil
end)

test("a yield that cannot cross, uncaught, ends its coroutine only", function()
  for _, through in ipairs {
    function() table.sort({2, 1}, function() coroutine.yield() end) end,
    function() for _ in function() coroutine.yield() end do end end,
    function() return setmetatable({}, {__index = function() coroutine.yield() end}).x end,
  } do
    local co = coroutine.create(through)
    local ok, err = coroutine.resume(co)
    eq(ok, false)
    assert(tostring(err):find("attempt to yield across", 1, true), tostring(err))
    eq(coroutine.status(co), "dead")
  end
end)

test("a coroutine inside pcall may yield to its own resumer", function()
  local ok, a, b = pcall(function()
    local f = coroutine.wrap(function() coroutine.yield(1) coroutine.yield(2) end)
    return f(), f()
  end)
  eq({ok, a, b}, {true, 1, 2})
end)

test("ten thousand coroutines, most of them never finished", function()
  local cos = {}
  for i = 1, 10000 do
    cos[i] = coroutine.wrap(function() while true do coroutine.yield(i) end end)
    eq(cos[i](), i)
  end
  eq(cos[5000](), 5000)
end)

test("coroutines recursing into each other end in an error, not in a crash", function()
  local function nest(n)
    if n == 0 then return "bottom" end
    return coroutine.wrap(nest)(n - 1)
  end
  eq(nest(100), "bottom")
  local function forever() return coroutine.wrap(forever)() end
  eq(pcall(forever), false)
end)
