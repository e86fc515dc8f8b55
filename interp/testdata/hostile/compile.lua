--- parentheses => any
assert(loadstring("return " .. ("("):rep(1e6) .. "1" .. (")"):rep(1e6)))
--- tables in tables => error chunk has too many syntax levels
assert(loadstring("return " .. ("{"):rep(2e5) .. ("}"):rep(2e5)))
--- not => error chunk has too many syntax levels
assert(loadstring("return " .. ("not "):rep(2e5) .. "a"))
--- minus => error chunk has too many syntax levels
assert(loadstring("return " .. ("- "):rep(2e5) .. "a"))
--- length => error chunk has too many syntax levels
assert(loadstring("return " .. ("#"):rep(2e5) .. "a"))
--- power => error chunk has too many syntax levels
assert(loadstring("return a" .. ("^a"):rep(2e5)))
--- plus => ok
assert(loadstring("return a" .. ("+a"):rep(2e5)))
--- concatenation => error too complex
assert(loadstring("return a" .. ("..a"):rep(2e5)))
--- and, or => error control structure too long
assert(loadstring("return a" .. (" and a or a"):rep(1e5)))
--- comparison => ok
assert(loadstring("return a" .. ("<a"):rep(2e5)))
--- calls => ok
assert(loadstring("return f" .. ("()"):rep(2e5)))
--- methods => ok
assert(loadstring("return f" .. (":a()"):rep(2e5)))
--- arguments => error chunk has too many syntax levels
assert(loadstring("return " .. ("f("):rep(2e5) .. (")"):rep(2e5)))
--- fields => ok
assert(loadstring("return f" .. (".a"):rep(2e5)))
--- indexes => error chunk has too many syntax levels
assert(loadstring("return " .. ("a["):rep(2e5) .. "1" .. ("]"):rep(2e5)))
--- blocks => error chunk has too many syntax levels
assert(loadstring(("do "):rep(2e5) .. ("end "):rep(2e5)))
--- loops => error chunk has too many syntax levels
assert(loadstring(("while a do "):rep(1e5) .. ("end "):rep(1e5)))
--- functions => error chunk has too many syntax levels
assert(loadstring(("return function() "):rep(1e5) .. ("end "):rep(1e5)))
--- elseif => error control structure too long
assert(loadstring("if a then " .. ("elseif a then "):rep(1e5) .. " end"))
--- as deep as it goes => ok
local n = 4900
for _, source in ipairs {"return " .. ("not "):rep(n) .. "a", "return a" .. ("+a"):rep(n), "return f" .. ("()"):rep(n), ("do "):rep(n) .. ("end "):rep(n),
  ("return function() "):rep(n / 2) .. ("end "):rep(n / 2), "if a then " .. ("elseif a then "):rep(n / 2) .. " end", "return a" .. (" and a"):rep(n),
  "return {" .. ("{"):rep(200) .. ("}"):rep(200) .. "}", "return f" .. (".a"):rep(n)} do
  loadstring(source)
