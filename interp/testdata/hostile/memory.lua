--- a string that doubles => full
local s = "x" while true do s = s .. s end
--- a string that doubles, and pcall => full
while true do pcall(function() local s = "x" while true do s = s .. s end end) end
--- a table of strings => full
local t = {} while true do t[#t + 1] = ("x"):rep(1e5) end
--- a table of numbers => full
local t = {} while true do t[#t + 1] = #t end
--- a table of tables => full
local t = {} while true do t = {t} end
--- a table of names => full
local t, i = {}, 0 while true do i = i + 1 t["name" .. i] = i end
--- closures => full
local f = print while true do local g = f f = function() return g end end
--- coroutines => full
local t = {} while true do t[#t + 1] = coroutine.wrap(function() coroutine.yield() end) t[#t]() end
--- compiled functions => full
local t = {} while true do t[#t + 1] = loadstring("return function() return " .. #t .. " end") end
--- buffers => full
local t = {} while true do local f = io.tmpfile() f:setvbuf("full", 2 ^ 24) f:write(("x"):rep(2 ^ 20)) t[#t + 1] = f end
--- what is read and kept => full
local a, b = socket.socketpair() local t = {} thread.daemon(function() while true do b:sendall(("x"):rep(2 ^ 20)) end end) while true do t[#t + 1] = a:recv(2 ^ 20) end
--- a queue => full
local q = thread.queue() while true do q:put(("x"):rep(1000)) end
--- threads that take turns => full
local t = {} for _ = 1, 50 do thread.start(function() while true do t[#t + 1] = ("x"):rep(1e5) thread.yield() end end) end
--- garbage alone => stopped
while true do local s = ("x"):rep(1e6) end
--- threads deep in metamethods and protected calls => full
function f(n) return setmetatable({}, {__index = function() if not pcall(g, n + 1) then thread.sleep(1e6) end end}).x end function g(n) local function h(m) if m == 0 then return f(n) end return setmetatable({}, {__index = function() return h(m - 1) end}).x end return h(100) end for _ = 1, 200 do thread.start(g, 1) thread.yield() end
--- threads deep in callbacks => full
function f(n) if n > 110 then thread.sleep(1e6) end return (("x"):gsub("x", function() f(n + 1) end)) end for _ = 1, 500 do thread.start(f, 1) thread.yield() end
--- iterators of strings that nobody else has => full
local t = {} while true do t[#t + 1] = (("x"):rep(1e6) .. #t):gmatch("y") end
--- pieces of a string that overlap => stopped
local s = ("0123456789"):rep(1e6) local t = {} while true do for i = 1, 1000 do t[i] = s:sub(i, -i) end end
--- one string found everywhere => stopped
local s = ("x"):rep(1e6) local t = {} for i = 1, 1e4 do t[i] = s end while true do t[1] = s .. "" end
--- a thread that waits with much, beside one that makes garbage => full
thread.start(function() local t = {} for i = 1, 90 do t[i] = ("x"):rep(1e6) .. i end thread.sleep(1e6) end) while true do local s = ("x"):rep(1e5) thread.yield() end
--- keys that come and go => full
local t, i = {}, 0 while true do i = i + 1 t["key" .. i] = true t["key" .. i - 1] = nil end
--- what pcall has caught is no way out => full
while true do pcall(function() local t = {} while true do t[#t + 1] = ("x"):rep(1e5) .. #t end end) end
--- short strings from the ends of long ones => ok
local t = {} for i = 1, 300 do t[i] = (("x"):rep(1e6) .. i):sub(-10) end
