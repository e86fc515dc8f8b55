-- "a, b = b, a" assigned b twice once. All values come before all assignments, which go from the last to the first; what
-- is before a dot or in brackets is from before.

test("several at once", function()
  local a, b, c = 1, 2, 3
  a, b = b, a
  eq({a, b}, {2, 1})
  a, b, c = c, a, b
  eq({a, b, c}, {3, 2, 1})
  a, b = a, a
  eq({a, b}, {3, 3})
  x_, y_ = 1, 2
  x_, y_ = y_, x_
  eq({x_, y_}, {2, 1})
  local function up() a, b = b, a + 1 x_, a = a, x_ return a, b, x_ end
  eq({up()}, {2, 4, 3})
  x_, y_ = nil
end)

test("an index that is assigned, too", function()
  local i, t = 1, {}
  i, t[i] = i + 1, 20
  eq({i, t}, {2, {20}})
  t[i], i = 30, 5
  eq({i, t}, {5, {20, 30}})
  local u = t
  t.x, t = 1, nil
  eq({t, u.x}, {nil, 1})
  t = {}
  local w = t
  t, t.y = 7, 8
  eq({t, w.y}, {7, 8})
  local a = {}
  local first = a
  a[1], a, a[2] = 1, {}, 2
  eq({first, #a}, {{1, 2}, 0})
  local k = "p"
  first[k], k, first[k] = 1, "q", 3
  eq({first.p, k}, {1, "q"})
end)

test("the order of things", function()
  local log = {}
  local function l(v) log[#log + 1] = v return v end
  local t = setmetatable({}, {__newindex = function(_, k, v) log[#log + 1] = k .. "=" .. v end})
  local function get() l("get") return t end
  get()[l("a")], get()[l("b")] = l(1), l(2)
  eq(table.concat(log, " "), "get a get b 1 2 b=2 a=1")
end)

test("to fields and upvalues, of all kinds of values", function()
  local t, u = {}, nil
  local function set(...) u = ... t.a = ... t.b, u = 5, ... t.c = nil t.d = false t.e = not u t.f = u and 1 or 2 t.g = -u t.h = {u} t.i = function() return u end t["j"] = "s" t[1.5] = u == 3 end
  set(3)
  eq({t.a, t.b, t.c, t.d, t.e, t.f, t.g, t.h, t.i(), t.j, t[1.5], u}, {3, 5, nil, false, false, 1, -3, {3}, 3, "s", true, 3})
end)

test("functions with dots and colons", function()
  local t = {u = {v = {}}}
  function t.f(a) return a end
  function t.u.v.g(a) return a + 1 end
  function t.u.v:h(a, ...) return self == t.u.v, a, ... end
  function t:k() self.n = 5 return self end
  eq({t.f(1), t.u.v.g(1), t:k().n}, {1, 2, 5})
  eq({t.u.v:h(2, 3, 4)}, {true, 2, 3, 4})
  local f
  function f() return f end
  eq(f(), f)
  function global_of_this_test() return "g" end
  eq(global_of_this_test(), "g")
  global_of_this_test = nil
end)

test("methods of what is computed", function()
  eq({("x"):rep(2), ("%d"):format(5), ({m = function(self) return self.n end, n = 4}):m(), (("a") .. "b"):upper()}, {"xx", "5", 4, "AB"})
  local s = "abc"
  eq({s:upper():lower():len(), s:sub(2, 2):byte(), #s:rep(3)}, {3, 98, 9})
end)
