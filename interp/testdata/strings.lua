-- The string library.

test("sub, byte, char, len, rep, reverse, upper, lower", function()
  local s = "hello"
  eq({s:sub(2), s:sub(2, 3), s:sub(-3), s:sub(-3, -2), s:sub(0), s:sub(10), s:sub(3, 2), s:sub(-100, 2)}, {"ello", "el", "llo", "ll", "hello", "", "", "he"})
  eq({s:byte(), s:byte(2), s:byte(-1), s:byte(10)}, {104, 101, 111, nil})
  eq({s:byte(1, -1)}, {104, 101, 108, 108, 111})
  eq({string.char(), string.char(0, 255, 65)}, {"", "\0\255A"})
  raises("bad argument", string.char, 256)
  raises("bad argument", string.char, -1)
  eq({s:len(), ("\0\0"):len(), s:rep(2), s:rep(0), s:reverse(), s:upper(), ("ABC"):lower()}, {5, 2, "hellohello", "", "olleh", "HELLO", "abc"})
  eq(("\255\0\1"):reverse(), "\1\0\255")
  eq(("\200x"):upper(), "\200X", "bytes, not UTF-8")
end)

test("find", function()
  eq({("hello world"):find("o w")}, {5, 7})
  eq({("hello"):find("l")}, {3, 3})
  eq({("hello"):find("l", 4)}, {4, 4})
  eq({("hello"):find("xyz")}, {nil})
  eq({("a.b"):find(".", 1, true)}, {2, 2})
  eq({("a.b"):find("%.")}, {2, 2})
  eq({("key=value"):find("(%w+)=(%w+)")}, {1, 9, "key", "value"})
  eq({("hello"):find("")}, {1, 0})
  eq({("hello"):find("", 3)}, {3, 2})
  eq({("hello"):find("l", -2)}, {4, 4})
  eq({("hello"):find("()ll()")}, {3, 4, 3, 5})
  eq({("a\0b"):find("\0", 1, true)}, {2, 2})
  eq({("a\0b"):find("%z")}, {2, 2})
end)

test("match", function()
  eq({("GET /path HTTP/1.1"):match("^(%S+) (%S+) HTTP/(%d)%.(%d)$")}, {"GET", "/path", "1", "1"})
  eq({("  trim  "):match("^%s*(.-)%s*$")}, {"trim"})
  eq({("2024-01-31"):match("(%d+)-(%d+)-(%d+)")}, {"2024", "01", "31"})
  eq({("abc"):match("b")}, {"b"})
  eq({("abc"):match("^b")}, {nil})
  eq({("f(a(b)c)d"):match("%b()")}, {"(a(b)c)"})
  eq({("THE (quick) fox"):match("%((%a+)%)")}, {"quick"})
  eq({("aaa"):match("a-"), ("aaa"):match("a*"), ("aaa"):match("a+"), ("aaa"):match("^a?")}, {"", "aaa", "aaa", "a"})
  eq({("x=1"):match("([^=]*)=([^=]*)")}, {"x", "1"})
  eq({("]"):match("[]]"), ("a-z"):match("[a%-]+"), ("^"):match("[%^]")}, {"]", "a-", "^"})
  eq({([["quoted" 'x']]):match("([\"'])(.-)%1")}, {'"', "quoted"})
  eq({("abc"):match("()", 2)}, {2})
  eq({("THE (quick) fox"):match("%f[%a]%a+", 5)}, {"quick"})
end)

