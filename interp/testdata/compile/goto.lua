-- "goto continue" over a call in a loop went on wrongly when variables around were a closure's: the registers that a goto
-- closes were those of another block.

test("continue", function()
  local n = 0
  local function inc() n = n + 1 end
  for i = 1, 3 do if i == 2 then goto c end inc() ::c:: end
  eq(n, 2)
  local log = {}
  for i = 1, 3 do
    for j = 1, 3 do
      if j == 2 then goto continue end
      if i == 2 then goto outer end
      log[#log + 1] = i .. j
      ::continue::
    end
    ::outer::
  end
  eq(log, {"11", "13", "31", "33"})
  local i = 0
  while i < 5 do i = i + 1 if i % 2 == 0 then goto continue end log[#log + 1] = i ::continue:: end
  repeat i = i - 1 if i > 2 then goto continue end log[#log + 1] = i ::continue:: until i == 0
  eq(table.concat(log, " "), "11 13 31 33 1 3 5 2 1 0")
end)

test("closures keep what a goto leaves", function()
  local fs = {}
  for i = 1, 3 do
    local x = i * 10
    if i == 2 then goto continue end
    fs[#fs + 1] = function() x = x + 1 return x end
    ::continue::
  end
  eq({fs[1](), fs[1](), fs[2]()}, {11, 12, 31})
  fs = {}
  for i = 1, 3 do
    do
      local y = i
      fs[i] = function() y = y + 1 return y end
      if i ~= 2 then goto continue end
    end
    do local z = 100 + i fs[i] = function() z = z + 1 return z end end
    ::continue::
  end
  eq({fs[1](), fs[2](), fs[3](), fs[1]()}, {2, 103, 4, 3})
end)

test("backwards: each time a new variable", function()
  local fs, i = {}, 1
  ::top::
  local k = i * 2
  fs[i] = function() k = k + 1 return k end
  i = i + 1
  if i <= 3 then goto top end
  eq({fs[1](), fs[2](), fs[3](), fs[1]()}, {3, 5, 7, 4})
  fs, i = {}, 0
  do
    ::again::
    i = i + 1
    local a, b = i, nil
    ::inner::
    if b then fs[#fs + 1] = function() return a, b end end
    if not b then b = a * 10 goto inner end
    if i < 3 then goto again end
  end
  eq({fs[1](), fs[2](), fs[3]()}, {1, 2, 3, 30})
end)

test("a break that comes before the closure in the source, and after it in time", function()
  local fs = {}
  for i = 1, 2 do
    local x, made = i, false
    ::again::
    if made then break end
    fs[#fs + 1] = function() x = x + 1 return x end
    made = true
    goto again
  end
  local clobber = {1, 2, 3}
  eq({fs[1](), fs[1]()}, {2, 3})
  eq(#clobber, 3)
end)

test("out of nested blocks, and forward", function()
  local log = {}
  do
    do
      local a = 1
      local f = function() return a end
      if f() == 1 then goto done end
      log[1] = "not here"
    end
    log[2] = "nor here"
  end
  ::done::
  eq(log, {})
  goto skip
  do log[1] = "skipped" end
  ::skip:: ::alias::
  if #log < 2 then log[#log + 1] = "again" goto alias end
  eq(log, {"again", "again"})
end)

test("labels at the end of a block are behind its variables", function()
  local n = 0
  for i = 1, 2 do
    if i == 1 then goto e end
    local x = i
    n = n + x
    ::d:: ::e::
  end
  eq(n, 2)
end)

test("the word is no keyword", function()
  local goto_, t = 1, {goto_ = 2}
  eq(goto_ + t.goto_, 3)
end)

test("what is refused", function()
  local function refused(source, want)
    local f, err = loadstring(source, "=x")
    eq({f, err}, {nil, "x:" .. want})
  end
  refused("\ngoto nowhere", "2: no visible label 'nowhere' for <goto> at line 2")
  refused("goto inside do ::inside:: end", "1: no visible label 'inside' for <goto> at line 1")
  refused("::outside:: local function f() goto outside end", "1: no visible label 'outside' for <goto> at line 1")
  refused("do ::gone:: end goto gone", "1: no visible label 'gone' for <goto> at line 1")
  refused("goto on\nlocal a\n::on:: a = 1", "1: <goto on> at line 1 jumps into the scope of local 'a'")
  refused("do goto on end local a, b ::on:: a = 1", "1: <goto on> at line 1 jumps into the scope of local 'a'")
  refused("repeat if x then goto cont end local y ::cont:: until y", "1: <goto cont> at line 1 jumps into the scope of local 'y'")
  refused("::a::\n::b::\n::a::", "3: label 'a' already defined on line 1")
  refused("::a:: do ::b:: end ::b:: do ::a:: end ::b::", "1: label 'b' already defined on line 1")
  assert(loadstring("::a:: do ::a:: goto a end local function f() ::a:: end"))
  assert(loadstring("repeat local x if x then goto cont end ::cont:: until x"))
end)
