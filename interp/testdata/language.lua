-- The language: what every script takes for granted.

test("arithmetic", function()
  eq({7 / 2, 7 % 3, -7 % 3, 7 % -3, 2 ^ 10, -2 ^ 2}, {3.5, 1, 2, -2, 1024, -4})
  eq({5.5 % 2, -5.5 % 2, 2 ^ 0.5 * 2 ^ 0.5 > 1.99, 2 ^ -1}, {1.5, 0.5, true, 0.5})
  eq({"10" + 5, "3" * "4", 10 .. 20, -"2"}, {15, 12, "1020", -2})
  eq({2 ^ 53 + 1 == 2 ^ 53, 0.1 + 0.2 == 0.3, 1e15 + 0.5 == 1e15}, {true, false, false})
  eq({0x10, 0xff, 1e3, .5, 3., 5e-1}, {16, 255, 1000, 0.5, 3, 0.5})
end)

test("infinity and not-a-number", function()
  eq(math.huge == 1 / 0, true)
  eq({1 / 0 > 1.7e308, -1 / 0 < -1.7e308, math.huge == math.huge + 1}, {true, true, true})
  local nan = 0 / 0
  eq({nan == nan, nan ~= nan, nan < 1, nan > 1}, {false, true, false, false})
  eq({math.huge - math.huge ~= 0, 1 / math.huge, 1 / -0 == 1 / 0 or 1 / -0 == -1 / 0}, {true, 0, true})
end)

test("comparison", function()
  eq({1 < 2, "a" < "b", "a" < "B", "" < "a", "a\0a" < "a\0b", "Z" < "a"}, {true, true, false, true, true, true})
  eq({1 == "1", "x" == "x", nil == false, 0 == -0}, {false, true, false, true})
  raises("attempt to compare", function() return 1 < "2" end)
  raises("attempt to compare", function() return {} < {} end)
  raises("attempt to compare", function() return nil < 1 end)
end)

test("and, or, not", function()
  eq({nil and 1, false or "x", 1 and 2, nil or false, not nil, not 0, not ""}, {nil, "x", 2, false, true, false, false})
  local called = false
  local _ = true or (function() called = true end)()
  eq(called, false)
end)

