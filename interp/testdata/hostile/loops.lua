--- while => stopped
while true do end
--- repeat => stopped
repeat until false
--- for => stopped
for i = 1, math.huge do end
--- for without a step => ok
for i = 1, 2, 0 do end
--- for that cannot step => stopped
for i = 2 ^ 53, 2 ^ 53 + 2, 0.5 do end
--- goto => stopped
::again:: goto again
--- a generic for => stopped
for _ in function() return 1 end do end
--- a generic for over a builtin => stopped
for _ in tostring, 1 do end
--- next that never ends => stopped
while true do for k in pairs({1, 2, x = 3}) do end end
--- pairs of a table that grows => stopped
local t = {1} while true do for k, v in pairs(t) do t[#t] = 1 t[1] = 2 end end
--- pcall swallows the stop => stopped
while true do pcall(function() while true do end end) end
--- pcall of builtins swallows it => stopped
while true do pcall(error, "x") end
--- xpcall swallows it => stopped
while true do xpcall(function() while true do end end, function() while true do end end) end
--- coroutines swallow it => stopped
while true do coroutine.resume(coroutine.create(function() while true do end end)) end
--- wraps swallow it => stopped
while true do pcall(coroutine.wrap(function() while true do coroutine.yield(pcall(coroutine.yield)) end end)) end
--- coroutines that take turns => stopped
local a = coroutine.wrap(function() while true do coroutine.yield() end end) while true do a() end
--- threads swallow it => stopped
while true do thread.start(function() while true do pcall(thread.yield) end end):join() end
--- with swallows it => stopped
local s = socket.socket() while true do pcall(s.with, s, function() while true do end end) s = socket.socket() end
--- metamethods => stopped
local t = setmetatable({}, {__index = function() while true do end end}) while true do pcall(function() return t.x end) end
--- __tostring => stopped
print(setmetatable({}, {__tostring = function() while true do end end}))
--- sort with a function that never decides => stopped
while true do pcall(table.sort, {5, 4, 3, 2, 1}, function() return math.random() < 0.5 end) end
--- sort with a function that loops => stopped
table.sort({2, 1}, function() while true do end end)
--- sort of much => stopped
local t = {} while true do for i = 1, 1e5 do t[i] = math.random() end table.sort(t, function(a, b) return a < b end) end
--- a pattern that backtracks => stopped
local s = ("a"):rep(1e4) s:find((".-"):rep(20) .. "b")
--- another => stopped
local s = ("a"):rep(40) s:find(("a?"):rep(40) .. ("a"):rep(40) .. "b")
--- a pattern of captures => stopped
local s = ("a"):rep(1e4) s:match(("(.*)"):rep(20) .. "b")
--- balanced => stopped
while true do (("("):rep(3e4)):find("%b()x") end
--- gmatch of nothing => stopped
while true do for _ in ("x"):gmatch("") do end end
--- gsub that doubles => stopped
local s = "x" while true do s = s:gsub("x", "xx") if #s > 1e6 then s = "x" end end
--- gsub with a function that loops => stopped
(("x"):rep(1e6)):gsub("x", function() while true do end end)
--- gsub with a table that loops => stopped
(("x"):rep(1e6)):gsub("x", setmetatable({}, {__index = function() while true do end end}))
--- string.rep of nothing => ok
local s = (""):rep(2 ^ 53) assert(s == "")
--- string.rep of something => error too large
(("x"):rep(2 ^ 20)):rep(2 ^ 53)
--- string.rep all the time => stopped
while true do local s = ("x"):rep(1e6) end
--- concat of what is not there => error invalid value
table.concat({}, "", 1, 2 ^ 53)
--- concat all the time => stopped
local t = {} for i = 1, 1e5 do t[i] = "x" end while true do table.concat(t, ",") end
--- unpack of what is not there => error too many
unpack({}, -2 ^ 53, 2 ^ 53)
--- insert at the front => stopped
local t = {} while true do table.insert(t, 1, 1) if #t > 1e5 then t = {} end end
--- remove at the front => stopped
while true do local t = {} for i = 1, 1e4 do t[i] = i end while #t > 0 do table.remove(t, 1) end end
--- maxn => stopped
while true do table.maxn({1, 2, 3}) end
--- foreach => stopped
table.foreach({1}, function() while true do end end)
--- load with a reader that never ends => stopped
load(function() return " " end)
--- load with a reader that loops => stopped
load(function() while true do end end)
--- loadstring all the time => stopped
while true do loadstring("return 1") end
--- require all the time => stopped
while true do pcall(require, "no.such.module") end
--- collecting garbage => stopped
while true do collectgarbage() end
--- tracebacks => stopped
while true do debug.traceback() end
--- sleeping => stopped
thread.sleep(1e308)
--- sleeping on and on => stopped
while true do pcall(time.sleep, 1e9) end
--- selecting nothing => stopped
select.select()
--- joining itself => any
thread.current():join(0.1)
--- joining in a circle => stopped
local a, b a = thread.new(function() b:join() end) b = thread.new(function() a:join() end) a:start() b:start() a:join()
--- a queue that nobody fills => stopped
thread.queue():get()
--- a lock that nobody frees => stopped
local l = thread.lock() l:acquire() pcall(function() while true do pcall(l.acquire, l) end end) thread.sleep(100)
--- a channel that nobody fills => stopped
channel.make():receive()
--- a channel that nobody empties => stopped
channel.make():send(1)
--- a selector that nothing wakes => stopped
selectors.new():select()
--- reading what never comes => stopped
local a, b = socket.socketpair() while true do pcall(a.recv, a) end
--- accepting nobody => stopped
local l = socket.create_server("127.0.0.1", 0) while true do pcall(l.accept, l) end
--- a program that never ends => stopped
os.execute("sleep 100")
--- reading from a program that never ends => stopped
io.popen("sleep 100"):read("*a")
--- a spawned program that never ends => stopped
process.spawn({"sleep", "100"}):wait()
--- writing to a program that does not read => stopped
local p = io.popen("sleep 100", "w") while true do p:write(("x"):rep(1e5)) end
--- output without end => error Limits.Output
while true do print(("x"):rep(1e4)) end
--- output without end, and no matter => stopped
while true do pcall(print, ("x"):rep(1e4)) pcall(io.write, "x") pcall(io.stderr.write, io.stderr, "x") end
