--- a storm => error Limits.Threads
for i = 1, 1e5 do thread.start(thread.sleep, 1000) end
--- a storm that goes on => stopped
while true do pcall(thread.start, thread.sleep, 1000) end
--- a storm of short ones => stopped
while true do pcall(thread.start, function() end) thread.yield() end
--- a fork bomb => stopped
local function f() while true do pcall(thread.start, f) thread.yield() end end f()
--- daemons => ok
for i = 1, 290 do thread.daemon(function() while true do pcall(thread.sleep, 1000) end end) end
--- daemons that compute => ok
for i = 1, 20 do thread.daemon(function() while true do thread.yield() end end) end
--- threads that compute => stopped
for i = 1, 20 do thread.start(function() while true do end end) end
--- threads that fail => ok
for i = 1, 200 do thread.start(error, i) end
--- threads never started => ok
for i = 1, 1e5 do thread.new(error) end
--- started twice => error
local t = thread.new(function() end) t:start() t:start()
--- cancelled on and on => stopped
local t = thread.start(function() while true do pcall(thread.sleep, 1) end end) while true do t:cancel() thread.yield() end
--- cancelling itself => any
thread.current():cancel() print(pcall(thread.sleep, 1)) thread.current():cancel() thread.sleep(1)
--- a thread that cancels its joiner => any
local main = thread.current() thread.start(function() main:cancel() end):join() thread.sleep(0.01)
--- freeing what is free => any
local l = thread.lock() print(pcall(l.release, l)) l:acquire() l:release() l:release()
--- freeing another's => any
local l = thread.lock() l:acquire() print(thread.start(function() l:release() end):join())
--- locking twice => error
local l = thread.lock() l:acquire() l:acquire()
--- a lock held to the end => ok
local l = thread.lock() thread.start(function() l:acquire() end):join() thread.daemon(function() l:acquire() end)
--- semaphores of any size => any
for _, n in ipairs {-1, 0, 1e300, 0 / 0, 1 / 0, 2 ^ 53} do print(pcall(thread.semaphore, n)) end local s = thread.semaphore(0) s:release() s:release() s:acquire() s:acquire() s:acquire(0)
--- queues of any size => any
for _, n in ipairs {-1, 0, 1e300, 0 / 0, 1 / 0, 2 ^ 53} do print(pcall(thread.queue, n)) end
--- a queue closed twice => any
local q = thread.queue() q:close() q:close() print(pcall(q.put, q, 1)) print(q:get())
--- a queue that is its own item => ok
local q = thread.queue() q:put(q) print(pcall(q.put, q, nil), #q, q:get())
--- a queue that grows => stopped
local q = thread.queue() while true do q:put(1) if #q > 1e5 then q = thread.queue() end end
--- channels of any size => any
for _, n in ipairs {-1, 1e9, 1e300, 0 / 0, 1 / 0, 2 ^ 53} do print(pcall(channel.make, n)) end
--- a channel closed twice => any
local c = channel.make(1) c:close() print(pcall(c.close, c)) print(pcall(c.send, c, 1)) print(c:receive())
--- a channel closed while others wait => ok
local c = channel.make() for i = 1, 50 do thread.start(function() c:receive() end) thread.start(function() pcall(c.send, c, 1) end) end thread.sleep(0.01) c:close()
--- a channel in itself => ok
local c = channel.make(1) c:send(c) print(c:receive())
--- select of odd cases => any
print(pcall(channel.select)) print(pcall(channel.select, {})) print(pcall(channel.select, {"|<-", 1})) print(pcall(channel.select, {"<-|"})) print(pcall(channel.select, {"|<-", channel.make(), error}, {"default", error}))
--- many cases => any
local t = {} for i = 1, 7e4 do t[i] = {"|<-", channel.make()} end t[#t + 1] = {"default"} print(pcall(channel.select, unpack(t)))
--- names => any
local t = thread.current() t.name = ("x"):rep(1e6) print(pcall(function() t.name = {} end)) print(pcall(function() t.id = 1 end)) print(tostring(t):len()) t.name = "main"
--- threads that outlive what they use => ok
local a, b = socket.socketpair() for i = 1, 50 do thread.daemon(function() a:recv() end) end thread.sleep(0.01) a:close() b:close()
--- an event storm => ok
local e = thread.event() for i = 1, 200 do thread.start(function() for j = 1, 20 do e:wait(0.001) e:set() e:clear() end end) end
--- os.exit in a thread => exit 7
thread.start(function() os.exit(7) end) while true do thread.sleep(1) end
--- os.exit in a thread, others computing => exit 7
for i = 1, 5 do thread.start(function() while true do thread.yield() end end) end thread.start(function() os.exit(7) end) while true do thread.yield() end
--- os.exit in a coroutine => exit 7
coroutine.wrap(function() coroutine.wrap(os.exit)(7) end)()
--- os.exit in pcall => exit 7
while true do pcall(os.exit, 7) end
--- os.exit in a handler => exit 7
while true do xpcall(error, function() os.exit(7) end) end
--- os.exit in sort => exit 7
pcall(table.sort, {3, 2, 1}, function() os.exit(7) end) while true do end
--- os.exit in gsub => exit 7
pcall(string.gsub, "abc", ".", function() os.exit(7) end) while true do end
--- os.exit in a metamethod => exit 7
pcall(function() return setmetatable({}, {__index = function() os.exit(7) end}).x end) while true do end
--- os.exit in with => exit 7
local s = socket.socket() pcall(s.with, s, function() os.exit(7) end) while true do end
--- os.exit in require => exit 7
package.preload.x = function() os.exit(7) end pcall(require, "x") while true do end
--- os.exit of everything => any
for _, c in ipairs {true, false, {}, "x", 1e300, -1, 0 / 0, 1.5} do print(pcall(os.exit, c)) end
--- os.exit twice => exit 1
thread.start(function() thread.sleep(0.001) pcall(os.exit, 2) end) pcall(os.exit, 1) pcall(os.exit, 3) os.exit(4)
--- signals => any
for i = -5, 200 do pcall(signal.on, i, "ignore") pcall(signal.on, i, "default") end print(pcall(signal.on, "KILL", print)) print(pcall(signal.on, {}, print)) print(pcall(signal.on, "INT", {}))
--- killing what is not one's own => any
local p = process.spawn {"true"} p:wait() print(pcall(p.kill, p)) print(pcall(p.kill, p, 99)) print(pcall(p.kill, p, -1)) print(pcall(p.kill, p, {}))

--- the mark of a module being loaded in another's place => ok
local mark
package.preload.a = function() mark = package.loaded.a return true end
require "a"
package.loaded.b = mark
local t = thread.start(pcall, require, "b")
t:join()
--- a loader that never returns, and who waits for it => stopped
package.preload.a = function() while true do thread.yield() end end
for i = 1, 10 do thread.start(require, "a") end
require "a"
--- loaders that never end => stopped
local l, f = package.loaders, package.loaders[1]
setmetatable(l, {__index = function() return f end})
for i = 1, 2^22 do l[i] = f end
while true do pcall(require, ("x"):rep(100)) end
--- a path without end => stopped
package.path = ("./?.lua;"):rep(2^22)
while true do pcall(require, "nothing") end
--- a module of many parts => error too long
module(("a."):rep(2^24))
