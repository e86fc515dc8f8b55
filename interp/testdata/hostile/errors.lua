--- nil => error
error(nil)
--- a table => error table value
error({})
--- a function => error function value
error(function() end)
--- itself => error
local t = setmetatable({}, {__tostring = function(t) error(t) end}) error(t)
--- an error object's __tostring that loops => stopped
error(setmetatable({}, {__tostring = function() while true do end end}))
--- an error object's __tostring that recurses => error
error(setmetatable({}, {__tostring = function(t) return tostring(t) .. "" end}))
--- an error object's __tostring that gives a table => any
error(setmetatable({}, {__tostring = function() return {} end}))
--- an error object's __tostring that yields => any
coroutine.wrap(function() error(setmetatable({}, {__tostring = function() coroutine.yield() end})) end)()
--- an error object's __tostring that waits => stopped
error(setmetatable({}, {__tostring = function() thread.sleep(1000) return "x" end}))
--- an error object's __tostring that ends the script => any
error(setmetatable({}, {__tostring = function() os.exit(3) end}))
--- in a thread, one that loops => stopped
thread.start(function() error(setmetatable({}, {__tostring = function() while true do end end})) end)
--- __index of an error object => any
error(setmetatable({}, {__index = function(t, k) error(t[k]) end}))
--- __concat of an error object => any
local e = setmetatable({}, {__concat = function(a, b) return a .. b end}) print(pcall(function() return e .. "x" end)) error(e)
--- __eq of an error object => any
local e = setmetatable({}, {__eq = function(a, b) return a == b end}) local ok, x = pcall(error, e) print(x == setmetatable({}, getmetatable(e)))
--- __gc and __mode => ok
for i = 1, 1000 do setmetatable({}, {__gc = function() while true do end end, __mode = "kv"}) end collectgarbage()
--- __metatable => error
local t = setmetatable({}, {__metatable = false}) setmetatable(t, {})
--- a handler that fails => any
print(xpcall(error, error)) print(xpcall(error, function(e) error(e) end))
--- a handler that fails in a handler => any
print(xpcall(error, function(e) return xpcall(error, function() error() end) end))
--- a handler that is no function => any
print(pcall(xpcall, error, 1)) print(xpcall(error, nil)) print(xpcall(error, {}))
--- a handler for a stack overflow => any
local function f() return 1 + f() end print(xpcall(f, f)) print(xpcall(f, debug.traceback))
--- a handler that yields => any
print(coroutine.wrap(function() return xpcall(error, coroutine.yield) end)())
--- a handler that waits => ok
assert(not xpcall(error, function() thread.sleep(0.01) end))
--- a handler that loops => stopped
xpcall(error, function() while true do end end)
--- an error's fields changed => any
local ok, e = pcall(socket.socket, 9999) print(pcall(function() e.code = 1 end)) error(e)
--- an error object's metatable => any
local ok, e = pcall(socket.socket, 9999) debug.getmetatable(e).__tostring = function() error("x") end error(e)
--- an error object's metatable, gone => any
local ok, e = pcall(socket.socket, 9999) debug.setmetatable(e, nil) error(e)
--- another type's metatable on an error => any
local ok, e = pcall(socket.socket, 9999) debug.setmetatable(e, debug.getmetatable(socket.socket())) print(pcall(tostring, e)) print(pcall(function() return e.family end)) error(e)
--- an error's metatable on a socket => any
local ok, e = pcall(socket.socket, 9999) local s = socket.socket() debug.setmetatable(s, debug.getmetatable(e)) print(pcall(tostring, s)) print(pcall(function() return s.code end)) error(s)
--- metamethods called with the wrong self => any
local ok, e = pcall(socket.socket, 9999)
for _, o in ipairs {e, socket.socket(), thread.current(), thread.lock(), io.stdout, selectors.new(), coroutine.create(print), channel.make()} do
  for name, f in pairs(debug.getmetatable(o) or {}) do
    if type(f) == "function" then
      pcall(f) pcall(f, nil) pcall(f, {}) pcall(f, e) pcall(f, io.stdout, "x") pcall(f, e, "code", 1) pcall(f, o, {}) pcall(f, 1, 2, 3)
    end
  end
