-- The debug library as Lua 5.1 has it. Scripts and libraries (luaunit, Penlight, middleclass)
-- read levels, names and fields that gopher-lua's own library counts or calls otherwise.

test("getinfo of a function", function()
  local function f(a) local b = a return b end
  local i = debug.getinfo(f)
  eq({i.what, i.namewhat, i.nups, i.currentline, i.name}, {"Lua", "", 0, -1, nil})
  eq(i.lastlinedefined, i.linedefined)
  eq(i.func, f)
  eq(i.source, "@" .. i.short_src)
  local c = debug.getinfo(print)
  eq({c.what, c.source, c.short_src, c.linedefined, c.currentline}, {"C", "=[C]", "[C]", -1, -1})
  eq(debug.getinfo(loadstring("return 1")).what, "main")
end)

test("getinfo gives what is asked for, and refuses other letters", function()
  local i = debug.getinfo(1, "l")
  eq({type(i.currentline), i.source, i.func}, {"number"})
  eq(debug.getinfo(print, "L").activelines, nil)
  local lines = debug.getinfo(loadstring("local a = 1\n\nreturn a"), "L").activelines
  eq({lines[1], lines[2], lines[3]}, {true, nil, true})
  raises("bad argument #2 to 'getinfo' (invalid option)", debug.getinfo, print, "X")
end)

test("getinfo names how a call was made", function()
  local function here() local i = debug.getinfo(2, "n") return i.namewhat, i.name end
  local function loc() return (select("#", here())), here() end
  local t = {}
  function t.field() local a, b = here() return a, b end
  function t:method() local a, b = here() return a, b end
  function globalname() local a, b = here() return a, b end
  local function localname() local a, b = here() return a, b end
  eq({(t.field())}, {"field"})
  local a, b = t:method()
  eq({a, b}, {"method", "method"})
  local a, b = globalname()
  eq({a, b}, {"global", "globalname"})
  local a, b = localname()
  eq({a, b}, {"local", "localname"})
  globalname = nil
end)

test("levels look through protected calls", function()
  local function level(n) return debug.getinfo(n, "f").func end
  local function outer() local _, f = pcall(level, 3) return f end
  eq(outer(), outer, "pcall is a level, what it runs on is none")
  eq(debug.getinfo(1000), nil)
  eq(debug.getinfo(-1), nil)
  eq(debug.getinfo(1e300), nil)
end)

test("a call whose place a tail call has taken is a level of its own", function()
  local function info() return debug.getinfo(2, "Sl") end
  local function tail() return info() end
  local i = (function() local i = tail() return i end)()
  eq({i.what, i.short_src, i.source, i.currentline}, {"tail", "(tail call)", "=(tail call)", -1})
end)

test("chunk names", function()
  local function src(code, name) return (loadstring(code, name)) end
  local function message(...) return select(2, pcall(src(...))) end
  eq(message("error('x')", "=name"), "name:1: x")
  eq(message("error('x')", "@file.lua"), "file.lua:1: x")
  eq(message("error('x')", "code"), '[string "code"]:1: x')
  eq(message("error('x')"), [=[[string "error('x')"]:1: x]=])
  eq(message("\nerror('x')"), '[string "..."]:2: x')
  eq(message("error('x') -- " .. ("long "):rep(20)), [=[[string "error('x') -- long long long long long long..."]:1: x]=])
end)

test("sources", function()
  local function source(...) return debug.getinfo(loadstring(...), "S").source end
  eq(source("return 1"), "return 1")
  eq(source("return 1", "=name"), "=name")
  eq(source("return 1", "@file.lua"), "@file.lua")
  eq(debug.getinfo(loadstring("return function() end", "x")(), "S").source, "x")
  eq(debug.getinfo(1, "S").source, "@" .. debug.getinfo(1, "S").short_src)
  local long = ("p"):rep(100)
  eq(debug.getinfo(loadstring("", "@" .. long .. "end"), "S").short_src, "..." .. long:sub(1, 49) .. "end")
end)

test("getlocal and setlocal", function()
  local function f(a, b)
    local c = 3
    local names = {}
    for i = 1, 3 do local n, v = debug.getlocal(1, i) names[n] = v end
    eq(names, {a = 1, b = 2, c = 3})
    eq(debug.setlocal(1, 3, "new"), "c")
    eq(c, "new")
    eq(debug.getlocal(1, 0), nil)
    eq(debug.getlocal(1, -1e9), nil)
    eq(debug.getlocal(1, 1e9), nil)
    eq(debug.setlocal(1, 1000, 1), nil)
    pcall(function() eq({debug.getlocal(3, 1)}, {"a", 1}) end)
  end
  f(1, 2)
  raises("bad argument #1 to 'getlocal' (level out of range)", debug.getlocal, 1000, 1)
  raises("bad argument #1 to 'getlocal' (level out of range)", debug.getlocal, -1, 1)
end)

test("locals of a coroutine that waits", function()
  local co = coroutine.create(function(a) local b = 2 coroutine.yield(b) return b end)
  coroutine.resume(co, 1)
  local names = {}
  for level = 0, 1 do
    if debug.getinfo(co, level) and debug.getinfo(co, level, "S").what == "Lua" then
      for i = 1, 2 do local n, v = debug.getlocal(co, level, i) names[n] = v end
      eq(debug.setlocal(co, level, 2, "changed"), "b")
      break
    end
  end
  eq(names, {a = 1, b = 2})
  eq({coroutine.resume(co)}, {true, "changed"})
end)

