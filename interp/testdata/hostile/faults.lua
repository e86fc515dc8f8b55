--- a fault of the VM's => any
local t = {1} for k in pairs(t) do while false do end end
--- in a protected call => any
pcall(function() local t = {1} for k in pairs(t) do while false do end end end)
--- in a handler => any
xpcall(error, function() local t = {1} for k in pairs(t) do while false do end end end)
--- with a handler => any
xpcall(function() local t = {1} for k in pairs(t) do while false do end end end, function(e) return debug.traceback(e) .. 1 end)
--- in a handler of a stack overflow => any
local function f() return 1 + f() end xpcall(f, function() local t = {1} for k in pairs(t) do while false do end end end)
--- in a coroutine => any
coroutine.wrap(function() local t = {1} for k in pairs(t) do while false do end end end)()
--- in a thread => any
thread.start(function() local t = {1} for k in pairs(t) do while false do end end end):join()
--- in an error object's __tostring => any
error(setmetatable({}, {__tostring = function() local t = {1} for k in pairs(t) do while false do end end end}))
--- in a thread's error object's __tostring => any
thread.start(function() error(setmetatable({}, {__tostring = function() local t = {1} for k in pairs(t) do while false do end end end})) end)
--- in a callback => any
table.sort({1, 2, 3}, function() local t = {1} for k in pairs(t) do while false do end end end)
--- in a metamethod, told by another => any
local mt = {} mt.__tostring = function() local t = {1} for k in pairs(t) do while false do end end end
mt.__index = function() error(setmetatable({}, mt)) end
print(setmetatable({}, mt).x)
--- in with, after which it closes => any
local a, b = socket.socketpair() a:with(function() local t = {1} for k in pairs(t) do while false do end end end)
