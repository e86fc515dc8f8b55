-- Locals shared with closures stay shared after pcall has caught an error (gopher-lua issue 448), however deep.
-- The story: upstream's pcall closes the upvalues of everything above the *caller's* base when it catches an error,
-- so a closure and the function that made it each go on with a variable of their own.

test("the caller's local after a caught error", function()
  local n = 0
  local function inc() n = n + 1 end
  eq(pcall(function() inc() error("x") end), false)
  eq(n, 1)
  inc()
  eq(n, 2)
  n = 10
  inc()
  eq(n, 11)
end)

test("locals made before and after the pcall", function()
  local before = "old"
  local function get() return before end
  pcall(error, "x")
  before = "new"
  eq(get(), "new")
  local after = 1
  local function set(v) after = v end
  pcall(error, "x")
  set(2)
  eq(after, 2)
  pcall(error, "x")
  set(3)
  eq(after, 3)
end)

test("a local of each function on the way down", function()
  local outer = 0
  local function level3() outer = outer + 1 error("deep") end
  local function level2()
    local middle = 0
    local function inc() middle = middle + 1 outer = outer + 1 end
    eq(pcall(level3), false)
    inc()
    middle = middle + 10
    inc()
    return middle
  end
  eq(level2(), 12)
  eq(outer, 3)
  pcall(level2)
  eq(outer, 6)
end)

test("nested pcalls", function()
  local a = 0
  local function add() a = a + 1 end
  pcall(function()
    local b = 0
    local function both() b = b + 1 add() end
    pcall(function()
      local c = 0
      local function all() c = c + 1 both() end
      pcall(function() all() error("innermost") end)
      all()
      eq(c, 2)
      c = 5
      all()
      eq(c, 6)
      error("middle")
    end)
    both()
    eq(b, 4)
    error("outer")
  end)
  add()
  eq(a, 5)
end)

test("closures made inside the failed function keep their values, and share them", function()
  local get, set
  pcall(function()
    local inside = "first"
    get = function() return inside end
    set = function(v) inside = v end
    error("x")
  end)
  eq(get(), "first")
  set("second")
  eq(get(), "second")
  pcall(error, "y")
  set("third")
  eq(get(), "third")
end)

test("closures made at several depths of the failed call", function()
  local got = {}
  local function dig(depth)
    local here = depth
    got[depth] = {get = function() return here end, inc = function() here = here + 1 end}
    if depth == 10 then error("bottom") end
    dig(depth + 1)
    return here
  end
  eq(pcall(dig, 1), false)
  for depth = 1, 10 do
    eq(got[depth].get(), depth)
    got[depth].inc()
    eq(got[depth].get(), depth + 1)
  end
end)

test("errors of every origin", function()
  local n = 0
  local function inc() n = n + 1 end
  local function check()
    local before = n
    inc()
    eq(n, before + 1)
    n = n + 1
    inc()
    eq(n, before + 3)
  end
  local none
  for _, fail in ipairs {
    function() return none.field end, function() return none() end, function() return 1 + none end, function() return {} < 1 end,
    function() error() end, function() error({}) end, function() error("x", 0) end, function() error("x", 2) end,
    function() string.rep() end, function() ("x"):bad() end, function() setmetatable({}, 1) end, function() assert(false) end,
    function() table.sort({3, 2, 1}, error) end, function() ("x"):gsub(".", error) end, function() for _ in error do end end,
    function() return setmetatable({}, {__index = error}).x end, function() coroutine.wrap(error)("x") end, function() require("no.such.module") end,
  } do
    eq(pcall(fail), false)
    check()
    eq(xpcall(fail, tostring), false)
    check()
    eq(pcall(pcall, fail), true)
    check()
  end
end)

test("xpcall, its handler sharing as well", function()
  local n, seen = 0, nil
  local function inc() n = n + 1 end
  eq(xpcall(function() inc() error("x", 0) end, function(e)
    inc()
    seen = e
    return e
  end), false)
  eq({n, seen}, {2, "x"})
  inc()
  n = n * 10
  inc()
  eq(n, 31)
end)

test("a thousand caught errors", function()
  local n = 0
  local function inc() n = n + 1 end
  for i = 1, 1000 do
    pcall(function() inc() error(i) end)
    eq(n, i * 2 - 1)
    inc()
  end
  eq(n, 2000)
end)

test("each turn of a loop has its own local, errors or not", function()
  local fns = {}
  for i = 1, 5 do
    local mine = i
    fns[i] = function(d) mine = mine + (d or 0) return mine, i end
    pcall(error, "x")
    mine = mine * 10
    if i == 3 then pcall(fns[i], {}) end -- fails: adds a table
  end
  for i = 1, 5 do eq({fns[i](1)}, {i * 10 + 1, i}) end
end)

test("arguments and varargs", function()
  local function f(a, ...)
    local rest = {...}
    local function inc() a = a + 1 rest[1] = rest[1] + 1 end
    pcall(function() inc() error("x") end)
    inc()
    a = a + 100
    inc()
    return a, rest[1], select("#", ...)
  end
  eq({f(1, 2, 3)}, {104, 5, 2})
end)

test("closures used from the failed call and from outside at once", function()
  local log = {}
  local function make()
    local state = 0
    return function() state = state + 1 log[#log + 1] = state end, function() return state end
  end
  local step, state = make()
  for _ = 1, 3 do
    step()
    pcall(function() step() error("x") end)
    step()
  end
  eq(state(), 9)
  eq(log, {1, 2, 3, 4, 5, 6, 7, 8, 9})
end)