end
--- methods called with the wrong self => any
local ok, e = pcall(socket.socket, 9999)
for _, name in ipairs {"socket", "thread", "selectors", "channel", "process", "tls", "string", "table", "struct", "json"} do
  for f, fn in pairs(_G[name]) do
    if type(fn) == "function" and f ~= "fdopen" and f ~= "fromfd" and f ~= "close" then
      pcall(fn, e) pcall(fn, {}) pcall(fn, setmetatable({}, {__index = error}))
    end
  end
end
--- the metatable of strings => any
debug.setmetatable("", nil) print(pcall(function() return ("x"):rep(2) end))
debug.setmetatable("", {__index = function(s, k) error(s) end, __concat = error, __len = error}) print(pcall(function() return ("x").y end))
local x = #"abc" .. "d" debug.setmetatable("", {__index = string})
--- metatables of everything => any
for _, v in ipairs {1, true, print, coroutine.create(print)} do
  debug.setmetatable(v, {__index = error, __call = error, __add = error, __tostring = error, __eq = error, __lt = error, __len = error, __concat = error})
end
print(pcall(function() return (1).x end), pcall(function() return true() end), pcall(tostring, print), pcall(function() return print < print end))
debug.setmetatable(nil, {__index = function() return nil end, __call = function() end}) local a = b.c.d e()
for _, v in ipairs {1, true, print, coroutine.create(print)} do debug.setmetatable(v, nil) end debug.setmetatable(nil, nil)
--- the environment taken away => any
setfenv(1, {}) x()
--- the environment of threads => any
setfenv(0, setmetatable({}, {__index = error, __newindex = error})) print(1)
--- the globals broken => broken
local e, p = error, pcall
setmetatable(_G, {__index = function(_, k) return e(k) end, __newindex = e, __metatable = 1}) p(function() return nothing end) x = 1
--- the globals emptied => broken
for k in pairs(_G) do _G[k] = nil end print(1)
--- package broken => any
package.loaded = nil package.loaders = nil package.path = {} package.preload = 1 print(pcall(require, "x")) require "socket"
--- package.loaded with traps => any
setmetatable(package.loaded, {__index = error, __newindex = error}) print(pcall(require, "y")) require "z"
--- upvalues of builtins => any
for _, t in pairs {_G, string, table, io, os, coroutine, debug, socket} do
  for k, f in pairs(t) do
    if type(f) == "function" then for i = -1, 5 do pcall(debug.getupvalue, f, i) pcall(debug.setupvalue, f, i, error) end pcall(setfenv, f, {}) pcall(getfenv, f) end
  end
end
--- locals of builtins => any
local function meddle() for level = -1, 20 do for i = -2, 300 do
  if not pcall(debug.getlocal, level, i) then break end
  pcall(debug.setlocal, level, i, nil)
end end return false end
pcall(table.sort, {3, 2, 1}, meddle) pcall(string.gsub, "abc", ".", meddle) pcall(pcall, meddle)
--- locals of builtins, set to anything => any
local function meddle() for i = 1, 5 do pcall(debug.setlocal, 2, i, {}) pcall(debug.setlocal, 3, i, "x") end return false end
pcall(table.sort, {3, 2, 1}, meddle) pcall(string.gsub, "abc", ".", meddle) pcall(table.foreach, {1, 2}, meddle)
local s = socket.socket() pcall(s.with, s, meddle) pcall(xpcall, meddle, meddle)
--- debug.getinfo of anything => any
for i = -5, 50 do pcall(debug.getinfo, i) pcall(debug.getinfo, i, "fLSunl>?") end pcall(debug.getinfo, print) pcall(debug.getinfo, 1e300) pcall(debug.getinfo, -1e300) pcall(debug.traceback, "x", 1e300) pcall(debug.traceback, "x", -1e300)
--- levels out of this world => any
for _, l in ipairs {-1, 0, 1, 50, 1e9, 2 ^ 53, 1e300, -1e300, 0 / 0, 1 / 0} do pcall(error, "x", l) pcall(getfenv, l) pcall(setfenv, l, {}) pcall(debug.getlocal, l, l) end
--- debug's functions far out => ok
for _, n in ipairs {-1, -1e9, 2 ^ 53, -2 ^ 53, 1e300, 0 / 0, 0} do for _, f in pairs(debug) do for _, args in ipairs {{n}, {1, n}, {print, n}, {nil, n}, {1, n, n}, {coroutine.create(print), n, n}} do
  local ok, e = pcall(f, unpack(args, 1, 3)) assert(ok or not tostring(e):find("internal", 1, true), e)
end end end
