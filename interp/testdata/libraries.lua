-- What the libraries do that Lua 5.1 leaves open, or that is better here.

test("print, tostring, concat, format and '..' write numbers alike", function()
  for _, x in ipairs {0, -1, 1.5, 1 / 3, 0.1, 123456789.5, 2 ^ 53, 2 ^ 53 + 2, 1e15, 1e16, 1e100, 1e-7, -2.5e-300, 2 ^ 62, 2 ^ 63, 2 ^ 64} do
    eq({tostring(x), table.concat {x}, ("%s"):format(x), (("x"):gsub("x", x)), ("").rep(x, 1)}, {x .. "", x .. "", x .. "", x .. "", x .. ""})
  end
  eq({tostring(1 / 0), tostring(-1 / 0), tostring(0 / 0), ("%s %d %5.1f|%x"):format(1 / 0, -1 / 0, 1 / 0, 1 / 0), table.concat {1 / 0}},
    {"inf", "-inf", "nan", "inf -inf   inf|inf", "inf"})
end)

test("tonumber reads what Lua writes, and no more", function()
  for _, bad in ipairs {"inf", "nan", "-inf", "infinity", "0x", "0xg", "1e", "1_000", "0b1", "0o7", "1 2", "+-1", "1\0", "0x1p", ".", "e1"} do eq(tonumber(bad), nil, bad) end
  eq({tonumber("0x1p4"), tonumber("0x.8"), tonumber("-0xff"), tonumber("1e999"), tonumber("\v\f 7\r")}, {16, 0.5, -255, 1 / 0, 7})
  eq({tonumber("-ff", 16), tonumber("0xff", 16), tonumber("7fffffffffffffffff", 16) > 1e20}, {-255, 255, true})
end)

test("format: integers that C has no room for, and zero bytes", function()
  eq({("%d"):format(2 ^ 63), ("%d"):format(-1e20), ("%x"):format(2 ^ 64), ("%u"):format(1e20)},
    {"9223372036854775808", "-100000000000000000000", "10000000000000000", "100000000000000000000"})
  eq({("%c%c"):format(0, 65), ("%3c|%-3c|"):format(65, 66), ("%s|%3s"):format("a\0b", "\0")}, {"\0A", "  A|B  |", "a\0b|  \0"})
  eq({("%s %s %s"):format(nil, true, setmetatable({}, {__tostring = function() return "mine" end}))}, {"nil true mine"})
end)

test("patterns may hold zero bytes", function()
  eq({("a\0b"):find("\0"), ("a\0b\0"):match("[\0b]+"), (("a\0b"):gsub("%z", "z"))}, {2, "\0b\0", "azb"})
  eq({("a\0b"):find("a\0b")}, {1, 3})
end)

test("a sort that fails leaves the list as it was", function()
  local t, n = {5, 4, 3, 2, 1}, 0
  raises("enough", table.sort, t, function(a, b)
    n = n + 1
    if n == 5 then error("enough") end
    return a < b
  end)
  eq(t, {5, 4, 3, 2, 1})
end)

test("callbacks of sort, gsub, foreach and tostring may wait", function()
  local thread = require "thread"
  local asked, answers = thread.queue(), thread.queue()
  local other = thread.start(function()
    for question in asked:items() do answers:put(question) end
  end)
  local function ask(question)
    asked:put(question)
    return answers:get()
  end
  local t = {3, 1, 2}
  table.sort(t, function(a, b) return ask(a < b) end)
  eq(t, {1, 2, 3})
  eq((("abc"):gsub("%w", function(c) return ask(c:upper()) end)), "ABC")
  eq(table.foreach({7}, function(_, v) return ask(v) end), 7)
  eq(tostring(setmetatable({}, {__tostring = function() return ask("waited") end})), "waited")
  asked:close()
  other:join()
end)

test("a gmatch iterator goes from one coroutine to another", function()
  local words = ("one two three"):gmatch("%a+")
  eq(coroutine.wrap(function() return words() end)(), "one")
  eq({words(), coroutine.wrap(function() return words(), words(), words() end)()}, {"two", "three", nil, nil})
end)

test("print asks a tostring that was put in the place of ours", function()
  local ours, asked = tostring, {}
  tostring = function(v)
    asked[#asked + 1] = v
    return ours(v)
  end
  print(1, "x")
  tostring = ours
  eq(asked, {1, "x"})
end)

test("tables shrink while they are traversed", function()
  local t = {1, 2, 3, 4, 5, x = 1}
  local n = 0
  for k in pairs(t) do
    n = n + 1
    if k ~= "x" then table.remove(t) end
  end
  assert(n >= 4 and t.x == 1, n)
  raises("invalid key to 'next'", next, {}, 1)
  raises("invalid key to 'next'", next, {x = 1}, "y")
  raises("invalid key to 'next'", next, {}, 0 / 0)
end)

test("insert and remove keep lists short", function()
  local t = {}
  for i = 1, 100 do
    table.insert(t, 1, i)
    t[#t] = nil
  end
  eq(#t, 0)
  for i = 1, 5 do t[i] = i end
  t[5] = nil
  table.insert(t, 2, "x")
  eq(t, {1, "x", 2, 3, 4})
  eq({table.remove(t, 2), #t, select("#", table.remove({}))}, {"x", 4, 0})
end)

test("environments look through protected calls", function()
  local env = {pcall = pcall, setfenv = setfenv, getfenv = getfenv}
  local function f()
    pcall(function() pcall(setfenv, 4, env) end)
    return value
  end
  env.value = "found"
  eq({pcall(f)}, {true, "found"}) -- 1 is pcall, 2 what called it, 3 pcall, 4 is f
  local function g()
    setfenv(2, {value = "set from below"})
  end
  local function h()
    g()
    return value
  end
  eq(h(), "set from below")
  eq(getfenv(0), _G)
end)
