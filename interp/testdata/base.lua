-- The basic functions, tables, numbers and math.

test("select", function()
  eq({select("#"), select("#", nil), select("#", 1, nil, nil)}, {0, 1, 3})
  eq({select(2, "a", "b", "c")}, {"b", "c"})
  eq({select(4, "a", "b", "c")}, {})
  eq({select(-2, "a", "b", "c")}, {"b", "c"})
  raises("bad argument #1", select, 0)
  raises("bad argument #1", select, -5, 1)
  local function last(...) return (select(select("#", ...), ...)) end
  eq(last(1, nil, 3), 3)
end)

test("pairs visits everything once, ipairs up to the first hole", function()
  local t, seen, n = {1, 2, 3, x = 4, y = 5, [10] = 6, [1.5] = 7, [false] = 8}, {}, 0
  for k, v in pairs(t) do
    eq(seen[k], nil)
    seen[k] = v
    n = n + 1
  end
  eq(n, 8)
  eq(seen, t)
  local list = {}
  for i, v in ipairs {1, 2, nil, 4} do list[i] = v end
  eq(list, {1, 2})
  for _ in pairs {} do error("not empty") end
  raises("bad argument #1", pairs)
  raises("bad argument #1", ipairs)
end)

test("fields may be cleared and changed during a traversal", function()
  local t = {}
  for i = 1, 100 do t[i], t["k" .. i] = i, i end
  local n = 0
  for k, v in pairs(t) do
    n = n + 1
    if v % 2 == 0 then t[k] = nil else t[k] = -v end
  end
  eq(n, 200)
  local left = 0
  for _, v in pairs(t) do
    assert(v < 0)
    left = left + 1
  end
  eq(left, 100)
end)

test("next", function()
  eq({next {}}, {nil})
  eq({next {5}}, {1, 5})
  eq({next({5}, 1)}, {nil})
  eq(next({}, nil), nil)
  eq(pcall(next, {}, "no such key"), false)
  eq(pcall(next), false)
end)

test("type, rawequal, rawget, rawset", function()
  eq({type(nil), type(1), type("x"), type(true), type {}, type(print), type(coroutine.create(function() end))},
    {"nil", "number", "string", "boolean", "table", "function", "thread"})
  raises("bad argument #1", type)
  eq({rawequal("a", "a"), rawequal({}, {}), rawget({5}, 1)}, {true, false, 5})
  local t = setmetatable({}, {__newindex = error})
  eq(rawset(t, 1, "x") == t, true)
  eq(t[1], "x")
end)

test("setmetatable takes tables only", function()
  local refused = not pcall(setmetatable, 1, {})
  debug.setmetatable(1, nil) -- or every number would keep it
  eq(refused, true)
  eq(pcall(setmetatable, {}), false)
  eq(pcall(setmetatable, {}, 1), false)
  local t = setmetatable({}, {})
  eq({getmetatable(setmetatable(t, nil)), getmetatable(1), getmetatable(nil)}, {nil, nil, nil})
end)

test("tostring and tonumber", function()
  eq({tonumber("10"), tonumber(" 10 "), tonumber("\t-5\n"), tonumber("0x10"), tonumber("0XfF"), tonumber("1e3"), tonumber("1.5e-2"), tonumber(".5"), tonumber("5."), tonumber(7)},
    {10, 10, -5, 16, 255, 1000, 0.015, 0.5, 5, 7})
  for _, bad in ipairs {"", " ", "abc", "10a", "1 2", "- 1", "0x", "1e", "1..2", "--1", "1_0", "0b1", "1,5"} do eq(tonumber(bad), nil, bad) end
  eq({tonumber("1E2"), tonumber("+5"), tonumber("007"), tonumber("1e+2")}, {100, 5, 7, 100})
  eq({tonumber("ff", 16), tonumber("FF", 16), tonumber("777", 8), tonumber("zz", 36), tonumber("1010", 2), tonumber("10", 10)}, {255, 255, 511, 1295, 10, 10})
  eq({tonumber("8", 8), tonumber("g", 16), tonumber("", 16), tonumber("1.5", 16)}, {nil, nil, nil, nil})
  eq({tonumber(nil), tonumber({}), tonumber(true), tonumber(print)}, {nil, nil, nil, nil})
  raises("bad argument #1", tonumber)
  eq(pcall(tonumber, "1", 1), false)
  eq(pcall(tonumber, "1", 37), false)
  eq({tostring(nil), tostring(true), tostring("x")}, {"nil", "true", "x"})
  eq(tonumber("12345678901234567890") > 1.2e19, true, "no integer overflow")
  eq({tonumber("0xffffffff"), "0x10" + 0}, {4294967295, 16})
end)

