-- debug.sethook: line and count hooks, with which coverage tools and time limits are written.

-- lines runs source, and returns the lines that a line hook is called for.
local function lines(source)
  local seen, fn = {}, loadstring(source, "@traced")
  debug.sethook(function(event, line)
    eq(event, "line")
    if debug.getinfo(2, "S").source == "@traced" then seen[#seen + 1] = line end
  end, "l")
  fn()
  debug.sethook()
  return seen
end

test("lines", function()
  eq(lines("--\nif nil then\n  a = 1\nelse\n  a = 2\nend\n"), {2, 5, 6})
  eq(lines("a = 1\nrepeat\n  a = a + 1\nuntil a == 3\n"), {1, 3, 4, 3, 4})
  eq(lines(" do\n  return\nend\n"), {2})
  eq(lines("for i = 1, 3 do\n  a = i\nend\n"), {1, 2, 1, 2, 1, 2, 1, 3})
  a = nil
end)

test("count", function()
  local n = 0
  debug.sethook(function(event) eq(event, "count") n = n + 1 end, "", 1000)
  for i = 1, 10000 do end
  debug.sethook()
  eq(n >= 10 and n <= 100, true, n)
end)

test("gethook", function()
  eq(debug.gethook(), nil)
  local function f() end
  debug.sethook(f, "l", 5)
  local fn, mask, count = debug.gethook()
  debug.sethook(nil)
  eq({fn, mask, count}, {f, "l", 5})
  eq(debug.gethook(), nil)
  debug.sethook(f, "", 0)
  eq(debug.gethook(), nil, "a hook for nothing is none")
  debug.sethook(f, "", 2^24 - 1)
  eq(select(3, debug.gethook()), 2^24 - 1)
  debug.sethook()
end)

test("what the hook raises is the script's error, and may end a loop", function()
  debug.sethook(function() error("enough", 0) end, "", 1e5)
  local ok, err = pcall(function() while true do end end)
  debug.sethook()
  eq({ok, err}, {false, "enough"})
end)

test("levels and locals of what is traced", function()
  local got
  local function traced(secret)
    local x = secret + 1
    return x
  end
  debug.sethook(function(event, line)
    local name, value = debug.getlocal(2, 1)
    if name == "secret" then got = value end
  end, "l")
  traced(41)
  debug.sethook()
  eq(got, 41)
end)

test("a coroutine's hook is its own", function()
  local n = 0
  local co = coroutine.create(function() for i = 1, 3 do
    coroutine.yield(i)
  end end)
  local function f() n = n + 1 end
  debug.sethook(co, f, "l")
  eq({debug.gethook(co), debug.gethook()}, {f})
  coroutine.resume(co)
  local inside = n
  eq(inside > 0, true)
  local x = 1
  x = x + 1
  eq(n, inside)
  coroutine.resume(co)
  eq(n > inside, true)
  debug.sethook(co)
end)

test("a thread's hook is its own, and ends with it", function()
  local n = 0
  local t = thread.start(function()
    debug.sethook(function() n = n + 1 end, "l")
    local x = 1
    x = x + 1
  end)
  t:join()
  eq(n > 0, true)
  local before = n
  local y = 1
  y = y + 1
  eq(n, before)
end)

test("calls and returns have none", function()
  raises("bad argument #2 to 'sethook' (there are no hooks for calls and returns", debug.sethook, print, "cr")
  raises("bad argument #3 to 'sethook' (count must not be negative, got -1)", debug.sethook, print, "", -1)
  raises("bad argument #1 to 'sethook' (function expected", debug.sethook, 5, "l")
end)

-- A count was refused from 2^24 on, which Lua 5.1 does not.
test("a count may be large", function()
  debug.sethook(print, "", 3e7)
  local _, mask, count = debug.gethook()
  debug.sethook()
  eq({mask, count}, {"", 3e7})
end)
