-- string.dump: libraries (lua-MessagePack, compat-5.3) dump a function while they load, to
-- see in the header how numbers are stored; serializers keep functions as strings. The
-- string is for this process: what a script makes up itself is not run.

test("what is dumped can be loaded", function()
  local f = loadstring(string.dump(function(a, ...) return a + 1, select("#", ...), "x" .. a end))
  eq({f(41, 1, 2)}, {42, 2, "x41"})
  eq(load(string.dump(function() return 5 end), "name")(), 5)
  local s, i = string.dump(function() return "by pieces" end), 0
  eq(load(function() i = i + 1 return s:sub(i, i) end)(), "by pieces")
end)

test("the header is that of Lua 5.1", function()
  local h = string.dump(function() end)
  eq(h:sub(1, 4), "\27Lua")
  eq({h:byte(5, 12)}, {0x51, 0, 1, 4, 8, 4, 8, 0})
end)

test("nested functions, constants, names and lines", function()
  local source = "local t = {n = nil, yes = true, no = false, f = 1.5, s = 'a\\0b'}\n" ..
    "function t.inner(x)\n  return function() x = x + 1 return x, t end\nend\nreturn t, undefinedname.field"
  local f = loadstring(string.dump(loadstring(source, "@source.lua")))
  local ok, err = pcall(f)
  eq(err, "source.lua:5: attempt to index global 'undefinedname' (a nil value)")
  undefinedname = {field = 7}
  local t, v = f()
  undefinedname = nil
  eq({t.yes, t.no, t.f, t.s, v}, {true, false, 1.5, "a\0b", 7})
  eq(debug.getinfo(f, "S").source, "@source.lua")
  local g = t.inner(1)
  eq({g(), (g())}, {2, 3})
end)

test("upvalues are new, and nil", function()
  local a, b = 20, 30
  local x = loadstring(string.dump(function(x)
    if x == "set" then a = 10 + b b = b + 1 else return a end
  end))
  eq(x(), nil)
  eq(debug.setupvalue(x, 1, "hi"), "a")
  eq(x(), "hi")
  eq(debug.setupvalue(x, 2, 13), "b")
  eq(debug.setupvalue(x, 3, 10), nil)
  x("set")
  eq(x(), 23)
  x("set")
  eq(x(), 24)
  eq({a, b}, {20, 30})
end)

test("what is not a dump of this process", function()
  local s = string.dump(function() return 1 end)
  local function refused(chunk, want)
    local f, err = loadstring(chunk, "=c")
    eq(f, nil)
    eq(err:find(want, 1, true) ~= nil, true, err)
  end
  refused("\27Lua", "bad header in precompiled chunk")
  refused("\27LuaQ" .. ("\0"):rep(100), "bad header in precompiled chunk")
  for _, at in ipairs{13, 20, 50, #s} do
    local c = string.char((s:byte(at) + 1) % 256)
    refused(s:sub(1, at - 1) .. c .. s:sub(at + 1), "not of this process")
  end
  refused(s:sub(1, -2), "not of this process")
  refused(s .. "x", "not of this process")
end)

test("modes", function()
  local s = string.dump(function() return 1 end)
  eq({load(s, "c", "t")}, {nil, "attempt to load a binary chunk (mode is 't')"})
  eq({load("return 1", "c", "b")}, {nil, "attempt to load a text chunk (mode is 'b')"})
  eq(load(s, "c", "b")(), 1)
  local env = {v = 9}
  eq(load(string.dump(loadstring("return v")), "c", "bt", env)(), 9)
end)

test("what has no code", function()
  raises("unable to dump given function", string.dump, print)
  raises("bad argument #1 to 'dump' (function expected, got no value)", string.dump)
end)
