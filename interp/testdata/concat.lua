-- One chain of ".." made a string of any length: 150 times one of 64 MB was 10 GB, and
-- the end of the process. Chains are calls of a function that adds up first.
local function fails(text, fn, ...)
  local ok, err = pcall(fn, ...)
  assert(not ok and tostring(err):find(text, 1, true), tostring(err))
end
local tooLarge = "resulting string too large"

local big = ("x"):rep(2 ^ 26)
local chain = assert(loadstring("local s = ... return " .. ("s.."):rep(150) .. "s"))
fails("string length overflow (resulting string too large: 10133438464 bytes, at most 268435456)", chain, big)
assert(#chain("ab") == 302)

-- One that doubles ends at the bound as well.
fails(tooLarge, function()
  local s = "x"
  while true do s = s .. s end
end)
fails(tooLarge, function() return big .. big .. big .. big .. "!" end)
assert(#(big .. big .. big .. big) == 2 ^ 28)

-- The operands are those of Lua, in its order.
local order = {}
local function note(v) order[#order + 1] = v return v end
assert(note "a" .. note(1) .. note "b" .. note(2.5) == "a1b2.5" and table.concat(order) == "a1b2.5")
local function two() return "p", "q" end
local function rest(...) return "<" .. "" .. (...) .. two() .. ... end
assert(rest("r", "s") == "<rpr")
assert(("a" .. two()) .. "z" .. two() == "apzp")
assert(select("#", two() .. two()) == 1)
local t = {two() .. two(), [two() .. two()] = two() .. two()}
assert(#t == 1 and t[1] == "pp" and t.pp == "pp")
local x = two() and two() .. two() or two() .. "no"
assert(x == "pp")
local function tail() return two() .. two() end
assert(select("#", tail()) == 1 and tail() == "pp")
if two() .. two() == "pp" then x = two() .. two() else x = nil end
assert(x == "pp")

-- __concat comes in where Lua asks for it: from the right, the left operand's before the
-- right one's; any value may have it, and what it returns goes on.
local log = {}
local mt = {}
local function show(v) return getmetatable(v) == mt and v.name or tostring(v) end
mt.__concat = function(l, r)
  log[#log + 1] = show(l) .. "+" .. show(r)
  return setmetatable({name = "(" .. show(l) .. show(r) .. ")"}, mt)
end
local o = setmetatable({name = "o"}, mt)
local a, b = "a", "b"
assert(show(a .. b .. o .. a .. b .. 1) == "(a(b(oab1)))")
assert(table.concat(log, " ") == "o+ab1 b+(oab1) a+(b(oab1))")
local callable = setmetatable({}, {__concat = setmetatable({}, {__call = function(_, l, r) return "called" end})})
assert(a .. callable .. b == "acalled")
assert(a .. setmetatable({}, {__concat = function() return nil, 1 end}) == nil)

-- Waiting inside of it works.
local waits = setmetatable({}, {__concat = function(l, r) thread.sleep(0.001) return "waited" end})
assert(a .. b .. waits == "awaited")

-- What cannot be joined is named as by the VM's own instruction.
local function says(want, source)
  local _, err = pcall(assert(loadstring(source, "=c")))
  assert(err == "c:1: attempt to concatenate " .. want, err)
end
says("global 'nowhere' (a nil value)", "local a = 'a' return a .. nowhere .. a")
says("local 't' (a table value)", "local a, t = 'a', {} return a .. a .. t")
says("field 'x' (a nil value)", "local a, t = 'a', {} return a .. t.x .. a")
says("upvalue 'u' (a nil value)", "local u local function f(a) return a .. u end return f('')")
says("local 'f' (a boolean value)", "local f, a = false, 'a' return f .. a")
says("a function value", "local a = 'a' return a .. print .. a:rep(2) .. function() end")
fails("c:2: attempt to concatenate local 'a' (a nil value)", assert(loadstring("local a\nreturn a .. a", "=c")))
local traced = select(2, xpcall(function() local n return n .. n end, debug.traceback))
assert(not traced:find("[Go]: in a function", 1, true), traced)