test("precedence", function()
  eq({2 + 3 * 4 ^ 2 / 2, -3 ^ 2, not 1 == 2, "a" .. "b" == "ab", 2 ^ 3 ^ 2, 1 .. 2 .. 3}, {26, -9, false, true, 512, "123"})
  eq({1 < 2 == true, #"abc" + 1, -#"abc", 5 - 3 - 1}, {true, 4, -3, 1})
end)

test("numeric for", function()
  local function collect(a, b, c)
    local t = {}
    for i = a, b, c or 1 do t[#t + 1] = i end
    return t
  end
  eq(collect(1, 3), {1, 2, 3})
  eq(collect(3, 1), {})
  eq(collect(3, 1, -1), {3, 2, 1})
  eq(collect(1, 2, 0.25), {1, 1.25, 1.5, 1.75, 2})
  local n = 0
  for i = 1, math.huge do
    n = i
    if i == 10 then break end
  end
  eq(n, 10)
  for i = 1, 3 do i = i * 10 end -- the loop counts for itself
  raises("must be a number", function() for _ = 1, {} do end end)
end)

test("while, repeat, break", function()
  local i = 0
  while true do
    i = i + 1
    if i == 5 then break end
  end
  eq(i, 5)
  repeat
    local done = i == 8
    i = i + 1
  until done -- the condition sees the body's locals
  eq(i, 9)
end)

test("assignment", function()
  local a, b, c = 1, 2
  eq({a, b, c}, {1, 2, nil})
  local t, i = {1, 2}, 1
  i, t[i] = 2, "x" -- t[1]: the index is looked at first
  eq({i, t[1], t[2]}, {2, "x", 2})
  local function three() return 1, 2, 3 end
  local x, y, z, w = three()
  eq({x, y, z, w}, {1, 2, 3, nil})
  x, y, z = three(), 10
  eq({x, y, z}, {1, 10, nil})
  x, y = (three())
  eq({x, y}, {1, nil})
end)

test("an assignment reads everything before it writes anything", function()
  local a, b, c = 1, 2, 3
  a, b = b, a -- gopher-lua issue 440: both were 2
  eq({a, b}, {2, 1})
  a, b, c = b, c, a
  eq({a, b, c}, {1, 3, 2})
  a, b = a + 1, a + b
  eq({a, b}, {2, 4})
  local t = {1, 2}
  t[1], t[2] = t[2], t[1]
  eq(t, {2, 1})
  local function swap(x, y) x, y = y, x return x, y end
  eq({swap(1, 2)}, {2, 1})
  local i, u = 1, {}
  i, u[i] = i + 1, 20
  eq({i, u[1], u[2]}, {2, 20, nil})
  local captured = function() return a, b end
  a, b = b, a
  eq({captured()}, {4, 2})
  a, t[1] = t[1], a
  eq({a, t[1]}, {2, 4})
  a, b = (function() return b, a end)()
  eq({a, b}, {2, 2})
  conformance_x, conformance_y = 1, 2
  conformance_x, conformance_y = conformance_y, conformance_x
  eq({conformance_x, conformance_y}, {2, 1})
  conformance_x, conformance_y = nil, nil
end)

test("varargs", function()
  local function f(...)
    local a, b = ...
    return select("#", ...), a, b, {...}, (...)
  end
  eq({f(1, nil, 3)}, {3, 1, nil, {1, nil, 3}, 1})
  eq({(function(...) return ... end)()}, {})
  eq(#{(function(...) return ..., ... end)(1, 2)}, 3)
end)

test("method calls, strings as objects", function()
  local account = {balance = 0}
  function account:deposit(n) self.balance = self.balance + n return self end
  eq(account:deposit(5):deposit(6).balance, 11)
  eq({("x"):rep(3), ("%d"):format(5), #"abc", ("abc"):upper()}, {"xxx", "5", 3, "ABC"})
  local t = {f = {g = {}}}
  function t.f.g.h(x) return x end
  function t.f.g:m(x) return self == t.f.g and x end
  eq({t.f.g.h(1), t.f.g:m(2)}, {1, 2})
  eq({type {}, (type "x")}, {"table", "string"})
end)

test("string escapes and long strings", function()
  eq("\65\066\67\n\t\\\"\'\a\b\f\r\v\0x", "ABC\010\009\092\034\039\007\008\012\013\011\000x")
  eq([[
one
[two] ]] .. [==[]]]=]]==], "one\n[two] ]]]=]")
  eq("a\
b", "a\nb")
  eq(#"\0\0\0", 3)
  eq(#"日本", 6)
end)

test("tables", function()
  local t = {1, 2, nil, 4, x = 5, ["a b"] = 6, [10] = 7, [1.5] = 8; 9}
  eq({t[1], t[2], t[3], t[4], t[5], t.x, t["a b"], t[10], t[1.5]}, {1, 2, nil, 4, 9, 5, 6, 7, 8})
  eq(#{1, 2, 3}, 3)
  eq(#{}, 0)
  eq(#{n = 1}, 0)
  local key = {}
  t[key], t[true], t[print] = 1, 2, 3
  eq({t[key], t[true], t[print], t[{}]}, {1, 2, 3, nil})
  t[2 ^ 53] = "big"
  eq(t[2 ^ 53], "big")
  t["1"] = "text"
  eq({t[1], t["1"]}, {1, "text"})
  for i = 1, 1000 do t[i] = i end
  for i = 1000, 501, -1 do t[i] = nil end
  eq(#t, 500)
end)

test("metatables: arithmetic, comparison, length, call", function()
  local V = {}
  V.__index = V
  local function new(x) return setmetatable({x = x}, V) end
  local function num(v) return type(v) == "table" and v.x or v end
  V.__add = function(a, b) return new(num(a) + num(b)) end
  V.__sub = function(a, b) return new(num(a) - num(b)) end
  V.__mul = function(a, b) return new(num(a) * num(b)) end
  V.__div = function(a, b) return new(num(a) / num(b)) end
  V.__mod = function(a, b) return new(num(a) % num(b)) end
  V.__pow = function(a, b) return new(num(a) ^ num(b)) end
  V.__unm = function(a) return new(-a.x) end
  V.__concat = function(a, b) return tostring(num(a)) .. "&" .. tostring(num(b)) end
  V.__eq = function(a, b) return a.x == b.x end
  V.__lt = function(a, b) return num(a) < num(b) end
  V.__le = function(a, b) return num(a) <= num(b) end
  V.__call = function(self, ...) return self.x, select("#", ...) end
  V.__tostring = function(self) return "V" .. self.x end
  local a, b = new(7), new(2)
  eq({(a + b).x, (a - 1).x, (2 * a).x, (a / b).x, (a % b).x, (a ^ b).x, (-a).x}, {9, 6, 14, 3.5, 1, 49, -7})
  eq({a .. b, a .. 1, "s" .. a, 1 .. a}, {"7&2", "7&1", "s&7", "1&7"})
  eq({a == new(7), a ~= new(7), a == b, a == 7, a < b, a > b, a <= b, a >= b}, {true, false, false, false, false, true, false, true})
  eq({a(1, nil)}, {7, 2})
  eq(tostring(a), "V7")
  eq(rawequal(a, new(7)), false)
end)

test("metatables: __index, __newindex, rawget, rawset, __metatable", function()
  local log = {}
  local base = {inherited = "yes"}
  local t = setmetatable({own = 1}, {__index = base, __newindex = function(tbl, k, v) log[#log + 1] = k rawset(tbl, k, v) end})
  eq({t.own, t.inherited, t.none, rawget(t, "inherited")}, {1, "yes", nil, nil})
  t.fresh, t.own = 2, 3
  t.fresh = 4 -- is there by now
  eq(log, {"fresh"})
  local proxy = setmetatable({}, {__index = function(_, k) return k .. "!" end, __newindex = base})
  eq(proxy.x, "x!")
  proxy.y = 5
  eq({rawget(proxy, "y"), base.y}, {nil, 5})
  local locked = setmetatable({}, {__metatable = "locked"})
  eq(getmetatable(locked), "locked")
  raises("protected metatable", setmetatable, locked, {})
  eq(getmetatable("").__index == string, true)
end)

test("environments", function()
  local f = function() return conformance_global end
  eq(f(), nil)
  setfenv(f, {conformance_global = "own"})
  eq(f(), "own")
  eq(getfenv(f).conformance_global, "own")
  eq(_G._G == _G, true)
  conformance_global = 1
  eq(rawget(_G, "conformance_global"), 1)
  conformance_global = nil
end)

test("errors of the language can be caught and say what they are", function()
  local none, t = nil, {}
  raises("attempt to index", function() return none.x end)
  raises("attempt to index", function() none.x = 1 end)
  raises("attempt to call", function() none() end)
  raises("attempt to call", function() t.x() end)
  raises("attempt to call", function() t:method() end)
  eq(pcall(function() return t + 1 end), false)
  eq(pcall(function() return "abc" + 1 end), false)
  eq(pcall(function() return t .. "x" end), false)
  eq(pcall(function() return none .. "x" end), false)
  eq(pcall(function() return #none end), false)
  eq(pcall(function() return -t end), false)
end)

test("_VERSION", function()
  eq(_VERSION, "Lua 5.1")
end)
