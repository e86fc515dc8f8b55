-- "local print = function(...) return print(...) end" called itself for ever: the name was in sight in its own value.

test("a local variable is not in sight in its own value", function()
  local calls = {}
  local print = function(...) calls[#calls + 1] = ... return "outer" end
  do
    local print = function(...) return print("log:", ...) end
    eq(print("hi"), "outer")
  end
  eq(calls, {"log:"})
  local x = 1
  do local x = x + 1 eq(x, 2) local x, y = x + 1, x eq({x, y}, {3, 2}) end
  eq(x, 1)
  local f = function() return f end
  eq(f(), nil)
  local a, b = 1, (function() return a end)()
  eq({a, b}, {1})
end)

test("a local function is", function()
  local function fac(n) return n <= 1 and 1 or n * fac(n - 1) end
  eq(fac(5), 120)
  local g = fac
  fac = nil
  raises("attempt to call upvalue 'fac'", g, 5)
end)

test("blocks", function()
  local x = 1
  do local x = 2 x = x + 1 end
  eq(x, 1)
  if true then local x = 5 x = 6 end
  for x = 1, 3 do x = x * 2 end
  for _, x in ipairs {4} do x = x * 2 end
  while x == 1 do local x = 7 break end
  eq(x, 1)
  repeat local x = 9 local done = x == 9 until done and x == 9
  eq(x, 1)
end)

test("parameters with one name: the last is meant", function()
  eq((function(a, a) return a end)(1, 2), 2)
  local a, a = 1, 2
  eq(a, 2)
end)

test("a variable without a value is nil in every round", function()
  local seen = {}
  for i = 1, 3 do
    local x
    seen[i] = x == nil
    x = i
  end
  eq(seen, {true, true, true})
  local n = 0
  repeat local y n = n + 1 if y then error("kept") end y = n until n == 3
end)

test("upvalues through functions in between", function()
  local a, b = 1, 2
  local function f()
    local function g()
      local function h() a = a + 1 b = b .. "" return a, b end
      return h()
    end
    return g()
  end
  eq({f()}, {2, "2"})
  eq({a, b}, {2, "2"})
end)

test("arg is there where nobody writes ...", function()
  local function old(...) return arg.n, arg[1], arg[2] end
  eq({old(5, nil, 6)}, {3, 5})
  local function new(...) local n = select("#", ...) return arg, n end
  eq({new(1)}, {nil, 1})
  local function inner(...) return function() return arg[2] end end
  eq(inner(1, "two")(), "two")
  local function own(arg, ...) return arg end
  eq(own(1, 2), {2, n = 1}) -- the variable "arg" comes after the parameters
end)
