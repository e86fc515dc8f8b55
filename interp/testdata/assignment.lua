-- gopher-lua's issue 440: the values of a multiple assignment were compiled
-- straight into the local variables they are for, so that a swap assigned one
-- value twice.

test("locals are swapped", function()
  local a, b, c = 1, 2, 3
  a, b = b, a
  eq({ a, b }, { 2, 1 })
  a, b, c = c, a, b
  eq({ a, b, c }, { 3, 2, 1 })
end)

test("the right side is evaluated before anything is assigned", function()
  local p, q = { v = 1, w = 2 }, nil
  p, q = p and p.v, p and p.w
  eq({ p, q }, { 1, 2 })
  local i, t = 1, {}
  i, t[i] = i + 1, 20
  eq({ i, t[1], t[2] }, { 2, 20, nil })
  local x, y = 1, 2
  x, y = x + y, x - y
  eq({ x, y }, { 3, -1 })
  local f, g = 1, 2
  f, g = (function() return f, g end)()
  eq({ f, g }, { 1, 2 })
end)

test("upvalues, globals and fields mix with locals", function()
  local up, t = 1, { x = 1 }
  swapped = 10
  local function run()
    local l = 100
    up, l, swapped, t.x = l, up, t.x, swapped
    return l
  end
  eq({ run(), up, swapped, t.x }, { 1, 100, 1, 10 })
  swapped = nil
end)

test("too few and too many values", function()
  local a, b, c = 1, 2, 3
  a, b, c = (function() return 7, 8 end)()
  eq({ a, b, c == nil }, { 7, 8, true })
  local n = 0
  local function count() n = n + 1 return n end
  a, b = count(), count(), count()
  eq({ a, b, n }, { 1, 2, 3 })
end)

test("a single assignment may use its own target", function()
  local t = { 1, 2 }
  t = { t[2], t[1], t }
  eq({ t[1], t[2], t[3][1] }, { 2, 1, 1 })
  local s = "x"
  s = s .. s .. (function() return s end)()
  eq(s, "xxx")
  local v = { a = false, b = 5 }
  v = v.a or v.b
  eq(v, 5)
end)
