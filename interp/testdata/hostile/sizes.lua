--- a string too long => error too large
(("x"):rep(2 ^ 20)):rep(2 ^ 12)
--- format that doubles => error too large
local s = ("x"):rep(2 ^ 27 + 1); ("%s%s"):format(s, s)
--- quoting what grows => error too large
local s = ("\0"):rep(2 ^ 26); ("%q"):format(s)
--- a wide format => error invalid
("%99999999d"):format(1)
--- many wide ones => error no value
("%99d"):rep(2 ^ 22):format(1)
--- gsub that doubles => error too large
local s = ("x"):rep(2 ^ 27 + 1) s:gsub("x+", "%0%0")
--- gsub with a long replacement => error too large
local r = ("y"):rep(2 ^ 20); (("x"):rep(2 ^ 12)):gsub("x", r)
--- gsub with a function => error too large
local r = ("y"):rep(2 ^ 20); (("x"):rep(2 ^ 12)):gsub("x", function() return r end)
--- concat that doubles => error too large
local s = ("x"):rep(2 ^ 27 + 1) table.concat({s, s})
--- concat of many long ones => error too large
local s, t = ("x"):rep(2 ^ 20), {} for i = 1, 1000 do t[i] = s end table.concat(t)
--- upper, lower, reverse => ok
local s = ("x"):rep(2 ^ 26) assert(#s:upper() == #s:reverse():lower())
--- char => error
string.char(unpack({}, 1, 1e6))
--- byte of it all => error too
local s = ("x"):rep(2 ^ 20) s:byte(1, -1)
--- pack => error
string.pack("s", 1) string.pack("!16i17", 1)
--- pack of spaces => error more than
string.pack("c999999999", "")
--- struct of much padding => error
struct.pack("999999999999x")
--- struct that repeats => error
struct.pack("99999999i", 1)
--- struct.calcsize beyond everything => any
print(pcall(struct.calcsize, ("9"):rep(100) .. "x"), pcall(struct.calcsize, "9999999999999999q"))
--- base64 that doubles => error too large
local s = ("x"):rep(2 ^ 28 - 2 ^ 25) base64.encode(s)
--- hex that doubles => error too large
local s = ("x"):rep(2 ^ 27 + 1) hex.encode(s)
--- a dump of what does not repeat => error too large
hex.dump(random.bytes(2 ^ 24):rep(4))
--- json of escapes of escapes => error too large
local s = ("\\"):rep(2 ^ 27 + 1) json.encode(s)
--- json of one string often => error too large
local s, t = ("x"):rep(2 ^ 20), {} for i = 1, 1000 do t[i] = s end json.encode(t)
--- json of one table in itself often => error too large
local t = {("x"):rep(1000)} for i = 1, 60 do t = {t, t} end json.encode(t)
--- json of one table often, indented => error too large
local t = {} for i = 1, 60 do t = {t, t} end json.encode(t, {indent = 8})
--- json far out => any
local t = {} t[2 ^ 53] = 1 print(pcall(json.encode, t)) print(pcall(json.encode, json.array({[2 ^ 40] = 1})))
--- a table index far out => ok
local t = {} t[2 ^ 26] = 1 t[2 ^ 40] = 1 t[2 ^ 53] = 1 t[-2 ^ 53] = 1 t[1e300] = 1 t[0.5] = 1 assert(#t == 0 or #t > 0)
--- table.insert far out => any
local t = {} print(pcall(table.insert, t, 2 ^ 40, 1)) print(pcall(table.remove, t, 2 ^ 40)) print(pcall(table.remove, {1}, -2 ^ 40))
--- table.insert far below => stopped
table.insert({}, -2 ^ 40, 1)
--- unpack far out => any
print(pcall(unpack, {}, 2 ^ 53, 2 ^ 53 + 1)) print(pcall(unpack, {}, 1, 1e7)) print(pcall(unpack, {}, -1e300, 1e300)) print(pcall(select, -2 ^ 53, 1)) print(pcall(select, 2 ^ 53, 1))
--- a random string that is long => error
random.bytes(2 ^ 40)
--- random again and again => stopped
while true do random.bytes(2 ^ 20) end
--- hashes of much => stopped
local s = ("x"):rep(2 ^ 26) while true do hash.sha512(s) end
--- reading much => any
local f = io.open("/dev/zero") if f then print(pcall(f.read, f, 2 ^ 53)) print(pcall(f.read, f, -1)) f:close() end
--- reading without end => error too large
local f = assert(io.open("/dev/zero")) assert(f:read("*a"))
--- reading a line without end => error too large
local f = assert(io.open("/dev/zero")) assert(f:read("*l"))
--- a buffer of any size => any
local f = io.tmpfile() for _, n in ipairs {-1, 0, 2 ^ 40, 1e300, 0 / 0} do print(pcall(f.setvbuf, f, "full", n)) end f:write("x") f:close()
--- shared memory of any size => any
for _, n in ipairs {-1, 0, 2 ^ 53, 1e300, 0 / 0} do print(pcall(process.shared_memory, {size = n})) end
--- a program with endless arguments => any
local t = {"true"} for i = 2, 1e5 do t[i] = ("x"):rep(100) end print(pcall(process.spawn, t)) print(pcall(process.spawn, {"true", ("x"):rep(1e7)})) print(pcall(process.spawn, {("x"):rep(1e6)}))
--- a program that prints without end => error too large
assert(io.popen("cat /dev/zero"):read("*a"))
--- a spawned program that prints without end => error too large
assert(process.spawn({"cat", "/dev/zero"}, {stdout = "pipe"}).stdout:read("*a"))
--- a socket that gives without end => error too large
local a, b = socket.socketpair() thread.daemon(function() while true do b:sendall(("x"):rep(2 ^ 20)) end end) assert(a:makefile():read("*a"))
--- names => any
print(pcall(os.getenv, ("x"):rep(1e6)), pcall(os.date, ("%c"):rep(1e5)), pcall(os.date, ("%"):rep(1e5)), pcall(os.remove, ("x"):rep(1e6)), pcall(io.open, "a\0b"), pcall(require, ("x."):rep(1e5)))
--- dates => any
for _, n in ipairs {-1, 2 ^ 31, 2 ^ 53, 1e300, -1e300, 0 / 0, 1 / 0} do print(pcall(os.date, "%c", n)) print(pcall(os.date, "!*t", n)) print(pcall(os.time, {year = n, month = n, day = n})) end
--- numbers => any
for _, n in ipairs {0 / 0, 1 / 0, -1 / 0, 2 ^ 63, -2 ^ 63, 1e308} do print(pcall(math.random, n)) print(pcall(math.random, -n, n)) print(pcall(math.randomseed, n)) print(pcall(bit.lshift, 1, n)) print(pcall(bit32.extract, 1, n, n)) print(pcall(math.ldexp, 1, n)) print(pcall(string.format, "%d%x%c%f%g%e", n, n, n, n, n, n)) print(pcall(tostring, n)) print(n % 2, 2 ^ n, n % 0) end print(pcall(tonumber, ("9"):rep(1e6))) print(pcall(tonumber, ("z"):rep(1e6), 36))
--- one chain of many long ones => error too large
local s = ("x"):rep(2 ^ 26) loadstring("local s = ... return " .. ("s.."):rep(150) .. "s")(s)
--- a chain that doubles, without a limit of memory => error too large
local s = "x" while true do s = s .. s end
--- writing many long ones at once => error too large
local s, t = ("x"):rep(2 ^ 26), {} for i = 1, 150 do t[i] = s end io.write(unpack(t))
--- printing many long ones at once => error too large
local s, t = ("x"):rep(2 ^ 26), {} for i = 1, 150 do t[i] = s end print(unpack(t))
--- many long ones to a file without a buffer => error too large
local s, t = ("x"):rep(2 ^ 26), {} for i = 1, 150 do t[i] = s end local f = io.tmpfile() f:setvbuf("no") f:write(unpack(t))
--- many long ones in one message => error too large
local s, t = ("x"):rep(2 ^ 26), {} for i = 1, 150 do t[i] = s end local a, b = socket.socketpair() a:sendmsg(t)
--- many long ones beside one message => error too large
local s, t = ("x"):rep(2 ^ 26), {} for i = 1, 150 do t[i] = {1, 1, s} end local a, b = socket.socketpair() a:sendmsg("x", t)
--- an error behind what is long => error too large
local s = ("x"):rep(2 ^ 28) local _, e = pcall(socket.socket, -1) local t = s .. e
--- many long ones in a format => error too large
local s, t = ("x"):rep(2 ^ 26), {} for i = 1, 150 do t[i] = s end string.format(("%s"):rep(150), unpack(t))
