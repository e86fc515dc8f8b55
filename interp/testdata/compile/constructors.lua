-- {1, k = tostring(5)} had two items, {1, ..., 50, f()} lost its first, and 25,551 items were too many.

local function three() return "a", "b", "c" end
local function none() end

test("calls among the fields", function()
  local t = {1, k = tostring(5)}
  eq({#t, t[2], t.k}, {1, nil, "5"})
  eq({three(), 1}, {"a", 1})
  eq({three(), three()}, {"a", "a", "b", "c"})
  eq({three(), k = 1}, {"a", k = 1})
  eq({k = 1, three()}, {"a", "b", "c", k = 1})
  eq({k = three()}, {k = "a"})
  eq({[three()] = three()}, {a = "a"})
  eq({(three())}, {"a"})
  eq({none(), none()}, {})
  eq({none(), 1}, {nil, 1})
  eq({1, none()}, {1})
  eq(#{1, 2, (none())}, 2)
end)

test("...", function()
  local function f(...) return {...}, {..., 1}, {1, ...}, {1, ..., k = ...}, {k = 2; ...}, {(...)} end
  local a, b, c, d, e, g = f(7, 8, 9)
  eq({a, b, c, d, e, g}, {{7, 8, 9}, {7, 1}, {1, 7, 8, 9}, {1, 7, k = 7}, {7, 8, 9, k = 2}, {7}})
  a, b, c, d, e, g = f()
  eq({a, b, c, d, e, g}, {{}, {nil, 1}, {1}, {1}, {k = 2}, {}})
end)

test("about fifty items, and what may come after them", function()
  for _, n in ipairs {1, 48, 49, 50, 51, 99, 100, 101, 150, 500} do
    local items = {}
    for i = 1, n do items[i] = i end
    local list = table.concat(items, ",")
    for _, tail in ipairs {"", ",", ", k = f()", ", f()", ", ...", ", (f())", ", [0] = 0; f()", ", f(), 9"} do
      local t = loadstring("local f = ... return {" .. list .. tail .. "}")(three, 5)
      for i = 1, n do if t[i] ~= i then error(n .. tail .. ": " .. i .. " is " .. tostring(t[i])) end end
      local more = ({[", f()"] = 3, [", ..."] = 2, [", (f())"] = 1, [", [0] = 0; f()"] = 3, [", f(), 9"] = 2})[tail] or 0
      eq(#t, n + more, n .. tail)
      eq(t.k, tail == ", k = f()" and "a" or nil)
    end
    local mixed = loadstring("local f = ... return {" .. list:gsub("(%d+)", "%1, k%1 = f(%1)") .. "}")(three)
    eq({#mixed, mixed[1], mixed[n], mixed["k" .. n]}, {n, 1, n, "a"})
  end
end)

test("many items", function()
  for _, n in ipairs {25550, 25551, 25600, 25601, 60000} do
    local list = ("0,"):rep(n - 1) .. "'end'"
    local t = loadstring("return {" .. list .. "}")()
    eq({#t, t[1], t[n - 1], t[n]}, {n, 0, 0, "end"})
    t = loadstring("return {" .. list .. ", ...}")(1, 2)
    eq({#t, t[n], t[n + 2]}, {n + 2, "end", 2})
  end
end)

test("the table is not in sight while it is made", function()
  local t = {1}
  t = {t, t[1], n = #t}
  eq({t[1][1], t[2], t.n}, {1, 1, 1})
  local a, b = {1}, nil
  a, b = {a[1] + 1}, {a[1] + 2}
  eq({a, b}, {{2}, {3}})
end)

test("keys of all kinds", function()
  local k = "x"
  eq({[k] = 1, ["y z"] = 2, [1.5] = 3, [true] = 4, [2 ^ 53] = 5, [-1] = 6, [k .. k] = 7, [k == "x"] = 4}, {x = 1, ["y z"] = 2, [1.5] = 3, [true] = 4, [2 ^ 53] = 5, [-1] = 6, xx = 7})
  raises("table index is nil", loadstring("return {[nil] = 1}"))
  raises("table index is NaN", loadstring("return {[0 / 0] = 1}"))
end)

test("fields and items are computed in their order", function()
  local log = {}
  local function l(v) log[#log + 1] = v return v end
  local t = {l(1), [l("k")] = l("v"), l(2), x = l("x"), l(3)}
  eq(log, {1, "k", "v", 2, "x", 3})
  eq(t, {1, 2, 3, k = "v", x = "x"})
end)

test("tables in tables", function()
  eq({{}, {{}}, {{1}, k = {2}}}, {{}, {{}}, {{1}, k = {2}}})
  local depth = 150
  local t = loadstring("return " .. ("{"):rep(depth) .. "5" .. ("}"):rep(depth))()
  for _ = 1, depth do t = t[1] end
  eq(t, 5)
end)
