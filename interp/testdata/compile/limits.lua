-- 200 arguments were refused, and registers ran out without a word. What there is no room for is told in Lua 5.1's words.

local function list(n, f, sep) local t = {} for i = 1, n do t[i] = f(i) end return table.concat(t, sep or " ") end
local function refused(want, source)
  local f, err = loadstring(source, "=x")
  eq({f, err}, {nil, "x:" .. want})
end

test("arguments, results and variables", function()
  eq(loadstring("return select('#', " .. list(240, tostring, ",") .. ")")(), 240)
  local f = loadstring("local " .. list(200, function(i) return "a" .. i end, ",") .. " = ... " .. "a1 = a200 return a1, a200, (select(150, ...))")
  eq({f(unpack(loadstring("return {" .. list(200, tostring, ",") .. "}")()))}, {200, 200, 150})
  f = loadstring("return function(" .. list(200, function(i) return "a" .. i end, ",") .. ") return a1, a200 end")()
  eq({f(loadstring("return " .. list(200, tostring, ","))())}, {1, 200})
  refused("1: main function has more than 200 local variables", list(201, function(i) return "local a" .. i end))
  refused("203: function at line 3 has more than 200 local variables", "\n\nfunction f()" .. list(201, function(i) return "local a" .. i .. "\n" end, "") .. "end")
  refused("1: function at line 1 has more than 200 local variables", "return function(" .. list(201, function(i) return "a" .. i end, ",") .. ") end")
  refused("1: function or expression too complex", "return f(" .. list(260, tostring, ",") .. ")")
  refused("1: function or expression too complex", "return " .. list(260, function() return "a" end, ".."))
  refused("1: main function has more than 200 variables in assignment", list(300, function(i) return "a" .. i end, ",") .. " = 1")
end)

test("upvalues", function()
  local function up(n, inner) return list(n, function(i) return "local a" .. i .. " = " .. i end) .. " return function() " .. inner .. " return " .. list(n, function(i) return "a" .. i end, "+") .. " end" end
  eq(loadstring(up(60, ""))()(), 60 * 61 / 2)
  refused("1: function at line 1 has more than 60 upvalues", up(61, ""))
  -- those of functions inside count, too
  refused("1: function at line 1 has more than 60 upvalues", list(61, function(i) return "local a" .. i end) .. " return function() return function() return " .. list(61, function(i) return "a" .. i end, "+") .. " end end")
end)

test("more constants than instructions have room for", function()
  local f = loadstring("local t = {} " .. list(600, function(i) return "t.k" .. i .. " = " .. i .. ".5" end) .. [[
    local s = 0
    for i = 1, 600 do s = s + t["k" .. i] end
    t.new600 = function(self, x) return self == t and x end
    function t.a599.b598() end]] .. [[
    return s]], "=x")
  raises("attempt to index field 'a599' (a nil value)", f)
  f = loadstring("local t = {} " .. list(600, function(i) return "t.k" .. i .. " = " .. i .. ".5" end) .. [[
    t.new600 = function(self, x) return self == t and x end
    function t:other600() return self.k600 end
    return t.k600, t:new600(5), t.k599 + 0.25, 0.125 + t.k1, t.k2 == 2.5, "zz" == t.z601, t.k3 < 4.25, -t.k400, not t.k400, "a" .. t.k599, t[600.25], t.no600, t[true], t:other600(), ({y601 = "y602"}).y601, t.k5 and "w603" or nil, #"v604", t.u605 == nil]])
  eq({f()}, {600.5, 5, 599.75, 1.625, true, false, true, -400.5, false, "a599.5", nil, nil, nil, 600.5, "y602", "w603", 4, true})
end)

test("long jumps", function()
  local body = ("x = x + 1 "):rep(40000)
  local f = loadstring("local x = 0 for i = 1, 2 do if i == 2 then break end " .. body .. " end while x > 0 do x = -1 " .. body:sub(1, 200000) .. " if x then break end end return x")
  eq(f(), 19999)
  refused("1: control structure too long", "while a do " .. ("x = y "):rep(140000) .. " end")
end)

test("long chains of operators, calls and fields", function()
  local n = 20000
  eq(loadstring("local x = 1 return x" .. ("+x"):rep(n))(), n + 1)
  eq(loadstring("local x = 1 return x" .. ("*x-x"):rep(n))(), 1 - n)
  eq(loadstring("local x = true return x" .. (" and x"):rep(n))(), true)
  eq(loadstring("local x = {} x.x = x return x == x" .. (".x"):rep(n))(), true)
  eq(loadstring("local function f() return f end f = function() return f end return f == f" .. ("()"):rep(n))(), true)
  eq(loadstring("local x = {} function x:m() return self end return x == x" .. (":m()"):rep(n))(), true)
  eq(#loadstring("return '" .. ("a' .. '"):rep(n) .. "'")(), n)
end)

test("many functions, and functions in functions", function()
  local fs = loadstring("return {" .. list(5000, function(i) return "function() return " .. i .. " end" end, ",") .. "}")()
  eq({fs[1](), fs[5000]()}, {1, 5000})
  local f = loadstring("local a = 0 " .. ("return function() a = a + 1 "):rep(190) .. "return a " .. ("end "):rep(190))()
  for _ = 1, 189 do f = f() end
  eq(f(), 190)
end)
