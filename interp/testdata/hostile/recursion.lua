--- calls => error stack overflow
local function f() return 1 + f() end f()
--- calls in a coroutine => error overflow
coroutine.wrap(function() local function f() return 1 + f() end f() end)()
--- calls in a thread => ok
thread.start(function() local function f() return 1 + f() end f() end):join()
--- tail calls => stopped
local function f() return f() end f()
--- pcall in pcall => ok
local function f() return pcall(f) end f()
--- pcall in pcall, and deep between => ok
local levels = 0
local function f(n)
  if n > 0 then
    local t = setmetatable({}, {__index = function() return f(n - 1) end})
    return t.x, 1
  end
  levels = levels + 1
  return pcall(f, levels < 6 and 7000 or 450)
end
pcall(f, 7000)
--- pcall in pcall, and sorting between => ok
local levels = 0
local function f(n)
  if n > 0 then table.sort({1, 2}, function() f(n - 1) return false end) return end
  levels = levels + 1
  pcall(f, levels < 6 and 4900 or 300)
end
pcall(f, 4900)
--- xpcall in its handler => any
local function f() error("x") end
local function h(e) return xpcall(f, h) end
xpcall(f, h)
--- coroutines in coroutines => ok
local function f() local co = coroutine.create(f) return coroutine.resume(co) end f()
--- coroutines in coroutines, and deep between => ok
local function f(n)
  if n > 0 then local t = setmetatable({}, {__index = function() return f(n - 1) end}) return t.x, 1 end
  return coroutine.resume(coroutine.create(f), 450)
end
f(450)
--- wraps in wraps => error overflow
local function f() coroutine.wrap(f)() end f()
--- threads in threads => any
local function f() local t = thread.start(f) t:join() end f()
--- __index => error stack overflow
local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k], 1 end local x = t.x
--- __newindex => error stack overflow
local t = setmetatable({}, {}) getmetatable(t).__newindex = function(t, k, v) t[k] = v end t.x = 1
--- a circle of __index tables => error
local a, b = {}, {} setmetatable(a, {__index = b}) setmetatable(b, {__index = a}) local x = a.x
--- a circle of __newindex tables => error
local a, b = {}, {} setmetatable(a, {__newindex = b}) setmetatable(b, {__newindex = a}) a.x = 1
--- a long chain of __index => any
local t = {x = 1} for i = 1, 1e5 do t = setmetatable({}, {__index = t}) end local x = t.x
--- __call of __call => error
local t = setmetatable({}, {}) getmetatable(t).__call = t t()
--- a long chain of __call => any
local t = function() end for i = 1, 1e5 do t = setmetatable({}, {__call = t}) end t()
--- arithmetic => error stack overflow
local t = setmetatable({}, {__add = function(a, b) return a + b, 1 end}) local x = t + 1
--- __eq, __lt, __le => error stack overflow
local mt = {} mt.__lt = function(a, b) return a < b, 1 end
local a, b = setmetatable({}, mt), setmetatable({}, mt) local x = a < b
--- __concat => error stack overflow
local t = setmetatable({}, {__concat = function(a, b) return a .. b, 1 end}) local x = t .. "x"
--- __tostring => error stack overflow
local t = setmetatable({}, {}) getmetatable(t).__tostring = function(t) return tostring(t) .. "x" end print(t)
--- __tostring in string.format => error stack overflow
local t = setmetatable({}, {}) getmetatable(t).__tostring = function(t) return string.format("%s!", t) end string.format("%s", t)
--- sort in its own comparison => error stack overflow
local function less(a, b) table.sort({3, 2, 1}, less) return a < b end table.sort({3, 2, 1}, less)
--- gsub in its own replacement => error stack overflow
local function r(x) return (x:gsub(".", r)) end ("abc"):gsub(".", r)
--- foreach in foreach => error stack overflow
local t = {1} local function f() table.foreach(t, f) end table.foreach(t, f)
--- require => error loop
package.preload.a = function() return require "b" end
package.preload.b = function() return require "a" end
require "a"
--- ever new requires => error name too long
local function f(name) package.preload[name .. "x"] = f return require(name .. "x"), 1 end f("x")
--- load in its own reader => ok
local function r() return load(r) end load(r)
--- loadstring in loadstring => error overflow
src = "loadstring(src)() return 1" loadstring(src)()
--- print with a tostring that prints => error stack overflow
local old = tostring function tostring(x) print(x) return "x" end print(1)
--- getmetatable of itself => error
local t = {} setmetatable(t, t) t.__index = t t.__call = t t.__tostring = t print(t)
--- with in with => error stack overflow
local s = socket.socket() local function f() s:with(f) end f()
--- select in fileno => error stack overflow
local t = {} function t.fileno() select.select({t}) return 1 end select.select({t})
--- json of what contains itself => error
local t = {} t.t = t json.encode(t)
--- json nested deep => error
local t = {} for i = 1, 1e6 do t = {t} end json.encode(t)
--- json text nested deep => error
json.decode(("["):rep(1e6))
--- unpack of too much => error too many
local t = {} for i = 1, 1e6 do t[i] = i end unpack(t)
--- arguments without end => stopped
local function f(...) return f(1, ...) end f()
--- results without end => error
local function f(n) if n == 0 then return end return 1, f(n - 1) end f(1e6)
