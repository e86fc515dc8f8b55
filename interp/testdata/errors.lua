-- pcall, xpcall, error, assert, debug.traceback.

local function line() return debug.getinfo(2, "l").currentline end

test("pcall gives true and all results", function()
  eq({pcall(function(...) return ... end, 1, nil, 3)}, {true, 1, nil, 3})
  eq(select("#", pcall(function() return nil, nil end)), 3)
  eq(select("#", pcall(function() end)), 1)
end)

test("pcall gives false and the very object", function()
  local thrown = setmetatable({}, {__tostring = function() return "custom" end})
  local ok, err = pcall(error, thrown)
  eq({ok, rawequal(err, thrown)}, {false, true})
  for _, v in ipairs {1, true, false, print} do eq({pcall(error, v, 0)}, {false, v}) end
  eq({pcall(error, nil)}, {false, nil})
  eq({pcall(error)}, {false, nil})
end)

test("error adds where it happened, unless told not to", function()
  local here = line() + 1
  local _, err = pcall(function() error("message") end)
  assert(err:find("errors%.lua:" .. here .. ": message$"), err)
  eq({pcall(error, "plain", 0)}, {false, "plain"})
  local function blame() error("yours", 2) end
  here = line() + 1
  _, err = pcall(function() blame() end)
  assert(err:find("errors%.lua:" .. here .. ": yours$"), err)
end)

test("numbers are messages too, tables are not", function()
  local t = {}
  eq(select(2, pcall(error, t, 1)) == t, true)
  eq(select(2, pcall(error, t, 2)) == t, true)
end)

test("runtime errors say where", function()
  local none
  local here = line() + 1
  local _, err = pcall(function() return none.x end)
  assert(err:find("errors%.lua:" .. here .. ":"), err)
  here = line() + 1
  _, err = pcall(function() return 1 + {} end)
  assert(err:find("errors%.lua:" .. here .. ":"), err)
end)

test("pcall of what cannot be called", function()
  eq(pcall(nil), false)
  eq(pcall(5), false)
  local ok, err = pcall({})
  assert(not ok and err:find("attempt to call a table value", 1, true), tostring(err))
  eq({pcall(setmetatable({}, {__call = function(_, x) return x end}), "called")}, {true, "called"})
end)

test("pcalls in a row and one in the other", function()
  eq({pcall(pcall, error, "x")}, {true, false, "x"})
  local depth = 0
  local function nest(n)
    depth = depth + 1
    if n == 0 then error("bottom", 0) end
    local ok, err = pcall(nest, n - 1)
    error(err .. n, 0)
  end
  eq({pcall(nest, 5)}, {false, "bottom12345"})
  eq(depth, 6)
  eq({pcall(function() return "fine" end)}, {true, "fine"})
end)

test("xpcall hands the error to its handler, whose answer it gives", function()
  eq({xpcall(function() error("x", 0) end, function(e) return e .. "!" end)}, {false, "x!"})
  eq({xpcall(function() return 1, 2 end, error)}, {true, 1, 2})
  local t = {}
  eq(select(2, xpcall(function() error(t) end, function(e) return e end)) == t, true)
end)

test("the handler runs where the error is: its traceback names the line", function()
  local here
  local function culprit()
    here = line() + 1
    error("x")
  end
  local ok, trace = xpcall(function() culprit() end, debug.traceback)
  eq(ok, false)
  assert(trace:find("errors%.lua:" .. here .. ": x"), "no message: " .. trace)
  assert(trace:find("stack traceback:", 1, true), trace)
  local _, count = trace:gsub("errors%.lua:" .. here .. ":", "")
  assert(count >= 2, "the failing line is a frame of the traceback as well: " .. trace)
end)

test("a handler that fails itself", function()
  local ok, err = xpcall(function() error("x") end, function() error("handler fails") end)
  eq(ok, false) -- what it says is up to the runtime; it must end, and here
  eq({pcall(function() return "alive" end)}, {true, "alive"})
end)

test("a handler may use pcall", function()
  eq({xpcall(function() error("x", 0) end, function(e) return e .. tostring(pcall(error, "y")) end)}, {false, "xfalse"})
end)

test("assert gives all its arguments, or raises the second", function()
  eq({assert(1, "unused", 3)}, {1, "unused", 3})
  eq({pcall(assert, false, "message")}, {false, "message"})
  eq({pcall(assert, nil)}, {false, "assertion failed!"})
  raises("bad argument #1", assert)
end)

test("debug.traceback", function()
  local trace = debug.traceback("message")
  assert(trace:find("^message\nstack traceback:\n"), trace)
  assert(trace:find("errors%.lua:%d+:"), trace)
  assert(debug.traceback():find("^stack traceback:\n"), debug.traceback())
  local t = {}
  eq(debug.traceback(t) == t, true, "what is no string comes back as it is")
end)

test("debug.traceback of a coroutine", function()
  local here
  local co = coroutine.create(function()
    here = line() + 1
    coroutine.yield()
  end)
  coroutine.resume(co)
  local trace = debug.traceback(co)
  assert(trace:find("errors%.lua:" .. here .. ":"), trace)
  assert(debug.traceback(co, "message"):find("^message\n"), debug.traceback(co, "message"))
end)

test("debug.getinfo", function()
  local function f() return debug.getinfo(1, "Sln") end
  local info = f()
  eq(info.currentline > 0, true)
  assert(info.source:find("errors%.lua$"), info.source)
  assert(info.short_src:find("errors%.lua"), tostring(info.short_src))
  eq(info.what, "Lua")
  eq(debug.getinfo(1000), nil)
  info = debug.getinfo(f, "S")
  eq({info.linedefined > 0, info.what}, {true, "Lua"})
  eq(debug.getinfo(f).func == f, true)
end)

test("syntax errors say the line", function()
  local f, err = loadstring("local x = 1\nx = = 2\n", "=chunk")
  eq(f, nil)
  assert(err:find("chunk", 1, true) and err:find("2", 1, true), err)
  f, err = loadstring("for i = 1, 10 do", "=chunk")
  eq(f, nil)
  eq(type(err), "string")
  f, err = loadstring("return 'unended", "=chunk")
  eq(f, nil)
  for _, bad in ipairs {"x", "x =", "1 = x", "return return", "local function", "break", "a.b:c = 1", "x = }", "\1", "x = 'a\nb'"} do
    eq((loadstring(bad, "=bad")), nil, bad)
  end
end)

test("loadstring and load", function()
  eq(assert(loadstring("return ...", "=chunk"))("in"), "in")
  local pieces, i = {"return ", "1 ", "+ 2"}, 0
  eq(assert(load(function() i = i + 1 return pieces[i] end))(), 3)
  local f = loadstring("x_of_chunk = 5 return x_of_chunk")
  setfenv(f, {})
  eq(f(), 5)
  eq(rawget(_G, "x_of_chunk"), nil)
  local _, err = pcall(assert(loadstring("\n\nerror('in chunk')", "@named.lua")))
  assert(err:find("named.lua:3: in chunk", 1, true), err)
end)

-- The VM calls a function as __call, and no table that has a __call itself; pcall said of
-- such a thing, without a place, "attempt to call a value that is not a function".
test("pcall of what has a callable table as __call", function()
  local c = setmetatable({}, {__call = function() return "x" end})
  eq({pcall(c)}, {true, "x"})
  eq({pcall(setmetatable({}, {__call = c}))}, {false, "attempt to call a table value"})
  eq({pcall(5)}, {false, "attempt to call a number value"})
end)