test("upvalues", function()
  local a, b = 1, nil
  local function f() return a, b end
  eq({debug.getupvalue(f, 1)}, {"a", 1})
  eq({debug.getupvalue(f, 2)}, {"b"})
  eq(select("#", debug.getupvalue(f, 3)), 0)
  eq(select("#", debug.getupvalue(f, -1)), 0)
  eq(select("#", debug.getupvalue(print, 1)), 0)
  eq(debug.setupvalue(f, 2, "set"), "b")
  eq({f()}, {1, "set"})
  eq(select("#", debug.setupvalue(f, 3, 1)), 0)
end)

test("metatables are seen through __metatable, but for objects of modules", function()
  local mt = {__metatable = "no"}
  local t = setmetatable({}, mt)
  eq(debug.getmetatable(t), mt)
  eq(debug.setmetatable(t, nil), true)
  eq(getmetatable(t), nil)
  eq(debug.getmetatable("").__index, string)
  local q = thread.queue()
  eq(debug.getmetatable(q), "queue")
  raises("bad argument #2 to 'setmetatable' (nil or table expected)", debug.setmetatable, t, 1)
end)

test("environments", function()
  local env = {getfenv = getfenv}
  local f = loadstring("x = 1 return getfenv(1)")
  eq(debug.setfenv(f, env), f)
  eq(f(), env)
  eq({debug.getfenv(f), env.x}, {env, 1})
  eq(debug.getfenv(1), nil)
  local co = coroutine.create(function() coroutine.yield(getfenv(0)) return loadstring("return a")() end)
  local other = {a = 15}
  eq(debug.setfenv(co, other), co)
  eq(debug.getfenv(co), other)
  eq({coroutine.resume(co)}, {true, other})
  eq({coroutine.resume(co)}, {true, 15}, "what it loads has its globals")
  eq(debug.setfenv(print, _G), print)
  raises("'setfenv' cannot change environment of given object", debug.setfenv, 3, {})
end)

test("a thread's globals are those of what it loads", function()
  local old, env = getfenv(0), {}
  setfenv(0, env)
  local f, co = loadstring(""), coroutine.create(function() return getfenv(0) end)
  setfenv(0, old)
  eq(getfenv(f), env)
  eq(select(2, coroutine.resume(co)), env)
end)

test("traceback", function()
  local text = debug.traceback("hello", 1)
  eq(text:match("^hello\nstack traceback:\n\t[^\n]*debug%.lua:%d+: in "), text:match("^hello\nstack traceback:\n\t[^\n]*: in "))
  eq(debug.traceback({}) ~= nil, true)
  local t = {}
  eq(debug.traceback(t), t)
  eq(debug.traceback(nil), nil)
  eq(debug.traceback("msg", "text"):match("^msg\nstack traceback:"), "msg\nstack traceback:")
  eq(debug.traceback("msg", -2^53):match("^msg\nstack traceback:"), "msg\nstack traceback:")
  local co = coroutine.create(function() coroutine.yield() error("oops") end)
  eq(debug.traceback(co):sub(1, 16), "stack traceback:")
  coroutine.resume(co)
  eq(debug.traceback(co):match("debug%.lua:%d+: in function") ~= nil, true)
  eq(debug.traceback(co, "m"):sub(1, 2), "m\n")
  coroutine.resume(co)
  eq(debug.traceback(co):match("in function <") ~= nil, true, "one that has died shows where")
  eq(debug.traceback(co, nil), nil)
end)

test("a coroutine that a mistake ended shows where", function()
  local function inner() local x = nil return x.y end
  local co = coroutine.create(function() inner() end)
  coroutine.resume(co)
  local text = debug.traceback(co)
  eq(text:match("debug%.lua:%d+: in function 'inner'") ~= nil, true, text)
  eq(select(2, text:gsub("\n", "\n")), 2)
  eq(debug.getinfo(co, 0, "l").currentline, debug.getinfo(inner, "S").linedefined)
  eq(debug.getinfo(co, 0, "f").func, inner)
end)

test("newproxy", function()
  local p = newproxy()
  eq({type(p), getmetatable(p)}, {"userdata"})
  local q = newproxy(true)
  getmetatable(q).__index = {x = 1}
  getmetatable(q).__len = function() return 7 end
  eq({q.x, #q}, {1, 7})
  local r = newproxy(q)
  eq(getmetatable(r), getmetatable(q))
  eq(r ~= q, true)
  raises("bad argument #1 to 'newproxy' (boolean or proxy expected)", newproxy, 1)
  raises("bad argument #1 to 'newproxy' (boolean or proxy expected)", newproxy, thread.queue())
end)

-- Each protected call has a stack of its own; a level beyond the first was one of none.
test("traceback counts levels through protected calls", function()
  local function lines(level)
    local _, n = debug.traceback("m", level):gsub("\n", "")
    return n
  end
  local all = lines(0)
  for level = 1, all do eq(lines(level), math.max(1, all - level), level) end
  pcall(function()
    assert(debug.traceback("m", 2):find("^m\nstack traceback:\n[^\n]*'pcall'"))
    assert(not debug.traceback("m", 3):find("^m\nstack traceback:\n[^\n]*'pcall'"))
    assert(debug.traceback("m", 3):find("debug.lua"))
  end)
  eq(debug.traceback("m", 1e300), "m\nstack traceback:")
  eq(debug.traceback("m", 1000), "m\nstack traceback:")
end)
