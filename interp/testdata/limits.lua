-- What a script asks too much of is an error it can catch, and never the end of the host.

local function survives(fn, ...)
  local ok, err = pcall(fn, ...)
  eq(ok, false)
  assert(not tostring(err):find("internal error", 1, true), err)
  return tostring(err)
end

-- The same in a coroutine, whose stack is smaller: reaching the end of the main thread's takes its time.
local function survives_in_coroutine(fn, ...)
  return survives(coroutine.wrap(function(...) return fn(...) end), ...)
end

test("endless recursion is a stack overflow", function()
  local depth = 0
  local function f() depth = depth + 1 return 1 + f() end
  assert(survives(f):find("stack overflow", 1, true))
  assert(depth > 1000, "no deeper than " .. depth)
  local function g(a, b, c) local x, y, z = a, b, c return (g(z, y, x)) end
  for _ = 1, 3 do assert(survives_in_coroutine(g, 1, 2, 3):find("stack overflow", 1, true)) end
end)

test("recursion as deep as is ordinary works", function()
  local function sum(n) if n == 0 then return 0 end return n + sum(n - 1) end
  eq(sum(5000), 12502500)
  local function in_coroutine() return sum(400) end -- coroutines and threads have less
  eq(coroutine.wrap(in_coroutine)(), 80200)
end)

test("tail calls need no stack", function()
  local function loop(n) if n == 0 then return "done" end return loop(n - 1) end
  eq(loop(200000), "done")
end)

test("endless recursion through pcall", function()
  local function f() return pcall(f) end
  f() -- answers something
  local levels = 0
  local function climb()
    levels = levels + 1
    local ok, err = pcall(climb)
    if not ok then error(err, 0) end
  end
  survives(climb)
  assert(levels > 50, "no deeper than " .. levels)
end)

test("endless recursion through metamethods", function()
  local t = setmetatable({}, {})
  getmetatable(t).__index = function(_, k) return t[k] end
  getmetatable(t).__add = function(a, b) return a + b end
  getmetatable(t).__tostring = function(x) return tostring(x) end
  getmetatable(t).__call = function(x, ...) return (x(...)) end
  getmetatable(t).__concat = function(a, b) return a .. b end
  getmetatable(t).__eq = function(a, b) return a == b end
  survives_in_coroutine(function() return t.x end)
  survives_in_coroutine(function() return t + 1 end)
  survives_in_coroutine(function() return tostring(t) end)
  survives_in_coroutine(function() return (t()) end)
  survives_in_coroutine(function() return t .. "x" end)
  survives_in_coroutine(function() return t == setmetatable({}, getmetatable(t)) end)
end)

test("a loop of __index tables", function()
  local a, b = {}, {}
  setmetatable(a, {__index = b})
  setmetatable(b, {__index = a})
  survives_in_coroutine(function() return a.x end)
end)

test("endless recursion through callbacks of library functions", function()
  local function gsub() return (("x"):gsub("x", gsub)) end
  survives_in_coroutine(gsub)
  local function sort() table.sort({2, 1}, sort) end
  survives_in_coroutine(sort)
  local function foreach() for _ in foreach do end end
  survives_in_coroutine(foreach)
  local function x() return xpcall(x, x) end
  x()
end)

test("a handler that fails in its handler in its handler", function()
  local function handler() error("again") end
  eq((xpcall(function() error("x") end, handler)), false)
  local function deep(e) return xpcall(error, deep) end
  xpcall(error, deep)
end)