test("table.insert and table.remove", function()
  local t = {}
  table.insert(t, "a")
  table.insert(t, "c")
  table.insert(t, 2, "b")
  table.insert(t, 1, "start")
  eq(t, {"start", "a", "b", "c"})
  eq({table.remove(t), table.remove(t, 1), table.remove(t, 2)}, {"c", "start", "b"})
  eq(t, {"a"})
  eq({table.remove(t), table.remove(t)}, {"a", nil})
  eq(pcall(table.insert, t), false)
  eq(pcall(table.insert, t, 1, 2, 3), false)
  raises("bad argument #1", table.insert, nil, 1)
end)

test("table.concat", function()
  eq({table.concat {}, table.concat({"a", "b"}, ", "), table.concat({1, 2.5, "x"}, "-"), table.concat({"a", "b", "c"}, "", 2), table.concat({"a", "b", "c"}, "+", 2, 3), table.concat({"a"}, "", 2)},
    {"", "a, b", "1-2.5-x", "bc", "b+c", ""})
  eq(pcall(table.concat, {"a", {}, "b"}), false)
  eq(pcall(table.concat, {"a", nil, "b"}, "", 1, 3), false)
end)

test("table.sort", function()
  local t = {5, 2, 8, 1, 9, 3}
  table.sort(t)
  eq(t, {1, 2, 3, 5, 8, 9})
  table.sort(t, function(a, b) return a > b end)
  eq(t, {9, 8, 5, 3, 2, 1})
  t = {"banana", "apple", "Cherry"}
  table.sort(t)
  eq(t, {"Cherry", "apple", "banana"})
  t = {}
  for i = 1, 500 do t[i] = i * 7919 % 503 end
  table.sort(t)
  for i = 2, 500 do assert(t[i - 1] <= t[i]) end
  raises("attempt to compare", table.sort, {1, "x", 2})
  raises("from the comparison", table.sort, {3, 1, 2}, function() error("from the comparison") end)
  pcall(table.sort, {3, 1, 2, 5, 4}, function() return true end) -- no order at all: an error or some order, no crash
end)

test("table.maxn, unpack", function()
  eq({table.maxn {}, table.maxn {1, 2, [10] = 1}, table.maxn {[2.5] = 1}}, {0, 10, 2.5})
  eq({unpack {1, 2, 3}}, {1, 2, 3})
  eq(select("#", unpack({1, nil, 3}, 1, 3)), 3)
end)

test("math", function()
  eq({math.floor(1.7), math.floor(-1.2), math.ceil(1.2), math.ceil(-1.7), math.abs(-3), math.max(1, 5, 3), math.min(4, 2, 8)}, {1, -2, 2, -1, 3, 5, 2})
  eq({math.sqrt(16), math.fmod(7, 3), math.fmod(-7, 3), math.pow(2, 8), math.exp(0), math.log(1), math.log10(1000)}, {4, 1, -1, 256, 1, 0, 3})
  eq({math.modf(3.7) == 3, select(2, math.modf(-2.5)), math.frexp(8)}, {true, -0.5, 0.5, 4})
  eq({math.ldexp(0.5, 4), math.deg(math.pi), math.rad(180) == math.pi, math.sin(0), math.cos(0), math.atan2(0, 1)}, {8, 180, true, 0, 1, 0})
  eq(math.huge, 1 / 0)
  eq({math.floor(2 ^ 40 + 0.5), math.floor(1e300) == 1e300}, {2 ^ 40, true})
  eq(pcall(math.max), false)
  raises("bad argument #1", math.floor, "x")
end)

test("math.random", function()
  math.randomseed(42)
  local a = {math.random(), math.random(100), math.random(5, 6)}
  math.randomseed(42)
  eq({math.random(), math.random(100), math.random(5, 6)}, a, "the same seed, the same numbers")
  for _ = 1, 200 do
    local x, y, z = math.random(), math.random(3), math.random(-2, 2)
    assert(x >= 0 and x < 1 and y >= 1 and y <= 3 and y % 1 == 0 and z >= -2 and z <= 2)
  end
  eq({math.random(1), math.random(7, 7)}, {1, 7})
  eq(pcall(math.random, 0), false)
  eq(pcall(math.random, 2, 1), false)
end)

test("collectgarbage does not fail", function()
  collectgarbage()
  collectgarbage("collect")
  eq(type(collectgarbage("count")), "number")
end)
