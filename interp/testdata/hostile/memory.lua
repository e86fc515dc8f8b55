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