test("strings too long to make", function()
  survives(string.rep, "x", 2 ^ 40)
  survives(string.rep, "x", 2 ^ 62)
  survives(string.rep, "xyz", 2 ^ 53)
  survives(string.rep, ("x"):rep(1000), 1e12)
  pcall(string.rep, "x", 1e300)
  eq(("x"):rep(0), "")
  eq(("x"):rep(-5), "")
  eq(#("x"):rep(1000000), 1000000)
end)

test("unpack of too much", function()
  survives(unpack, {}, 1, 1e8)
  pcall(unpack, {}, 1, 2 ^ 31) -- no int: an error, or nothing
  pcall(unpack, {}, -2 ^ 31, 2 ^ 31)
  eq(select("#", unpack({}, 1, 100)), 100)
  eq(select("#", unpack({}, 1, 0)), 0)
  eq({unpack({1, 2, 3}, 2)}, {2, 3})
  eq({unpack({1, 2, 3}, 2, 2)}, {2})
end)

test("more values than a call can take", function()
  eq(select("#", (("x"):rep(5000)):byte(1, -1)), 5000)
  survives(function() return string.char(unpack({}, 1, 1e7)) end)
  local function count(...) return select("#", ...) end
  eq(count(unpack({}, 1, 200)), 200)
end)

-- No other thread runs meanwhile: whoever lets the time grow with the square of the length stops a whole server.
test("what is long is not slow", function()
  local s = ("x"):rep(60000)
  for name, work in pairs {
    ["gsub with a string"] = function() eq((s:gsub("x", "yz")), ("yz"):rep(60000)) end,
    ["gsub with a function"] = function() eq((s:gsub(".", function(c) return c .. "!" end)), ("x!"):rep(60000)) end,
    ["gmatch"] = function() for _ in s:gmatch("x") do end end,
    ["byte"] = function() pcall(function() return (s .. s .. s):byte(1, -1) end) end,
  } do
    local begin = os.clock()
    work()
    local took = os.clock() - begin
    assert(took < 0.5, name .. " took " .. took .. " seconds")
  end
end)

test("string.format with absurd widths", function()
  for _, f in ipairs {"%999999999d", "%.999999999f", "%-99999999s", "%099999999d"} do
    local ok, s = pcall(string.format, f, 1)
    assert(not ok or #s < 1e7, f .. " made " .. (ok and #s or 0) .. " bytes")
  end
end)

test("source nested too deep", function()
  for _, pair in ipairs {{"(", ")"}, {"{", "}"}, {"-", ""}, {"not ", ""}, {"function() return ", " end"}} do
    local f, err = loadstring("return " .. pair[1]:rep(5000) .. "1" .. pair[2]:rep(5000))
    assert(type(f) == "function" or type(err) == "string")
  end
  local f = loadstring("local a = 1 " .. ("do "):rep(5000) .. ("end "):rep(5000))
  f = loadstring("return " .. ("'a' .. "):rep(5000) .. "'a'")
end)

test("more locals, upvalues or constants than fit", function()
  local t = {}
  for i = 1, 300 do t[i] = "local v" .. i .. " = " .. i end
  local f, err = loadstring(table.concat(t, "\n"))
  eq(f, nil, "Lua's limit is 200 locals")
  eq(type(err), "string")
  t = {"local t = {"}
  for i = 1, 2000 do t[#t + 1] = "'constant " .. i .. "'," end
  t[#t + 1] = "} return #t, t[2000]"
  eq({assert(loadstring(table.concat(t)))()}, {2000, "constant 2000"})
end)

test("a long table constructor is whole, or an error: never cut short", function()
  for _, n in ipairs {1000, 25550, 25551, 30000} do
    local f = loadstring("local t = {" .. ("'x',"):rep(n) .. "} return #t, t[" .. n .. "]")
    if f then eq({f()}, {n, "x"}) end
  end
end)

test("tables of a negative, huge or broken size", function()
  local t = {}
  t[2 ^ 53] = "far"
  t[-1] = "negative"
  t[1.5] = "between"
  eq({t[2 ^ 53], t[-1], t[1.5], #t}, {"far", "negative", "between", 0})
  t[1e308] = 1
  t[-1 / 0] = 2
  eq(t[-1 / 0], 2)
  survives(function() t[nil] = 1 end)
  survives(function() t[0 / 0] = 1 end)
  survives(rawset, t, nil, 1)
  eq({t[nil], t[0 / 0]}, {nil, nil})
end)

test("bad arguments of the libraries do not crash", function()
  for _, fn in ipairs {string.rep, string.sub, string.byte, string.char, string.format, table.concat, table.insert, table.remove, table.sort, unpack, next, math.random, math.floor, math.fmod, tonumber, select, setmetatable} do
    for _, args in ipairs {{}, {{}}, {"x", {}}, {{}, 0 / 0, 1}, {{}, 1 / 0, 1}, {"x", 1 / 0}, {"x", 0 / 0}, {-1 / 0, 1 / 0}, {print, print}} do
      local _, err = pcall(fn, unpack(args))
      assert(not tostring(err):find("internal error", 1, true), err)
    end
  end
  survives(string.rep, "x", 1 / 0)
end)
