-- A second "for k in next, t do" began where the first had ended, since the control variable was not cleared.

test("for in with fewer than three values", function()
  local t = {a = 1}
  for k in next, t do eq(k, "a") end
  local n = 0
  for k in next, t do n = n + 1 eq(k, "a") end
  for k, v in next, t do n = n + v end
  for k, v in next, t, nil do n = n + v end
  eq(n, 3)
  local function iter(s, c) c = (c or 0) + 1 if c <= 3 then return c, s end end
  local log = {}
  for _ = 1, 2 do for c, s in iter do log[#log + 1] = c log[#log + 1] = s or "-" end end
  eq(table.concat(log), "1-2-3-1-2-3-")
  for c in iter, "s", 2 do eq(c, 3) end
end)

test("for in with more values, and calls", function()
  local function three() return next, {10}, nil, "more" end
  for k, v in three() do eq({k, v}, {1, 10}) end
  for k, v in next, {5}, nil, error, error do eq({k, v}, {1, 5}) end
  local function multi(_, c) if c < 2 then return c + 1, 1, 2, 3, 4, 5, 6, 7, 8 end end
  for a, b, c, d, e, f, g, h in multi, nil, 1 do eq({a, b, c, d, e, f, g, h}, {2, 1, 2, 3, 4, 5, 6, 7}) end
  local callable = setmetatable({}, {__call = function(_, s, c) if c < s then return c + 1 end end})
  local sum = 0
  for i in callable, 4, 0 do sum = sum + i end
  eq(sum, 10)
  raises("attempt to call a nil value", function() for x in nil do end end)
end)

test("numeric for", function()
  local function run(a, b, c)
    local log = {}
    if c then for i = a, b, c do log[#log + 1] = i end else for i = a, b do log[#log + 1] = i end end
    return table.concat(log, " ")
  end
  eq(run(1, 3), "1 2 3") eq(run(3, 1), "") eq(run(3, 1, -1), "3 2 1") eq(run(1, 2, 0.25), "1 1.25 1.5 1.75 2")
  eq(run(1, 0, 1), "") eq(run(-1, -3, -2), "-1 -3") eq(run(1, 1e308, 1e308), "0 1e+308") eq(run(1.5, 3.4), "1.5 2.5")
  eq(run("1", "3"), "1 2 3") eq(run("10", 1, "-4"), "10 6 2") eq(run(" 0x1 ", 2), "1 2")
  local n = 0
  for i = 1, 3 do local j = i i = i * 10 n = n + i + j end
  eq(n, 66)
  local calls = 0
  local function limit() calls = calls + 1 return 3 end
  for _ = 1, limit() do end
  eq(calls, 1)
  local t = {1, 2, 3}
  for i = #t, 1, -1 do t[i] = nil end
  eq(#t, 0)
end)

test("each round has variables of its own", function()
  local fs = {}
  for i = 1, 3 do fs[i] = function() i = i + 1 return i end end
  eq({fs[1](), fs[1](), fs[2](), fs[3]()}, {2, 3, 3, 4})
  for k, v in ipairs {"a", "b"} do fs[k] = function(x) v = v .. x return v end end
  eq({fs[1]("1"), fs[1]("2"), fs[2]("3")}, {"a1", "a12", "b3"})
  local i = 0
  while i < 3 do i = i + 1 local x = i fs[i] = function() x = x + 1 return x end end
  eq({fs[1](), fs[1](), fs[3]()}, {2, 3, 4})
  i = 0
  repeat i = i + 1 local x = i fs[i] = function() return x end until (function() return x end)() >= 3
  eq({fs[1](), fs[2](), fs[3]()}, {1, 2, 3})
  for i = 1, 3 do local x = i fs[i] = function() x = x + 1 return x, i end if i == 2 then break end end
  eq({fs[1](), fs[2]()}, {2, 3, 2})
end)

test("breaks in loops whose variables closures have", function()
  local fs = {}
  repeat local x = 5 fs[1] = function() x = x + 1 return x end if x then break end until x
  while true do local x = 6 do local y = 7 fs[2] = function() x = x + y return x end if y then break end end end
  for i = 8, 9 do fs[3] = function() i = i + 1 return i end break end
  for _, v in ipairs {9} do do local w = v fs[4] = function() w = w + v return w end break end end
  local a, b, c, d = 1, 2, 3, 4 -- where those were
  eq({fs[1](), fs[2](), fs[3](), fs[4](), fs[1]()}, {6, 13, 9, 18, 7})
  eq({a, b, c, d}, {1, 2, 3, 4})
end)

test("loops in loops, after loops", function()
  local log = {}
  for i = 1, 2 do for k in pairs {x = 1} do for j = 1, 2 do log[#log + 1] = i .. k .. j end end end
  for i = 3, 4 do log[#log + 1] = i end
  eq(table.concat(log, " "), "1x1 1x2 2x1 2x2 3 4")
end)

test("the last item off a table takes no longer the longer it was", function()
  local n = 300000
  local t = {}
  for i = 1, n do t[i] = i end
  while #t > 0 do t[#t] = nil end
  eq({#t, next(t)}, {0})
  local s = {stack = {}}
  for i = 1, n do s.stack[#s.stack + 1] = i end
  for i = n, 1, -1 do local top = s.stack[#s.stack] s.stack[#s.stack] = nil if top ~= i then error(top) end end
  eq(next(s.stack), nil)
end)

test("t[#t] = nil is what it says", function()
  local t = {1, 2, 3}
  t[#t] = nil
  eq({#t, t[3], t[2]}, {2, nil, 2})
  t[#t] = nil t[#t] = nil t[#t] = nil
  eq({#t, next(t)}, {0})
  t[#t + 1] = "x"
  eq(t, {"x"})
  local log
  local m = setmetatable({}, {__newindex = function(_, k, v) log = {k, v == nil} end})
  m[#m] = nil
  eq(log, {0, true})
  local p = setmetatable({1, 2, 3}, {})
  p[#p] = nil
  eq(#p, 2)
  local a, b = {1, 2}, {1}
  a[#b] = nil
  eq({a[1], a[2]}, {nil, 2})
  raises("attempt to get length of local 'q' (a nil value)", function() local q q[#q] = nil end)
  raises("attempt to index local 'q' (a string value)", function() local q = "abc" q[#q] = nil end)
end)
