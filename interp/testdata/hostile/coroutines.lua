--- many => stopped
while true do coroutine.wrap(function() coroutine.yield() end)() end
--- many that are kept => stopped
local t = {} while true do local co = coroutine.create(function() coroutine.yield() end) coroutine.resume(co) t[#t % 1000 + 1] = co end
--- a yield outside => error
coroutine.yield()
--- a yield in pcall => any
print(coroutine.wrap(function() return pcall(coroutine.yield, 1) end)())
--- a yield in a metamethod => any
print(pcall(coroutine.wrap(function() local t = setmetatable({}, {__index = coroutine.yield}) return t.x end)))
--- a yield in an iterator => any
print(pcall(coroutine.wrap(function() for x in coroutine.yield do end end)))
--- a yield in sort => any
print(pcall(coroutine.wrap(function() table.sort({3, 2, 1}, coroutine.yield) end)))
--- a yield in gsub => any
print(pcall(coroutine.wrap(function() return ("abc"):gsub(".", coroutine.yield) end)))
--- a yield in tostring => any
print(pcall(coroutine.wrap(function() return tostring(setmetatable({}, {__tostring = coroutine.yield})) end)))
--- a yield in require => any
package.preload.y = coroutine.yield print(pcall(coroutine.wrap(function() require "y" end)))
--- a yield in load => any
print(pcall(coroutine.wrap(function() return load(coroutine.yield) end)))
--- a yield in with => any
print(pcall(coroutine.wrap(function() socket.socket():with(coroutine.yield) end)))
--- a yield in a thread => ok
thread.start(coroutine.yield):join()
--- yield as a coroutine => any
print(coroutine.wrap(coroutine.yield)(1)) local co = coroutine.create(coroutine.yield) print(coroutine.resume(co)) print(coroutine.resume(co)) print(coroutine.resume(co))
--- builtins as coroutines => any
for _, lib in pairs {_G, string, table, math, coroutine, debug} do for k, f in pairs(lib) do
  if type(f) == "function" and k ~= "print" and k ~= "collectgarbage" and k ~= "dofile" and k ~= "loadfile" then
    local co = coroutine.create(f) coroutine.resume(co, 1, 2, 3) coroutine.resume(co) coroutine.resume(co) coroutine.status(co) pcall(debug.traceback, co)
  end
end end
--- resuming itself => any
local co co = coroutine.create(function() return coroutine.resume(co) end) print(coroutine.resume(co))
local w w = coroutine.wrap(function() return w() end) print(pcall(w))
--- resuming one's resumer => any
local a, b a = coroutine.create(function() return coroutine.resume(b) end) b = coroutine.create(function() return coroutine.resume(a) end) print(coroutine.resume(a))
--- resuming from another thread => any
local co = coroutine.create(function() thread.sleep(0.05) end)
local t = {} for i = 1, 20 do t[i] = thread.start(function() return coroutine.resume(co) end) end for i = 1, 20 do print(t[i]:join()) end
--- a coroutine resumed by many threads => ok
local co = coroutine.wrap(function() while true do thread.yield() coroutine.yield() end end)
local t = {} for i = 1, 20 do t[i] = thread.start(function() for i = 1, 20 do pcall(co) end end) end for i = 1, 20 do t[i]:join() end
--- dead ones => any
local co = coroutine.create(error) for i = 1, 5 do print(coroutine.resume(co, "x")) end local w = coroutine.wrap(error) for i = 1, 5 do print(pcall(w)) end
--- moving values nobody has room for => any
local t = {} for i = 1, 1e5 do t[i] = i end
print(pcall(coroutine.wrap(function(...) coroutine.yield(...) end), unpack(t)))
print(select("#", coroutine.resume(coroutine.create(function(...) coroutine.yield(...) end), unpack(t, 1, 200))))
--- the environment of one => any
local co = coroutine.create(function() return x end) debug.setfenv(co, {x = 1}) print(coroutine.resume(co))
--- left in the middle => ok
for i = 1, 1000 do coroutine.wrap(function() local s = socket.socket() coroutine.yield() s:close() end)() if i % 50 == 0 then collectgarbage() collectgarbage() thread.sleep(0.01) end end
--- closed while it waits => ok
local s, b = socket.socketpair() thread.start(function() thread.sleep(0.02) s:close() end) print(coroutine.resume(coroutine.create(function() s:recv() end)))
