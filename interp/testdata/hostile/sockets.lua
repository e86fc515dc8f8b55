--- a storm => error Limits.Sockets
local t = {} for i = 1, 1e5 do t[i] = socket.socket() end
--- a storm that goes on => stopped
local t = {} while true do local ok, s = pcall(socket.socket) t[#t + 1] = ok and s or nil end
--- a storm of those nobody holds => stopped
while true do if not pcall(socket.socket) then collectgarbage() thread.sleep(0.001) end end
--- a storm of pairs => stopped
local t = {} while true do pcall(function() t[#t + 1] = {socket.socketpair()} end) end
--- a storm of copies => error Limits.Sockets
local s, t = socket.socket(), {} while true do t[#t + 1] = s:dup() end
--- a storm of copies by number => error Limits.Sockets
local s, t = socket.socket(), {} while true do t[#t + 1] = socket.fromfd(s:fileno()) end
--- a storm of pipes => error Limits.Sockets
local t = {} while true do t[#t + 1] = {process.pipe()} end
--- a storm of selectors => any
local t = {} for i = 1, 500 do t[i] = selectors.new() end
--- a storm of connections => stopped
local l = socket.create_server("127.0.0.1", 0) local t = {} while true do pcall(function() t[#t + 1] = socket.create_connection("127.0.0.1", l:getsockname().port) end) end
--- a storm of descriptors sent => broken
local a, b = socket.socketpair() local f = {} for i = 1, 50 do f[i] = a end for i = 1, 20 do socket.send_fds(a, "x", f) socket.recv_fds(b, 1, 60) end
--- a storm of descriptors nobody takes => any
local a, b = socket.socketpair() a:settimeout(0.01) local f = {} for i = 1, 50 do f[i] = a end for i = 1, 1000 do if not pcall(socket.send_fds, a, "x", f) then break end end
--- a circle of descriptors => ok
local a, b = socket.socketpair() socket.send_fds(a, "x", {b}) socket.send_fds(b, "x", {a}) a:close() b:close()
--- closed twice => ok
local s = socket.socket() s:close() s:close() socket.close(s) local f = socket.socket():makefile() f:close() pcall(f.close, f)
--- used closed => any
local s = socket.socket() local methods = debug.getmetatable(s).__index s:close()
for _, name in ipairs {"bind", "listen", "accept", "connect", "connect_ex", "send", "sendall", "recv", "recvfrom", "sendto", "sendmsg", "recvmsg", "sendfile", "shutdown", "close", "detach", "dup", "fileno", "getsockname", "getpeername", "setsockopt", "getsockopt", "settimeout", "gettimeout", "setblocking", "getblocking", "makefile", "readline", "readuntil", "readexactly", "lines", "chunks", "clients", "with"} do
  print(name, pcall(s[name], s)) print(pcall(s[name], s, "127.0.0.1", 1)) print(pcall(s[name], s, 1, 2, 3)) print(pcall(s[name], s, print))
end
print(pcall(socket.relay, s, s)) print(pcall(select.select, {s})) print(pcall(tls.wrap, s, {verify = false})) print(tostring(s))
--- closed while many wait => ok
local a, b = socket.socketpair() for i = 1, 50 do thread.start(pcall, a.recv, a) thread.start(pcall, a.readline, a) thread.start(pcall, function() for l in a:lines() do end end) end thread.sleep(0.02) a:close()
--- closed while it is used elsewhere => ok
local a, b = socket.socketpair() thread.start(pcall, a.sendall, a, ("x"):rep(1e7)) thread.start(pcall, select.select, {a}, {a}, {a}, 0.1) local s = selectors.new() s:register(a, 1) thread.start(function() pcall(s.select, s, 0.1) end) thread.sleep(0.02) a:close() s:close()
--- detached while others wait => ok
local a, b = socket.socketpair() for i = 1, 20 do thread.start(pcall, a.recv, a) end thread.sleep(0.02) local fd = a:detach() thread.sleep(0.02) socket.close(fd) print(pcall(socket.close, fd))
--- one relay in another => ok
local a, b = socket.socketpair() local c, d = socket.socketpair() thread.daemon(pcall, socket.relay, a, c) thread.daemon(pcall, socket.relay, a, c) thread.daemon(pcall, socket.relay, c, a) thread.sleep(0.02) a:close()
--- a relay in a circle => stopped
local a, b = socket.socketpair() local c, d = socket.socketpair() thread.start(socket.relay, b, c) thread.start(socket.relay, d, a) b:sendall(("x"):rep(1000)) thread.sleep(1000)
--- closing what it does not have => any
for i = 900, 1100 do pcall(socket.close, i) end print(pcall(socket.close, 2 ^ 31)) print(pcall(socket.close, -1)) print(pcall(socket.close, 1e300)) print(pcall(socket.fromfd, 999999)) print(pcall(process.fdopen, 999999))
--- sizes => any
local a, b = socket.socketpair() b:sendall("x")
print(pcall(a.recv, a, 2 ^ 31 - 1)) b:sendall("x") print(pcall(a.recv, a, 2 ^ 53)) print(pcall(a.recv, a, -1)) print(pcall(a.recv, a, 0 / 0)) print(pcall(a.recv, a, 1e300))
print(pcall(a.recvmsg, a, 1, 2 ^ 31 - 1)) b:sendall("x") print(pcall(a.recvmsg, a, 2 ^ 31 - 1, 0)) print(pcall(socket.recv_fds, a, 1, 2 ^ 31)) print(pcall(a.getsockopt, a, 1, 1, 2 ^ 31))
print(pcall(socket.CMSG_LEN, 2 ^ 31 - 1)) print(pcall(socket.CMSG_SPACE, 2 ^ 31 - 1)) print(pcall(a.listen, a, 2 ^ 31)) print(pcall(a.shutdown, a, 99))
b:sendall("xx") print(pcall(a.readexactly, a, 1)) b:close() print(pcall(a.readexactly, a, 2 ^ 31 - 1)) print(pcall(a.readexactly, a, 2 ^ 53)) print(pcall(a.readuntil, a, "")) print(pcall(a.readline, a, -1))
--- a line without end => any
local a, b = socket.socketpair() thread.daemon(function() while true do b:sendall(("x"):rep(1e5)) end end) print(pcall(a.readline, a)) print(pcall(a.readuntil, a, "\n", 1e6))
--- data without end => stopped
local a, b = socket.socketpair() thread.start(function() while true do b:sendall(("x"):rep(1e5)) end end) for d in a:chunks(2 ^ 20) do end
--- options => any
local s = socket.socket() for level = -1, 300 do for option = -1, 100, 7 do pcall(s.getsockopt, s, level, option, 8) end end
print(pcall(s.setsockopt, s, 1, 2, ("x"):rep(1e6))) print(pcall(s.setsockopt, s, 2 ^ 53, 2 ^ 53, "")) print(pcall(s.setsockopt, s, 1, 26, ("\255"):rep(16))) print(pcall(s.setsockopt, s, 1, 26, "")) print(pcall(s.setsockopt, s, 0, 4, ("\131"):rep(40)))
--- ancillary data => any
local a, b = socket.socketpair()
for _, x in ipairs {{{1, 1, ""}}, {{1, 1, "abc"}}, {{1, 1, struct.pack("i", -1)}}, {{1, 1, struct.pack("i", 999999)}}, {{1, 2, ("x"):rep(1e5)}}, {{2 ^ 40, 2 ^ 40, "x"}}, {{0 / 0, 1, ""}}, {{}}, {1}, {{1, 1, ("\0"):rep(4 * 254)}}} do print(pcall(a.sendmsg, a, "x", x)) end
--- pieces => any
local a, b = socket.socketpair() a:settimeout(0.01) local t = {} for i = 1, 1e5 do t[i] = "x" end print(pcall(a.sendmsg, a, t)) print(pcall(a.sendmsg, a, {})) print(pcall(a.sendmsg, a, {{}})) print(pcall(a.sendmsg, a, setmetatable({}, {__index = error})))
--- addresses => any
local s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) local u = socket.socket(socket.AF_UNIX)
for _, a in ipairs {{}, {1, 2}, {"", 1e300}, {"", -1}, {"", 65536}, {"", 0 / 0}, {("x"):rep(1e6), 1}, {"\0", 1}, {"1.2.3.4.5", 1}, {"::1", 1}, {"%", 1}, {"fe80::1%nosuch", 1}, {"fe80::1%" .. ("9"):rep(100), 1}, setmetatable({}, {__index = error})} do print(pcall(s.connect, s, a)) print(pcall(s.bind, s, a)) print(pcall(s.sendto, s, "x", a)) print(pcall(socket.getnameinfo, a, 0)) end
for _, p in ipairs {"", "\0", ("x"):rep(1e6), "\0" .. ("x"):rep(200), "a\0b", {}, 1} do print(pcall(u.bind, u, p)) print(pcall(u.connect, u, p)) end
--- families and types => any
for f = -1, 50 do for t = -1, 12 do local ok, s = pcall(socket.socket, f, t) if ok then pcall(s.getsockname, s) pcall(tostring, s) pcall(s.listen, s) s:close() end end end print(pcall(socket.socket, 2 ^ 53, 2 ^ 53, 2 ^ 53)) print(pcall(socket.socketpair, 2, 1))
--- selectors => any
local s = selectors.new() local a, b = socket.socketpair()
print(pcall(s.register, s, a, 0)) print(pcall(s.register, s, a, 99)) print(pcall(s.register, s, {}, 1)) print(pcall(s.register, s, {fileno = function() return 1e9 end}, 1)) print(pcall(s.register, s, {fileno = function() return 0 / 0 end}, 1)) print(pcall(s.register, s, {fileno = error}, 1))
s:register(a, 1) print(pcall(s.register, s, a, 1)) a:close() print(pcall(s.select, s, 0.01)) print(pcall(s.unregister, s, a)) print(pcall(s.register, s, s, 1)) print(pcall(s.select, s, 0.01)) s:close() s:close() print(pcall(s.select, s)) print(pcall(s.register, s, b, 1))
--- selectors in selectors => any
local t = {} for i = 1, 20 do t[i] = selectors.new() if i > 1 then pcall(t[i].register, t[i], t[i - 1], 1) end end pcall(t[1].register, t[1], t[20], 1) print(pcall(t[20].select, t[20], 0.01))
--- select of odd things => any
print(pcall(select.select, {1})) print(pcall(select.select, {"x"})) print(pcall(select.select, {io.stdin}, {io.stdout}, {}, 0)) print(pcall(select.select, {{fileno = function() return -1 end}}, nil, nil, 0)) print(pcall(select.select, {{fileno = function() return 2 ^ 40 end}}, nil, nil, 0)) print(pcall(select.select, {}, {}, {}, -1)) print(pcall(select.select, {}, {}, {}, 0 / 0))
--- timeouts => any
local s = socket.socket() for _, t in ipairs {-1, 0 / 0, 1 / 0, -1 / 0, 1e300, 1e-300, 2 ^ 63} do print(pcall(s.settimeout, s, t)) print(pcall(socket.setdefaulttimeout, t)) end socket.setdefaulttimeout(nil)
--- TLS with itself => any
local a, b = socket.socketpair() print(pcall(tls.wrap, a, {verify = false, timeout = 0.01})) print(pcall(tls.wrap, b, {server_side = true})) print(pcall(tls.wrap, b, {cert = "x", key = "y", server_side = true})) print(pcall(tls.wrap, {}, {})) print(pcall(tls.self_signed, {("x"):rep(1e5)})) print(pcall(tls.self_signed, {1, {}, "\0"}))
--- TLS in TLS => any
local cert, key = tls.self_signed {"x"} local a, b = socket.socketpair() a:settimeout(0.05) b:settimeout(0.05) thread.start(function() print(pcall(function() local c = tls.wrap(b, {server_side = true, cert = cert, key = key}) return tls.wrap(c, {server_side = true, cert = cert, key = key}) end)) end) print(pcall(function() local c = tls.wrap(a, {verify = false}) return tls.wrap(c, {verify = false}) end))
--- TLS without end => stopped
local a, b = socket.socketpair() thread.start(pcall, tls.wrap, a, {verify = false}) b:recv() while true do pcall(b.sendall, b, ("\22\3\3\255\255"):rep(100)) pcall(b.recv, b, 1) end