test("gmatch", function()
  local t = {}
  for w in ("one two  three"):gmatch("%a+") do t[#t + 1] = w end
  eq(t, {"one", "two", "three"})
  t = {}
  for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do t[k] = v end
  eq(t, {a = "1", b = "2"})
  local n = 0
  for _ in ("abc"):gmatch("") do n = n + 1 end
  eq(n, 4)
end)

test("gsub", function()
  eq({("hello"):gsub("l", "L")}, {"heLLo", 2})
  eq({("hello"):gsub("l", "L", 1)}, {"heLlo", 1})
  eq({("hello"):gsub("l", "L", 0)}, {"hello", 0})
  eq({("hello world"):gsub("(%w+) (%w+)", "%2 %1")}, {"world hello", 1})
  eq({("abc"):gsub("%w", "%0%0")}, {"aabbcc", 3})
  eq({("abc"):gsub("", "-")}, {"-a-b-c-", 4})
  eq({("$name is $age"):gsub("%$(%w+)", {name = "Lua", age = 30})}, {"Lua is 30", 2})
  eq({("abc"):gsub("%w", {a = "1", b = false})}, {"1bc", 3})
  eq({("abc"):gsub("%w", function(c) if c ~= "b" then return c:byte() end end)}, {"97b99", 3})
  eq({("a b c"):gsub("(%w)", function(c) return c:upper() end)}, {"A B C", 3})
  eq({("100%"):gsub("%%", "%%%%")}, {"100%%", 1})
  eq({("abc"):gsub("^a", "x")}, {"xbc", 1})
  eq({("aaa"):gsub("^a", "x")}, {"xaa", 1})
  eq({("a\0b"):gsub("%z", "0")}, {"a0b", 1})
  eq((("\0\255"):gsub(".", function(c) return ("%02x"):format(c:byte()) end)), "00ff")
  eq(pcall(string.gsub, "abc", "%w", function() return {} end), false)
end)

test("patterns that are none", function()
  for _, p in ipairs {"[a", "(a", "%", "[%", "%b", "%f"} do eq(pcall(string.find, "a", p), false, p) end
  eq(pcall(string.gsub, "a", "(a)", "%2"), false)
end)

test("character classes", function()
  local all = {}
  for i = 0, 255 do all[#all + 1] = string.char(i) end
  all = table.concat(all)
  for class, count in pairs {["%a"] = 52, ["%d"] = 10, ["%l"] = 26, ["%u"] = 26, ["%w"] = 62, ["%x"] = 22, ["%s"] = 6, ["%p"] = 32, ["%c"] = 33, ["."] = 256, ["[%w_]"] = 63, ["%A"] = 204, ["[^%s]"] = 250, ["[a-f]"] = 6} do
    eq(select(2, all:gsub(class, "")), count, class)
  end
end)

test("format: integers", function()
  local f = string.format
  eq({f("%d", 42), f("%d", -42), f("%5d|", 42), f("%-5d|", 42), f("%05d", 42), f("%+d", 42), f("% d", 42), f("%i", 7)}, {"42", "-42", "   42|", "42   |", "00042", "+42", " 42", "7"})
  eq({f("%x", 255), f("%X", 255), f("%#x", 255), f("%04x", 10), f("%o", 8), f("%u", 5), f("%c%c", 76, 117)}, {"ff", "FF", "0xff", "000a", "10", "5", "Lu"})
  eq({f("%d", "10"), f("%d", 2 ^ 31), f("%d", 2 ^ 53), f("%x", 2 ^ 32), f("%.3d", 5)}, {"10", "2147483648", "9007199254740992", "100000000", "005"})
  eq(f("%c", 0), "\0")
end)

test("format: floats", function()
  local f = string.format
  eq({f("%f", 1.5), f("%.2f", 3.14159), f("%8.3f|", 3.14159), f("%-8.1f|", 2.25), f("%.0f", 0.5), f("%.0f", 1.5), f("%+.1f", 1)}, {"1.500000", "3.14", "   3.142|", "2.2     |", "0", "2", "+1.0"})
  eq({f("%e", 12345.678), f("%.2E", 0.00012), f("%g", 0.1), f("%g", 100000), f("%g", 1e20), f("%.3g", 3.14159), f("%g", 1e-5)}, {"1.234568e+04", "1.20E-04", "0.1", "100000", "1e+20", "3.14", "1e-05"})
  eq({f("%g", 1 / 3), f("%.14g", 2 ^ 53), f("%.1f", "2.5")}, {"0.333333", "9.007199254741e+15", "2.5"})
  eq({f("%f", 1 / 0), f("%.1f", -1 / 0), f("%d%%", 50)}, {"inf", "-inf", "50%"})
end)

test("format: strings", function()
  local f = string.format
  eq({f("%s", "x"), f("%5s|", "x"), f("%-5s|", "x"), f("%.2s", "xyz"), f("%5.1s|", "xyz"), f("%s", 42), f("%s %s", "a", "b")}, {"x", "    x|", "x    |", "xy", "    x|", "42", "a b"})
  eq(f("%s", ("x"):rep(200)), ("x"):rep(200))
  eq(f("%s", "a\0b"), "a\0b")
  eq(f("%5s", "\195\164"), "   \195\164", "widths count bytes")
  eq(f("no directive"), "no directive")
  eq(f("%%"), "%")
end)

test("format: %q can be read back", function()
  for _, s in ipairs {"plain", 'quo"te', "back\\slash", "new\nline", "return\r", "zero\0one", "\1\200\255", ""} do
    eq(assert(loadstring("return " .. ("%q"):format(s)))(), s)
  end
end)

test("format: what does not fit is an error", function()
  raises("bad argument", string.format, "%d", "x")
  raises("bad argument", string.format, "%d", {})
  raises("bad argument", string.format, "%d")
  raises("bad argument", string.format, "%s %s", "only one")
  eq(pcall(string.format, "%y", 1), false)
  eq(pcall(string.format, "%", 1), false)
  eq(string.format("%d", 1, 2), "1", "too many are no error")
end)

test("numbers and strings", function()
  eq({tostring(1), tostring(-1), tostring(1.5), tostring(0.1), tostring(1e100), tostring(123456789)}, {"1", "-1", "1.5", "0.1", "1e+100", "123456789"})
  eq({1 .. "", 1.5 .. "", 10 / 2 .. ""}, {"1", "1.5", "5"})
  eq({#tostring(print) > 0, tostring(nil), tostring(true)}, {true, "nil", "true"})
  assert(tostring({}):find("^table: "), tostring({}))
  assert(tostring(print):find("^function: "), tostring(print))
  raises("bad argument #1", tostring)
end)

test("__tostring", function()
  eq(tostring(setmetatable({}, {__tostring = function() return "mine" end})), "mine")
end)
