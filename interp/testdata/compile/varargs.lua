-- "local a, b = 1, 2 a = (...)" lost b: the instruction forgets all registers above its results.

test("one value to a variable that is there", function()
  local function f(...) local a, b, c = 1, 2, 3 a = (...) b = ... return a, b, c end
  eq({f(7, 8)}, {7, 7, 3})
  local function g(s) local n = 0 s = (s:gsub("a", "b")) n = n + 1 return s, n end
  eq({g("aaa")}, {"bbb", 1})
  local function h(...) local a, b = 1, 2 a, b = ... return a, b end
  eq({h(5)}, {5})
  local function i(...) local a, b, c = 1, 2, 3 b, a = (...), c return a, b, c end
  eq({i(9)}, {3, 9, 3})
end)

test("in all places", function()
  local function count(...) return select("#", ...) end
  local function f(...)
    local t = {}
    t.a, t.b = ...
    local x, y, z = 0, ...
    local s = (...) + 1
    local c = (...) .. "!"
    if ... then t.if_ = true end
    for i = ..., 2 do t.for_ = i end
    for k, v in pairs {...} do t[k] = v end
    while ... do t.while_ = ... break end
    return t, x, y, z, s, c, not ..., -..., #{...}, ... == 1, (... and 5), count(...), count(..., 1), count((...)), count(1, ...), ...
  end
  local r = {f(1, 2)}
  eq(r, {{1, 2, a = 1, b = 2, if_ = true, for_ = 2, while_ = 1}, 0, 1, 2, 2, "1!", false, -1, 2, true, 5, 2, 2, 1, 3, 1, 2})
  eq((function(...) return count(...), count(..., nil), count(nil, ...) end)(), 0)
  eq({count((function(...) return ... end)(nil, nil)), count((function(...) return ..., nil end)())}, {2, 2})
end)

test("fewer and more values than wanted", function()
  local function f(...) return ... end
  local a, b, c = f(1, 2)
  eq({a, b, c}, {1, 2})
  a, b, c = f(1), f(2, 3, 4)
  eq({a, b, c}, {1, 2, 3})
  a, b = f(1, 2), (f(3, 4)), f(5)
  eq({a, b}, {1, 3})
  local d, e = (f(1, 2))
  eq({d, e}, {1})
  a, b, c = f()
  eq({a, b, c}, {})
  a, b = 1, 2, error
  eq({a, b}, {1, 2})
  local n = 0
  local function side() n = n + 1 end
  a = 1, side(), side()
  local _ = 1, side(), side()
  eq(n, 4)
end)

test("through calls in calls", function()
  local function f(...) return ... end
  eq({f(f(f(1, 2), 3), f(4, 5))}, {1, 4, 5})
  eq({f(1, f(2, f(3, f(4, 5))))}, {1, 2, 3, 4, 5})
  eq(select("#", f(f(), f(), f())), 2)
  local s = {m = function(self, ...) return ... end}
  eq({s:m(s:m(1, 2), s:m(3, 4))}, {1, 3, 4})
  eq(("x"):rep(3, (f())), "xxx")
end)

test("tail calls", function()
  local function loop(n, ...) if n == 0 then return ... end return loop(n - 1, ...) end
  eq({loop(100000, 1, nil, 3)}, {1, nil, 3})
  local function last(a) return a end
  local function mid(...) return last(...) end
  eq(mid(5, 6), 5)
  local callable = setmetatable({}, {__call = function(_, ...) return select("#", ...), ... end})
  eq({(function() return callable(1, 2) end)()}, {2, 1, 2})
  eq({(function(...) return callable(...) end)(1, nil)}, {2, 1})
  eq({(function() return select(2, 1, 2, 3) end)()}, {2, 3})
  eq({(function() return (callable(1)) end)()}, {1})
end)

test("what a yield gives, however little it is resumed with", function()
  local co = coroutine.wrap(function()
    local a = coroutine.yield()
    local b, c = coroutine.yield(a)
    local t = {coroutine.yield(b, c)}
    local d, e = (coroutine.yield(#t)), 5
    x_of_this_test = coroutine.yield(d, e)
    local f = coroutine.yield(x_of_this_test) or "nothing"
    return f
  end)
  co()
  eq({co()}, {})
  eq({co(1)}, {1})
  eq({co(7, 8, 9)}, {3})
  eq({co()}, {nil, 5})
  eq({co()}, {})
  eq({co()}, {"nothing"})
  local deep = coroutine.wrap(function() local function f() return coroutine.yield(1) end local v = f() local w = f() return v, w end)
  eq({deep(), (deep()), deep(6)}, {1, 1, nil, 6})
end)
