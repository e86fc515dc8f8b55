-- "if false then ... end" in a loop ran its branch, "if nil" never ended, and "while false do end" inside of "for k in
-- pairs(t)" ended the process: constants as conditions were jumps to nowhere.

local function bodies(source)
  local log = {}
  local f = assert(loadstring("local log = ... " .. source))
  f(function(v) log[#log + 1] = v end)
  return table.concat(log, " ")
end

test("dead branches in loops", function()
  eq(bodies "for k in pairs{a = 1} do if false then log 'never' end log 'body' end", "body")
  eq(bodies "for k in pairs{a = 1} do if nil then log 'never' else log 'else' end log 'body' end", "else body")
  eq(bodies "for i = 1, 2 do if false then log 'never' elseif nil then log 'nor' elseif 0 then log 'zero' else log 'no' end end", "zero zero")
  eq(bodies "local n = 0 while true do n = n + 1 if nil then end if n > 2 then break end log(n) end", "1 2")
  eq(bodies "for i = 1, 2 do for j in pairs{1} do break end log(i) end", "1 2")
  eq(bodies "local t = {1} for k in pairs(t) do while false do end log(k) end", "1")
  eq(bodies "local t = {1} for k in pairs(t) do while nil do log 'never' end repeat until true log(k) end", "1")
  eq(bodies "for i = 1, 2 do while not true do log 'never' end while not nil do log(i) break end end", "1 2")
  eq(bodies "repeat if false then break end log(1) until true repeat log(2) until 'x' repeat log(3) break until false", "1 2 3")
end)

test("constants of all kinds, alone and combined", function()
  local truths = {["nil"] = false, ["false"] = false, ["true"] = true, ["0"] = true, ["''"] = true, ["{}"] = true, ["print"] = true, ["(nil)"] = false, ["not nil"] = true, ["not 0"] = false,
    ["nil and true"] = false, ["true and nil"] = false, ["false or 1"] = true, ["nil or false"] = false, ["not (nil or false)"] = true, ["1 == 1"] = true, ["1 ~= 1"] = false, ["nil == false"] = false, ["true and true and nil"] = false, ["function() end"] = true}
  for c, truth in pairs(truths) do
    local want = truth and "yes after" or "no after"
    eq(bodies("if " .. c .. " then log 'yes' else log 'no' end log 'after'"), want, c)
    eq(bodies("if not (" .. c .. ") then log 'no' else log 'yes' end log 'after'"), want, c)
    eq(bodies("local n = 0 while " .. c .. " do n = n + 1 if n == 3 then break end log 'yes' end log 'after'"), truth and "yes yes after" or "after", c)
    eq(bodies("local n = 0 repeat n = n + 1 log 'body' until " .. c .. " or n == 2 log 'after'"), truth and "body after" or "body body after", c)
    eq(bodies("local x = " .. c .. " log(not not x and 'yes' or 'no') log 'after'"), want, c)
    eq(bodies("for i = 1, 2 do if " .. c .. " then else log(i) end end log 'after'"), truth and "after" or "1 2 after", c)
  end
end)

test("empty bodies", function()
  eq(bodies "if log then end if nil then else end if nil then elseif log then end while nil do end for i = 1, 0 do end for k in pairs{} do end do end log 'end'", "end")
  eq(bodies "if nil then else log(1) end if log then log(2) else end", "1 2")
end)

test("breaks out of all kinds of loops, from inside of blocks", function()
  eq(bodies "while true do do if true then break end end end log(1) repeat do break end until false log(2) for i = 1, 9 do if i > 1 then do break end end log(i) end log(3) for k in pairs{1, 2} do do break end end log(4)", "1 2 1 3 4")
  eq(bodies "for i = 1, 2 do while true do if i == 1 then break else break end end log(i) end", "1 2")
end)

test("comparisons", function()
  local nan = 0 / 0
  eq({1 < 2, 2 <= 2, 1 > 2, 2 >= 3, 1 == 1, 1 ~= 1, "a" < "b", "a" == 1, nan == nan, nan ~= nan, nan < nan, nan <= nan, not (nan < 1), not (nan >= 1)},
    {true, true, false, false, true, false, true, false, false, true, false, false, true, true})
  local log = {}
  local function l(v) log[#log + 1] = v return v end
  eq({l(1) > l(2), l(3) >= l(4), l(5) < l(6)}, {false, false, true})
  eq(log, {1, 2, 3, 4, 5, 6})
  local mt = {__lt = function(a, b) return a.n < b.n end, __le = function(a, b) return a.n <= b.n end, __eq = function(a, b) return a.n == b.n end}
  local function o(n) return setmetatable({n = n}, mt) end
  eq({o(1) < o(2), o(1) > o(2), o(2) <= o(2), o(3) >= o(4), o(1) == o(1), o(1) ~= o(1)}, {true, false, true, false, true, false})
  eq({nil == false, nil ~= nil, true == true, "1" == 1, 2 == nil}, {false, false, true, false, false})
end)