end
--- many plus => ok
assert(loadstring(("x=a" .. ("+a"):rep(9000) .. " "):rep(200)))
--- many constants => ok
local t = {} for i = 1, 2e5 do t[i] = "x=" .. i .. ".5" end assert(loadstring(table.concat(t, "\n")))
--- many names => ok
local t = {} for i = 1, 2e5 do t[i] = "x" .. i .. "=1" end assert(loadstring(table.concat(t, "\n")))
--- many labels => ok
local t = {} for i = 1, 1e5 do t[i] = "::l" .. i .. "::" end assert(loadstring(table.concat(t)))
--- many gotos => ok
local t = {} for i = 1, 5e4 do t[i] = "goto l" .. i end for i = 1, 5e4 do t[#t + 1] = "::l" .. i .. "::" end assert(loadstring(table.concat(t, " ")))
--- many functions => ok
assert(loadstring(("f(function() end) "):rep(1e5)))
--- many blocks around many names => error chunk has too many syntax levels
assert(loadstring(("do "):rep(5000) .. "x=1 " .. ("y=a "):rep(1e6) .. ("end "):rep(5000)))
--- many locals => error
local t = {} for i = 1, 1e4 do t[i] = "local a" .. i end assert(loadstring(table.concat(t, "\n")))
--- many upvalues => any
local t = {} for i = 1, 190 do t[i] = "local a" .. i end
local u = {} for i = 1, 190 do u[i] = "local b" .. i end
local v = {} for i = 1, 190 do v[i] = "x=a" .. i .. " x=b" .. i end
local f = loadstring(table.concat(t, " ") .. " return function() " .. table.concat(u, " ") .. " return function() " .. table.concat(v, " ") .. " end end") f()()()
--- many parameters => error
local t = {} for i = 1, 300 do t[i] = "a" .. i end assert(loadstring("return function(" .. table.concat(t, ",") .. ") end"))
--- many arguments => any
assert(loadstring("return f(" .. ("1,"):rep(1e4) .. "1)"))
--- many values => any
assert(loadstring("local a = " .. ("1,"):rep(1e4) .. "1"))() assert(loadstring("return " .. ("1,"):rep(1e4) .. "1"))()
--- many variables at once => error
local t = {} for i = 1, 300 do t[i] = "a" .. i end assert(loadstring("local " .. table.concat(t, ",") .. " = 1"))
--- many items => ok
assert(loadstring("return {" .. ("1,"):rep(1e5) .. "}"))
--- a far jump => error
assert(loadstring("while a do " .. ("x=1 "):rep(2e5) .. " end"))
--- a long string => any
assert(loadstring("return '" .. ("x"):rep(1e7) .. "'"))
--- a long name => any
assert(loadstring(("x"):rep(1e7) .. "=1"))
--- a long number => any
assert(loadstring("return " .. ("9"):rep(1e6))) assert(loadstring("return 0x" .. ("f"):rep(1e6)))
--- a long comment => any
assert(loadstring("--" .. ("x"):rep(1e7))) assert(loadstring("--[[" .. ("x"):rep(1e7)))
--- a long bracket => any
assert(loadstring("return [" .. ("="):rep(1e6) .. "["))
--- brackets in brackets => any
loadstring(("[["):rep(1e6)) loadstring(("[=["):rep(1e6)) loadstring(("--[["):rep(1e5)) loadstring(("--[==["):rep(1e5))
--- newlines => any
assert(loadstring(("\n"):rep(1e7))) assert(loadstring(("\r\n\n\r"):rep(1e6)))
--- semicolons => any
assert(loadstring("x=1" .. (";x=1"):rep(1e5)))
--- too much source => error at most
assert(loadstring((" "):rep(2 ^ 25)))
--- source without end => any
load(function() return ("x=1 "):rep(2 ^ 20) end)
--- source as long as may be => stopped
while true do loadstring(("x{a.b.c,d:e(f),2+3} "):rep(2 ^ 18)) end
--- constants as many as may be => stopped
local t = {} for i = 1, 2e4 do t[i] = "x=" .. i .. ".5" end t = table.concat(t, "\n") while true do pcall(loadstring, t) end
--- no Lua at all => any
for _, s in ipairs {"\27Lua", "\0", "#", "#\n", "\255\254", "return", "=", "(", ")", "'", '"', "[[", "--[[", "[=", "0x", "1e", "...", "goto", "::", "::a", "\\", "'\\", "'\\300'", "'\\x", "a.", "a:", "a:b", "local", "function", "local function", "for", "for a", "for a=", "if", "repeat", "until", "end", "not", "-", "~", "~=", "1..2", "@", "$", "`", "a=b=c", "f() = 1", "break", "return return", "local a.b", "goto continue"} do
  print(loadstring(s)) print(loadstring(s, s)) print(load(function() local x = s s = nil return x end))
end
--- chunk names => any
for _, n in ipairs {"", "=", "@", ("x"):rep(1e6), "%s%d%n", "\n", "\0"} do print(loadstring("error'x'", n)) print(pcall(loadstring("error'x'", n))) print(loadstring("x x", n)) end
--- string.dump => error
string.dump(print)
