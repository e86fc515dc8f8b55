//go:build linux

package stdlib_test

// The rows of the deny table, one to a line:
//
//	name  {rules to begin with} snippet  => rules it needs
//	free (why): name name...
//
// A word among the rules says more of the outcome: "quiet" is a call that does not raise when it is
// refused, and whose snippet is false then; "own" is a descriptor that no rule opens, as the
// script did not come by it; "shut" is refused even by the policy that has the rule; "free" needs
// no rule and touches nothing; "open" needs no further rule.
//
// In snippets and, with a $, in rules: dir is a folder with the file secret, code.lua, and sub, the
// script's own; port, udp, path, dgram and abstract are where sockets of the host's wait in vain;
// hostfd and openfd are a socket and a file that the host has open, H makes a connection of the
// host's, who throws away what it gets. All of it is loopback's, or in
// a temporary folder: a check that is missing does no harm.

// denyScript is the script that rows are tried by.
const denyScript = `
local pcall, loadstring, tostring, type, find = pcall, loadstring, tostring, type, string.find

function T() return socket.socket() end
function T6() return socket.socket(socket.AF_INET6) end
function U() return socket.socket(socket.AF_INET, socket.SOCK_DGRAM) end
function U6() return socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) end
function X(kind) return socket.socket(socket.AF_UNIX, kind) end
function P() return (socket.socketpair()) end -- one of a pair
function S() -- TLS, not under way yet
  local a, b = socket.socketpair()
  a:setblocking(false)
  other = b
  return tls.wrap(a, {verify = false})
end
function L()
  local c, k = tls.self_signed{"x"}
  return tls.create_server("127.0.0.1", 0, {cert = c, key = k})
end
function handed(what) -- comes by a descriptor as if another process had sent it
  local a, b = socket.socketpair()
  socket.send_fds(a, "x", {what})
  local _, fds = socket.recv_fds(b, 1, 1)
  return fds[1]
end
function touch() return "touch " .. dir .. "/ran" end
function int(n) return struct.pack("i", n) end
group = socket.inet_aton("239.255.1.2") .. socket.inet_aton("127.0.0.1")

-- try runs a snippet, and tells whether it was refused ("wrong": not as it should be), failed for
-- another reason, or was done, why, and whether its value is something else than false.
function try(snippet)
  local fn = loadstring("return " .. snippet) or assert(loadstring(snippet))
  local ok, first, message, code = pcall(fn)
  local text = tostring(first or message)
  if not find(text, "not allowed:", 1, true) then return ok and "done" or "failed", text, first ~= false end
  local raised = not ok and (type(first) == "string" or first.code == "EACCES" and first.errno == 13)
  local answered = ok and first == nil and (code == 13 or code == nil)
  return (raised or answered) and "refused" or "wrong", text, false
end
`

const doorRows = `
free (values, and nothing else): assert error getfenv getmetatable ipairs module next pairs pcall rawequal rawget rawset select setfenv
free (values, and nothing else): setmetatable tonumber tostring type unpack xpcall load loadstring package.loadlib package.seeall __index socket.__index socket.__newindex
free (what a module lacks): base64.__index bit.__index bit32.__index channel.__index errno.__index errno.__newindex hash.__index hex.__index json.__index process.__index proto.__index random.__index selectors.__index signal.__index struct.__index thread.__index time.__index tls.__index
free (the interpreter's own memory): collectgarbage gcinfo
free (the interpreter's own streams): print io.read io.write io.flush proto.pp
free (values, and what is connected already): proto.inspect proto.expect proto.sendline proto.interact
free (Lua values and the interpreter's modules): package.loaders.1 package.loaders.3
dofile  dofile(dir .. "/code.lua")  => --allow-read=$dir/code.lua
loadfile  loadfile(dir .. "/code.lua")  => --allow-read=$dir/code.lua
require  package.path = dir .. "/?.lua" require "code"  => --allow-read=$dir/code.lua
package.loaders.2  package.path = dir .. "/?.lua" error(package.loaders[2]("code"))  => --allow-read=$dir/code.lua

free (numbers): math.abs math.acos math.asin math.atan math.atan2 math.ceil math.cos math.cosh math.deg math.exp math.floor math.fmod math.frexp
free (numbers): math.ldexp math.log math.log10 math.max math.min math.mod math.modf math.pow math.rad math.random math.randomseed math.sin
free (numbers): math.sinh math.sqrt math.tan math.tanh
free (bits): bit.arshift bit.band bit.bnot bit.bor bit.bswap bit.bxor bit.lshift bit.rol bit.ror bit.rshift bit.tobit bit.tohex
free (bits): bit32.arshift bit32.band bit32.bnot bit32.bor bit32.btest bit32.bxor bit32.extract bit32.lrotate bit32.lshift bit32.replace
free (bits): bit32.rrotate bit32.rshift
free (text): string.byte string.char string.dump string.find string.format string.gfind string.gmatch string.gsub string.len string.lower
free (text): string.match string.pack string.packsize string.rep string.reverse string.sub string.unpack string.upper
free (text): struct.calcsize struct.pack struct.unpack struct.unpack_from base64.decode base64.encode hex.decode hex.dump hex.encode
free (text): hash.crc32 hash.hmac hash.md5 hash.sha1 hash.sha256 hash.sha512 json.array json.decode json.encode errno.name errno.strerror
free (tables): table.concat table.foreach table.foreachi table.getn table.insert table.maxn table.remove table.setn table.sort
free (the system's random numbers and clocks): random.bytes time.monotonic time.sleep time.time os.clock os.date os.difftime os.time
free (the interpreter's threads): thread.count thread.current thread.daemon thread.event thread.lock thread.new thread.queue thread.semaphore
free (the interpreter's threads): thread.sleep thread.start thread.yield thread:start thread:run thread:join thread:alive thread:cancel
free (the interpreter's threads): lock:acquire lock:release lock:locked lock:with event:set event:clear event:is_set event:wait
free (the interpreter's threads): semaphore:acquire semaphore:release semaphore:with queue:put queue:get queue:items queue:close
free (the interpreter's threads): coroutine.create coroutine.isyieldable coroutine.resume coroutine.running coroutine.status coroutine.wrap
free (the interpreter's threads): coroutine.yield channel.make channel.select channel:send channel:receive channel:close
free (Lua functions, see the holes): debug.getfenv debug.gethook debug.getinfo debug.getlocal debug.getmetatable debug.getregistry debug.getupvalue debug.setfenv debug.sethook debug.setlocal
free (Lua functions, see the holes): debug.setmetatable debug.setupvalue debug.threads debug.traceback newproxy

proto.dial  proto.dial("127.0.0.1:" .. port)  => --allow-connect=127.0.0.1:$port
proto.serve  local t = thread.daemon(proto.serve, "127.0.0.1", 0, print) thread.yield() t:cancel() local ok, e = t:join() if not ok and e.code ~= "ECANCELED" then error(e, 0) end  => --allow-listen=127.0.0.1:0
proto.udp  local t = thread.daemon(proto.udp, "127.0.0.1", 0, print) thread.yield() t:cancel() local ok, e = t:join() if not ok and e.code ~= "ECANCELED" then error(e, 0) end  => --allow-listen=127.0.0.1:0
io.open  io.open(file)  => --allow-read=$file
io.lines  io.lines(file)  => --allow-read=$file
io.input  io.input(file)  => --allow-read=$file
io.output  io.output(dir .. "/new")  => --allow-write=$dir/new
io.popen  io.popen(touch())  => --allow-run=sh
io.tmpfile  io.tmpfile()  => --allow-write=$tmp --allow-read=$tmp
free (a file that is open already): io.close io.type file:read file:read1 file:chunks file:lines file:write file:flush file:close file:seek file:setvbuf file:fileno
free (a file that is open already): file:with file:settimeout file:gettimeout
free (one locale, and the end of the script alone): os.setlocale os.exit
os.execute  os.execute(touch())  => --allow-run=sh
os.getenv  os.getenv("WIRELUA_DENY") ~= nil  => quiet --allow-env=WIRELUA_DENY
os.remove  os.remove(file)  => --allow-write=$file
os.rename  os.rename(file, dir .. "/new")  => --allow-write=$file --allow-write=$dir/new
os.tmpname  os.tmpname()  => --allow-write=$tmp

free (pipes): process.pipe
process.fdopen  process.fdopen(hostfd)  => own
process.spawn  process.spawn({"touch", dir .. "/ran"}):wait()  => --allow-run=touch
process.shared_memory  process.shared_memory{name = memory, size = 1, create = true}:unlink()  => --allow-write=/dev/shm/$memory --allow-read=/dev/shm/$memory
free (a program that was started): process:wait process:poll process:kill process:with
free (a file that is open already): shared_memory:read shared_memory:write shared_memory:close shared_memory:with
shared_memory:unlink  process.shared_memory{name = memory, size = 1, create = true}:unlink()  => --allow-write=/dev/shm/$memory --allow-read=/dev/shm/$memory
signal.on  signal.on("WINCH", "default")  => --allow-run=*

select.select  select.select({{fileno = function() return hostfd end}}, nil, nil, 0)  => own
free (an empty set): selectors.new selectors.DefaultSelector select.poll
selector:register  selectors.new():register({fileno = function() return hostfd end}, selectors.EVENT_READ)  => own
poll:register  select.poll():register({fileno = function() return hostfd end})  => own
free (what was registered): poll:modify poll:unregister poll:poll selector:get_map
free (what was registered): selector:modify selector:unregister selector:get_key selector:select selector:fileno selector:close selector:with

socket.socket  socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)  => --allow-connect=* --allow-listen=*
socket.bind  socket.bind(T(), "127.0.0.1", 0)  => --allow-listen=127.0.0.1:0
socket.listen  socket.listen(T())  => --allow-listen=0.0.0.0:0
socket.connect  socket.connect(T(), "127.0.0.1", port)  => --allow-connect=127.0.0.1:$port
socket.connect_ex  socket.connect_ex(T(), "127.0.0.1", port) == 0  => quiet --allow-connect=127.0.0.1:$port
socket.sendto  socket.sendto(U(), "x", "127.0.0.1", udp)  => --allow-connect=127.0.0.1:$udp
socket.create_connection  socket.create_connection("127.0.0.1", port)  => --allow-connect=127.0.0.1:$port
socket.create_server  socket.create_server("127.0.0.1", 0)  => --allow-listen=127.0.0.1:0
socket.close  socket.close(hostfd)  => own
socket.fromfd  socket.fromfd(hostfd)  => own
socket.send_fds  socket.send_fds(P(), "x", {hostfd})  => own
socket.getaddrinfo  socket.getaddrinfo("a.test", 80)  => --allow-connect=a.test
socket.gethostbyname  socket.gethostbyname("a.test")  => --allow-connect=a.test
socket.gethostbyaddr  socket.gethostbyaddr("192.0.2.1")  => --allow-connect=192.0.2.1
socket.getnameinfo  socket.getnameinfo({"192.0.2.1", 80})  => --allow-connect=192.0.2.1
socket.getfqdn  socket.getfqdn("a.test") and asked()  => quiet --allow-connect=a.test
free (a pair is connected to itself): socket.socketpair
free (on a socket that has passed a door): socket.accept socket.recv socket.recvfrom socket.recv_fds socket.relay socket.send socket.sendall
free (on a socket that has passed a door): socket.shutdown
free (this machine's name, interfaces, and lists of numbers): socket.gethostname socket.if_indextoname socket.if_nameindex socket.if_nametoindex
free (this machine's name, interfaces, and lists of numbers): socket.getprotobyname socket.getservbyname socket.getservbyport
free (this machine's name, interfaces, and lists of numbers): socket.has_dualstack_ipv6
free (values): socket.CMSG_LEN socket.CMSG_SPACE socket.htonl socket.htons socket.ntohl socket.ntohs socket.inet_aton socket.inet_ntoa
free (values): socket.inet_ntop socket.inet_pton socket.getdefaulttimeout socket.setdefaulttimeout address:unpack name:__eq

socket:bind  T():bind("127.0.0.1", 0)  => --allow-listen=127.0.0.1:0
socket:listen  T():listen()  => --allow-listen=0.0.0.0:0
socket:connect  T():connect("127.0.0.1", port)  => --allow-connect=127.0.0.1:$port
socket:connect_ex  T():connect_ex("127.0.0.1", port) == 0  => quiet --allow-connect=127.0.0.1:$port
socket:sendto  U():sendto("x", "127.0.0.1", udp)  => --allow-connect=127.0.0.1:$udp
socket:sendmsg  U():sendmsg("x", nil, 0, {"127.0.0.1", udp})  => --allow-connect=127.0.0.1:$udp
socket:sendfile  P():sendfile(file)  => --allow-read=$file
socket:setsockopt  T():setsockopt(socket.IPPROTO_IP, socket.IP_TRANSPARENT, 1)  => --allow-connect=* --allow-listen=*
socket:getsockopt  T():getsockopt(socket.SOL_SOCKET, socket.SO_MARK)  => --allow-connect=* --allow-listen=*
free (on a socket that has passed a door): socket:accept socket:clients socket:send socket:sendall socket:sendfrom socket:recv socket:recvfrom socket:recvmsg
free (on a socket that has passed a door): socket:readline socket:readuntil socket:readexactly socket:lines socket:chunks socket:makefile
free (on a socket that has passed a door): socket:shutdown socket:close socket:with socket:getpeername socket:getsockname
free (the script's own descriptor): socket:detach socket:disconnect socket:dup socket:fileno
free (the interpreter's own clock): socket:settimeout socket:gettimeout socket:setblocking socket:getblocking

hosted_socket:sendfile  H():sendfile(file)  => --allow-read=$file
free (on what the host has handed over): hosted_socket:recv hosted_socket:sendall hosted_socket:sendfrom hosted_socket:readline hosted_socket:readuntil
free (on what the host has handed over): hosted_socket:readexactly hosted_socket:lines hosted_socket:chunks hosted_socket:with
free (on what the host has handed over): hosted_socket:send hosted_socket:recvfrom hosted_socket:shutdown hosted_socket:close
free (on what the host has handed over): hosted_socket:makefile hosted_socket:fileno hosted_socket:getsockname hosted_socket:getpeername
free (on what the host has handed over): hosted_socket:settimeout hosted_socket:gettimeout hosted_socket:setblocking hosted_socket:getblocking
free (on what the host has handed over): hosted_listener:accept hosted_listener:clients hosted_listener:close hosted_listener:with
free (on what the host has handed over): hosted_listener:fileno hosted_listener:getsockname hosted_listener:settimeout
free (on what the host has handed over): hosted_listener:gettimeout hosted_listener:setblocking hosted_listener:getblocking

tls.connect  tls.connect("127.0.0.1", port, {verify = false, timeout = 0.01})  => --allow-connect=127.0.0.1:$port
tls.create_server  local c, k = tls.self_signed{"x"} tls.create_server("127.0.0.1", 0, {cert = c, key = k})  => --allow-listen=127.0.0.1:0
tls.wrap  tls.wrap(P(), {ca = file, server_name = "x"})  => --allow-read=$file
tls_connection:sendfile  S():sendfile(file)  => --allow-read=$file
tls_connection:setsockopt  S():setsockopt(socket.IPPROTO_IP, socket.IP_TRANSPARENT, 1)  => --allow-connect=* --allow-listen=*
tls_connection:getsockopt  S():getsockopt(socket.SOL_SOCKET, socket.SO_MARK)  => --allow-connect=* --allow-listen=*
tls_server:setsockopt  {--allow-listen=127.0.0.1:0} L():setsockopt(socket.IPPROTO_IP, socket.IP_TRANSPARENT, 1)  => --allow-connect=* --allow-listen=*
tls_server:getsockopt  {--allow-listen=127.0.0.1:0} L():getsockopt(socket.SOL_SOCKET, socket.SO_MARK)  => --allow-connect=* --allow-listen=*
free (values): tls.self_signed
free (on a socket that has passed a door): tls_connection:recv tls_connection:sendall tls_connection:sendfrom tls_connection:readline tls_connection:readuntil
free (on a socket that has passed a door): tls_connection:readexactly tls_connection:lines tls_connection:chunks tls_connection:with
free (on a socket that has passed a door): tls_connection:send tls_connection:shutdown tls_connection:close tls_connection:do_handshake
free (on a socket that has passed a door): tls_connection:unwrap tls_connection:version tls_connection:cipher tls_connection:alpn
free (on a socket that has passed a door): tls_connection:peer_certificate tls_connection:pending tls_connection:fileno
free (on a socket that has passed a door): tls_connection:getsockname tls_connection:getpeername tls_connection:settimeout
free (on a socket that has passed a door): tls_connection:gettimeout tls_connection:setblocking tls_connection:getblocking
free (on a socket that has passed a door): tls_connection:makefile tls_connection:recvfrom tls_server:accept tls_server:clients tls_server:close tls_server:fileno
free (on a socket that has passed a door): tls_server:getsockname tls_server:settimeout tls_server:gettimeout tls_server:setblocking
free (on a socket that has passed a door): tls_server:getblocking tls_server:with
`

const holeRows = `
# One address has many spellings. (Connecting a UDP socket sends nothing.)
another port  {--allow-connect=127.0.0.1:1-1023 --allow-connect=:0} T():connect("127.0.0.1", port)  => --allow-connect=127.0.0.1:$port
another door  {--allow-listen=* --allow-connect=unix:@x} T():connect("127.0.0.1", port)  => --allow-connect=127.0.0.1:$port
another host  {--allow-connect=127.0.0.2 --allow-connect=10.0.0.0/8} T():connect("127.0.0.1", port)  => --allow-connect=127.0.0.1:$port
a number  T():connect("2130706433", port)  => --allow-connect=127.0.0.1:$port
hexadecimal  T():connect("0x7f.1", port)  => --allow-connect=127.0.0.1:$port
octal  T():connect("0177.0.0.01", port)  => --allow-connect=127.0.0.1:$port
short  T():connect("127.1", port)  => --allow-connect=127.0.0.1:$port
unspecified  {--allow-connect=0.0.0.0:1} T():connect("0.0.0.0", port)  => --allow-connect=127.0.0.1:$port
zero  T():connect("0", port)  => --allow-connect=127.0.0.1:$port
empty  T():connect("", port)  => --allow-connect=127.0.0.1:$port
localhost  T():connect("LocalHost", port)  => --allow-connect=127.0.0.1:$port
an address object  T():connect(socket.getaddrinfo("127.1", port)[1].address)  => --allow-connect=127.0.0.1:$port
mapped  {--allow-connect=[::1]} T6():connect("::ffff:127.0.0.1", port)  => --allow-connect=127.0.0.1:$port
mapped, in hex  {--allow-connect=::/0} T6():connect("::ffff:7f00:1", port)  => --allow-connect=127.0.0.1:$port
mapped and unspecified  T6():connect("::ffff:0.0.0.0", port)  => --allow-connect=127.0.0.1:$port
unspecified IPv6  U6():connect("::", udp)  => --allow-connect=[::1]:$udp
unspecified with a zone  U6():connect("::%lo", udp)  => --allow-connect=[::1]:$udp
NAT64  {--allow-connect=::/0} U6():connect("64:ff9b::7f00:1", udp)  => --allow-connect=[64:ff9b::7f00:1]:$udp
6to4  {--allow-connect=::/0} U6():connect("2002:7f00:1::", udp)  => --allow-connect=[2002:7f00:1::]:$udp
IPv4-compatible  {--allow-connect=::/0} U6():connect("::127.0.0.1", udp)  => --allow-connect=[::7f00:1]:$udp
IPv4-translated  {--allow-connect=::/0} U6():connect("::ffff:0:127.0.0.1", udp)  => --allow-connect=[::ffff:0:7f00:1]:$udp
bound elsewhere, unspecified  {--allow-listen=127.0.0.2 --allow-connect=127.0.0.1} local u = U() u:bind("127.0.0.2", 0) u:connect("0.0.0.0", 1) return u:getpeername().host == "127.0.0.1"  => free

# More ways to send, and to be sent to.
connected, sendto elsewhere  {--allow-connect=127.0.0.1:1} local u = U() u:connect("127.0.0.1", 1) u:sendto("x", "127.0.0.1", udp)  => --allow-connect=127.0.0.1:$udp
connected, sendmsg elsewhere  {--allow-connect=127.0.0.1:1} local u = U() u:connect("127.0.0.1", 1) u:sendmsg("x", nil, 0, {"127.0.0.1", udp})  => --allow-connect=127.0.0.1:$udp
connected elsewhere later  {--allow-connect=127.0.0.1:1} local u = U() u:connect("127.0.0.1", 1) u:connect("127.0.0.1", udp)  => --allow-connect=127.0.0.1:$udp
sendto connects  T():sendto("x", socket.MSG_FASTOPEN, "127.0.0.1", port)  => --allow-connect=127.0.0.1:$port
sendmsg connects  T():sendmsg("x", nil, socket.MSG_FASTOPEN, {"127.0.0.1", port})  => --allow-connect=127.0.0.1:$port
connecting when sending  local s = T() s:setsockopt(socket.IPPROTO_TCP, 30, 1) s:connect("127.0.0.1", port) s:send("x")  => --allow-connect=127.0.0.1:$port
not waiting  local s = T() s:setblocking(false) s:connect("127.0.0.1", port)  => --allow-connect=127.0.0.1:$port
a method of another  P().connect(T(), "127.0.0.1", port)  => --allow-connect=127.0.0.1:$port
listening without bind  {--allow-listen=127.0.0.1} T():listen()  => --allow-listen=0.0.0.0:0
listening without bind, IPv6  {--allow-listen=0.0.0.0} T6():listen()  => --allow-listen=[::]:0
listening after connect failed  {--allow-listen=127.0.0.1 --allow-connect=127.0.0.1:1} local s = T() pcall(s.connect, s, "127.0.0.1", 1) s:listen()  => --allow-listen=0.0.0.0:0
listening as another family  {--allow-listen=unix:@x} socket.fromfd(T():fileno(), socket.AF_UNIX):listen()  => --allow-listen=0.0.0.0:0
listening when handed over  socket.fromfd(handed(T())):listen()  => --allow-listen=0.0.0.0:0
bind mapped  {--allow-listen=::/0} T6():bind("::ffff:127.0.0.1", 0)  => --allow-listen=127.0.0.1:0
bind all  {--allow-listen=0.0.0.0/0} T6():bind("::", 0)  => --allow-listen=[::]:0
bind all with a zone  {--allow-listen=0.0.0.0/0} T6():bind("::%lo", 0)  => --allow-listen=[::]:0
bind to send  U():bind("0.0.0.0", 0)  => --allow-listen=0.0.0.0:0
a source  {--allow-connect=127.0.0.1} socket.create_connection("127.0.0.1", port, {source = {"127.0.0.1", 0}})  => --allow-listen=127.0.0.1:0
raw  socket.socket(socket.AF_INET, socket.SOCK_RAW, 255)  => --allow-connect=* --allow-listen=*
packets  {--allow-connect=*} socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)  => --allow-listen=*
packets by an old name  socket.socket(socket.AF_INET, 10)  => --allow-connect=* --allow-listen=*
netlink  {--allow-listen=*} socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)  => --allow-connect=*
a host's other parts  socket.socket(socket.AF_VSOCK)  => --allow-connect=* --allow-listen=*
another protocol  socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)  => --allow-connect=* --allow-listen=*

# Options that lead packets elsewhere, or calls into our memory.
a device  U():setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, "lo\0")  => --allow-connect=* --allow-listen=*
a device by number  U():setsockopt(socket.SOL_SOCKET, socket.SO_BINDTOIFINDEX, 1)  => --allow-connect=* --allow-listen=*
a device for all packets  U():setsockopt(socket.IPPROTO_IP, 50, struct.pack(">i", 1))  => --allow-connect=* --allow-listen=*
a device for all packets, IPv6  U6():setsockopt(socket.IPPROTO_IPV6, 76, struct.pack(">i", 1))  => --allow-connect=* --allow-listen=*
a device for all packets, again  U6():setsockopt(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, ("\0"):rep(16) .. int(1))  => --allow-connect=* --allow-listen=*
a device for one packet  {--allow-connect=127.0.0.1} U():sendmsg("x", {{socket.IPPROTO_IP, socket.IP_PKTINFO, int(1) .. ("\0"):rep(8)}}, 0, {"127.0.0.1", udp})  => --allow-connect=* --allow-listen=*
a device for one packet, IPv6  {--allow-connect=[::1]} U6():sendmsg("x", {{socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, ("\0"):rep(16) .. int(1)}}, 0, {"::1", 1})  => --allow-connect=* --allow-listen=*
a source for one packet  {--allow-connect=127.0.0.1} U():sendmsg("x", {{socket.IPPROTO_IP, socket.IP_PKTINFO, int(0) .. socket.inet_aton("127.0.0.1") .. int(0)}}, 0, {"127.0.0.1", udp})  => open
a source route  U():setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, "\131\7\4\127\0\0\1\0")  => --allow-connect=* --allow-listen=*
a source route for one packet  P():sendmsg("x", {{socket.IPPROTO_IP, socket.IP_RETOPTS, "\1"}})  => --allow-connect=* --allow-listen=*
a routing header  P():sendmsg("x", {{socket.IPPROTO_IPV6, socket.IPV6_RTHDR, "\0"}})  => --allow-connect=* --allow-listen=*
a routing header to stay  U6():setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RTHDR, "\0")  => --allow-connect=* --allow-listen=*
a mark  T():setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 1)  => --allow-connect=* --allow-listen=*
a level beyond 32 bits  T():setsockopt(socket.SOL_SOCKET + 2 ^ 32, socket.SO_MARK + 2 ^ 32, 1)  => --allow-connect=* --allow-listen=*
a filter  T():setsockopt(socket.SOL_SOCKET, socket.SO_ATTACH_FILTER, ("\0"):rep(16))  => --allow-connect=* --allow-listen=*
a program  T():setsockopt(socket.SOL_SOCKET, socket.SO_ATTACH_BPF, hostfd)  => --allow-connect=* --allow-listen=*
repair  T():setsockopt(socket.IPPROTO_TCP, 19, 1)  => --allow-connect=* --allow-listen=*
another layer  T():setsockopt(socket.IPPROTO_TCP, 31, "tls")  => --allow-connect=* --allow-listen=*
the firewall  T():getsockopt(socket.IPPROTO_IP, 64, 100)  => --allow-connect=* --allow-listen=*
descriptors unasked  P():setsockopt(socket.SOL_SOCKET, 76, 1)  => --allow-connect=* --allow-listen=*
a group  U():setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)  => --allow-listen=239.255.1.2:0
a group, bound  {--allow-listen=127.0.0.1:0} local u = U() u:bind("127.0.0.1", 0) u:setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)  => --allow-listen=239.255.1.2:0
a group, bound to a port  {--allow-listen=127.0.0.1:61234 --allow-listen=239.255.1.2:0} local u = U() u:setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1) u:bind("127.0.0.1", 61234) u:setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)  => --allow-listen=239.255.1.2:61234
a group, by a copy of what is bound then  {--allow-listen=127.0.0.1 --allow-listen=239.255.1.2:0} local u = U() local c = u:dup() u:bind("127.0.0.1", 0) return not pcall(c.setsockopt, c, socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)  => free
a group, all allowed  {--allow-listen=0.0.0.0} local u = U() u:bind("", 0) u:setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)  => free
a group, IPv6  U6():setsockopt(socket.IPPROTO_IPV6, 20, socket.inet_pton(socket.AF_INET6, "ff11::1") .. int(1))  => --allow-listen=[ff11::1%lo]:0
a group, from one source  U():setsockopt(socket.IPPROTO_IP, 39, group .. socket.inet_aton("127.0.0.1"))  => --allow-connect=* --allow-listen=*
a group, by another option  U():setsockopt(socket.IPPROTO_IP, 42, ("\0"):rep(136))  => --allow-connect=* --allow-listen=*
ordinary options  local s = T() s:setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1) s:setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  => free
buffers beyond the system's limits  T():setsockopt(socket.SOL_SOCKET, 32, 1e6)  => --allow-connect=* --allow-listen=*
buffers beyond the system's limits, received  P():setsockopt(socket.SOL_SOCKET, 33, int(1e6))  => --allow-connect=* --allow-listen=*
a congestion control  T():setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, "cubic")  => --allow-connect=* --allow-listen=*
the kernel's log  T():setsockopt(socket.SOL_SOCKET, socket.SO_DEBUG, 1)  => --allow-connect=* --allow-listen=*
a priority above others  U():setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 7)  => --allow-connect=* --allow-listen=*
a priority above others, in bytes  U():setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, int(-1))  => --allow-connect=* --allow-listen=*
a priority for anybody  U():setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 6)  => free
a mark received  U():setsockopt(socket.SOL_SOCKET, 75, 1)  => --allow-connect=* --allow-listen=*
polling the device  U():setsockopt(socket.SOL_SOCKET, 46, 1000)  => --allow-connect=* --allow-listen=*
polling the device first  U():setsockopt(socket.SOL_SOCKET, 69, 1)  => --allow-connect=* --allow-listen=*
a budget of polling  U():setsockopt(socket.SOL_SOCKET, 70, 100)  => --allow-connect=* --allow-listen=*
when packets leave  U():setsockopt(socket.SOL_SOCKET, 61, int(0) .. int(0))  => --allow-connect=* --allow-listen=*
when a packet leaves  P():sendmsg("x", {{socket.SOL_SOCKET, 61, ("\0"):rep(8)}})  => --allow-connect=* --allow-listen=*
a mark for one packet  P():sendmsg("x", {{socket.SOL_SOCKET, socket.SO_MARK, int(1)}})  => --allow-connect=* --allow-listen=*
memory set aside  T():setsockopt(socket.SOL_SOCKET, 73, 1e6)  => --allow-connect=* --allow-listen=*
others' group  T():setsockopt(socket.SOL_SOCKET, 68, 0)  => --allow-connect=* --allow-listen=*
labels of all flows  U6():setsockopt(socket.IPPROTO_IPV6, 32, ("\0"):rep(32))  => --allow-connect=* --allow-listen=*
an option of kernels to come  T():setsockopt(socket.SOL_SOCKET, 200, 1)  => --allow-connect=* --allow-listen=*
an option of kernels to come, TCP  T():setsockopt(socket.IPPROTO_TCP, 60, 1)  => --allow-connect=* --allow-listen=*
an option of kernels to come, UDP  U():setsockopt(socket.IPPROTO_UDP, 60, 1)  => --allow-connect=* --allow-listen=*
pairs of other families  socket.socketpair(30, socket.SOCK_STREAM)  => --allow-connect=* --allow-listen=*
pairs of other families, IP  socket.socketpair(socket.AF_INET)  => --allow-connect=* --allow-listen=*
a pair of Unix sockets  socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET):close()  => free
another's credentials  P():sendmsg("x", {{socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack("iii", 1, 0, 0)}})  => --allow-connect=* --allow-listen=*
another's name  P():sendmsg("x", {{socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack("iii", process.pid, 65534, 65534)}})  => --allow-connect=* --allow-listen=*
credentials, which the kernel checks  type(pcall(P().sendmsg, P(), "x", {{socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack("iii", process.pid, 0, 0)}})) == "boolean"  => free

# Unix sockets.
a path  X():connect(path)  => --allow-connect=unix:$path
a path with ..  {--allow-connect=unix:$dir/sub/s} X():connect(dir .. "/sub/../s")  => --allow-connect=unix:$dir/sub/../s
a path by a link  {--allow-connect=unix:$dir/x} X():connect(dir .. "/link")  => --allow-connect=unix:$dir/link
a path that became a link  {--allow-connect=unix:$dir/x --allow-write=$dir} assert(os.rename(dir .. "/link", dir .. "/x")) X():connect(dir .. "/x")  => shut --allow-connect=unix:$dir/x
a path through /proc  {--allow-connect=unix:$dir/x} X():connect("/proc/self/root" .. path)  => --allow-connect=unix:/proc/self/root$path
a path for a message  X(socket.SOCK_DGRAM):sendto("x", dgram)  => --allow-connect=unix:$dgram
a path for a sendmsg  X(socket.SOCK_DGRAM):sendmsg("x", nil, 0, dgram)  => --allow-connect=unix:$dgram
one of a pair elsewhere  local a = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) a:sendto("x", dgram)  => --allow-connect=unix:$dgram
an abstract name  {--allow-connect=unix:$dir/x} X():connect("\0" .. abstract)  => --allow-connect=unix:@$abstract
a file with an @  {--allow-connect=unix:@x} X():connect("@x")  => --allow-connect=unix:$cwd/@x
hosts are no paths  {--allow-connect=0.0.0.0/0 --allow-connect=::/0} X():connect(path)  => --allow-connect=unix:$path
bind a path  {--allow-write=$dir} X():bind(dir .. "/new")  => --allow-listen=unix:$dir/new
bind a name of the kernel's  {--allow-listen=unix:@x} X():bind("")  => --allow-listen=*
an abstract name with a zero byte  {--allow-listen=unix:@$abstract} X():bind("\0" .. abstract .. "\0")  => --allow-listen=*
an abstract name that begins the same  {--allow-connect=unix:@$abstract} X():connect("\0" .. abstract .. "\0x")  => --allow-connect=*

# Names.
localhost is not asked for  socket.getaddrinfo("localhost", 1) socket.getaddrinfo("localhost.", 1)  => free
numbers are not asked for  socket.getaddrinfo("0x7f.1", 1) socket.getaddrinfo("fe80::1%lo", 1) socket.getnameinfo({"192.0.2.1", 1}, socket.NI_NUMERICHOST)  => free
localhost's names  socket.gethostbyaddr("::1") socket.gethostbyaddr("127.0.0.1") socket.gethostbyaddr("localhost") socket.gethostbyaddr("::ffff:127.0.0.1") return socket.getfqdn("::1")  => free
localhost's names, by getnameinfo  socket.getnameinfo({"::1", 1}) socket.getnameinfo({"127.0.0.1", 1}, socket.NI_NAMEREQD) return socket.getnameinfo({"::1", 1}, socket.NI_NAMEREQD)  => free
localhost's canonical name  socket.getaddrinfo("localhost.", 1, 0, 0, 0, socket.AI_CANONNAME)[1].canonname == "localhost"  => free
this machine's name  socket.getfqdn()  => free
data in an address  socket.gethostbyaddr("127.1.2.3")  => --allow-connect=127.1.2.3
data in a mapped address  socket.getnameinfo({"::ffff:127.1.2.3", 1})  => --allow-connect=127.1.2.3
data in a name  {--allow-listen=* --allow-connect=unix:@x} socket.getaddrinfo("data.a.test", 1)  => --allow-connect=data.a.test
a canonical name  socket.getaddrinfo("a.test", 1, 0, 0, 0, socket.AI_CANONNAME)  => --allow-connect=a.test
a name to connect to  T():connect("a.test", 1)  => --allow-connect=a.test
a name to bind  {--allow-listen=*} T():bind("a.test", 0)  => --allow-connect=a.test
a name to send to  U():sendto("x", "a.test", 1)  => --allow-connect=a.test
a name for TLS  tls.connect("a.test", 1)  => --allow-connect=a.test

# Descriptors.
every number  local a, b = socket.socketpair() for fd = 0, 63 do if fd ~= a:fileno() and fd ~= b:fileno() then assert(not pcall(socket.fromfd, fd) and not pcall(process.fdopen, fd) and not pcall(socket.send_fds, a, "x", {fd})) end end  => free
a right by hand  P():sendmsg("x", {{socket.SOL_SOCKET, socket.SCM_RIGHTS, int(hostfd)}})  => own
a right by hand, the second  P():sendmsg("x", {{socket.SOL_SOCKET, socket.SCM_RIGHTS, int(P():fileno())}, {socket.SOL_SOCKET, socket.SCM_RIGHTS, int(hostfd)}})  => own
the host's stream  process.fdopen(0)  => own
a number closed  {--allow-connect=*} local fd = T():detach() socket.close(fd) socket.fromfd(fd)  => own
a number taken over  {--allow-connect=*} local fd = handed(T()) process.fdopen(fd):close() socket.fromfd(fd)  => own
a number for a program  {--allow-run=true} not pcall(process.spawn, {"true"}, {files = {hostfd}})  => free
the script's own  socket.fromfd(T():fileno()) process.fdopen(process.pipe():fileno()) socket.close(T():detach()) socket.close(handed(T())) process.fdopen(handed(T()))  => free
own, by recvmsg  local a, b = socket.socketpair() socket.send_fds(a, "x", {T()}) local _, got = b:recvmsg(1, 100) socket.close(struct.unpack("i", got[1][3]))  => free
handed over, then connecting  socket.fromfd(handed(T())):connect("127.0.0.1", port)  => --allow-connect=127.0.0.1:$port
handed over, then binding  socket.fromfd(handed(U())):bind("127.0.0.1", 0)  => --allow-listen=127.0.0.1:0
handed over as a file  local fd = handed(T()) process.fdopen(fd) socket.fromfd(fd):connect("127.0.0.1", port)  => --allow-connect=127.0.0.1:$port
detached, then connecting  socket.fromfd(T():detach()):connect("127.0.0.1", port)  => --allow-connect=127.0.0.1:$port

# Files.
..  {--allow-read=$dir/sub} io.open(dir .. "/sub/../secret")  => --allow-read=$dir/sub/../secret
a name that begins the same  {--allow-read=$dir/sec} io.open(file)  => --allow-read=$file
a link  {--allow-read=$dir/sub} io.open(dir .. "/sub/link")  => --allow-read=$dir/sub/link
a folder's link  {--allow-read=$dir/sub} io.open(dir .. "/sub/up/secret")  => --allow-read=$dir/sub/up/secret
a link to come  {--allow-write=$dir/sub} io.open(dir .. "/sub/dangling", "w")  => --allow-write=$dir/sub/dangling
memory without a name  process.shared_memory{size = 1}:unlink()  => --allow-write=/dev/shm --allow-read=/dev/shm
a zero byte  {--allow-read=$dir/sub} io.open(dir .. "/sub/mod.lua\0")  => --allow-read=*
our own memory  {--allow-write=$dir --allow-read=/etc} io.open("/proc/self/mem", "r+")  => --allow-write=/proc/self/mem --allow-read=/proc/self/mem
read is not write  {--allow-read=$dir} io.open(file, "a")  => --allow-write=$file
write is not read  {--allow-write=$dir} io.open(file, "r+")  => --allow-read=$file
write is not read, copying  {--allow-write=$dir} P():sendfile(file)  => --allow-read=$file
rename out  {--allow-write=$dir/sub} os.rename(dir .. "/sub/mod.lua", dir .. "/new")  => --allow-write=$dir/new
rename in  {--allow-write=$dir/sub --allow-read=$dir/sub} os.rename(file, dir .. "/sub/new")  => --allow-write=$file
remove by a folder's link  {--allow-write=$dir/sub} os.remove(dir .. "/sub/up/secret")  => --allow-write=$dir/sub/up/secret
/proc/self/fd  {--allow-read=$dir/sub} io.open("/proc/self/fd/" .. openfd)  => --allow-read=/proc/self/fd/$openfd
/proc/self/fd of a socket  io.open("/proc/self/fd/" .. hostfd)  => --allow-read=/proc/self/fd/$hostfd
/dev/fd  {--allow-read=$dir/sub} io.open("/dev/fd/" .. openfd)  => --allow-read=/dev/fd/$openfd
/proc/self/root  {--allow-read=$dir/sub} io.open("/proc/self/root" .. file)  => --allow-read=/proc/self/root$file
/proc/self/cwd  {--allow-read=$dir/sub} io.lines("/proc/self/cwd/stdlib.go")  => --allow-read=/proc/self/cwd/stdlib.go
memory's folder  process.shared_memory{name = "/" .. memory}  => --allow-write=/dev/shm/$memory --allow-read=/dev/shm/$memory
no other folder  not pcall(process.shared_memory, {name = "../" .. memory, size = 1, create = true})  => free
a certificate  tls.wrap(P(), {server_side = true, cert = file, key = file})  => --allow-read=$file
a key  tls.wrap(P(), {server_side = true, cert = tls.self_signed{"x"}, key = file})  => --allow-read=$file
TLS secrets  local a, b = socket.socketpair() local c, k = tls.self_signed{"x"} thread.start(tls.wrap, b, {server_side = true, cert = c, key = k}) tls.wrap(a, {ca = c, server_name = "x"})  => free

# Code: the script's own folder has it.
the script's own code  package.path = "?.lua" return require "mod" == 1 and dofile(dir .. "/sub/mod.lua") == 1  => free
its text is a file  io.open(dir .. "/sub/main.lua")  => --allow-read=$dir/sub/main.lua
code above  package.path = dir .. "/sub/../?.lua" require "code"  => --allow-read=$dir/sub/../code.lua
code by ..  dofile(dir .. "/sub/../code.lua")  => --allow-read=$dir/sub/../code.lua
code by a link  dofile(dir .. "/sub/link.lua")  => --allow-read=$dir/sub/link.lua
code by a folder's link  loadfile(dir .. "/sub/up/code.lua")  => --allow-read=$dir/sub/up/code.lua
code through /proc  dofile("/proc/self/root" .. dir .. "/code.lua")  => --allow-read=/proc/self/root$dir/code.lua
C code  package.loadlib("libc.so.6", "system") == nil and package.cpath == ""  => free
compiled code  local d = string.dump(try) return not loadstring("\27Lua") and not loadstring(d .. "x") and not loadstring(d:sub(1, 60) .. "\0" .. d:sub(62)) and not loadstring(d:sub(1, 12) .. ("x"):rep(32) .. d:sub(45))  => free

# Programs.
a shell by its folder  {--allow-run=true} process.spawn({"/bin/sh", "-c", touch()}):wait()  => --allow-run=/bin/sh
another name  {--allow-run=true} process.spawn({dir .. "/true", dir .. "/ran"}):wait()  => --allow-run=$dir/true
the runtime  {--allow-run=true} process.spawn({process.executable, "-test.run=^$"}, {stdout = "null"}):wait()  => --allow-run=$exe
is there a shell  os.execute() ~= 0  => quiet --allow-run=sh
a shell to write to  io.popen(touch(), "w")  => --allow-run=sh
a program's folder  {--allow-run=true} process.spawn({"true"}, {cwd = dir}):wait()  => --allow-read=$dir
a program on a path of its own  {--allow-run=true --allow-env=PATH} process.spawn({"touch", dir .. "/ran"}, {env = {PATH = "/usr/bin:/bin"}}):wait()  => --allow-run=touch
a program in a folder of its own  {--allow-run=true --allow-read=/} process.spawn({"./touch", dir .. "/ran"}, {cwd = "/usr/bin"}):wait()  => --allow-run=/usr/bin/touch
a name on another path  {--allow-run=true --allow-env=PATH} return not pcall(process.spawn, {"true"}, {env = {PATH = dir}})  => free
a path that says what is there  {--allow-run=true --allow-env=PATH} local function say(p) return (select(2, pcall(process.spawn, {"secret"}, {env = {PATH = p}}))).message end return say(dir) == say("/nowhere")  => free
a program's variables  {--allow-run=true} process.spawn({"true"}, {env = {LD_PRELOAD = ""}}):wait()  => --allow-env=LD_PRELOAD
a program's input  {--allow-run=true} process.spawn({"true"}, {stdin = assert(io.open(file))}):wait()  => --allow-read=$file
variables of ours  {--allow-run=printenv} process.spawn({"printenv", "WIRELUA_DENY"}, {stdout = "pipe"}).stdout:read("*a") ~= ""  => quiet --allow-env=WIRELUA_DENY
variables of ours, in a shell  {--allow-run=sh} io.popen("echo $WIRELUA_DENY"):read() ~= ""  => quiet --allow-env=WIRELUA_DENY
variables by another name  {--allow-env=WIRELUA} os.getenv("WIRELUA_DENY") ~= nil  => quiet --allow-env=WIRELUA_DENY
a signal  {--allow-run=true} signal.on("TERM", "ignore")  => --allow-run=*

# What Lua lets a script see of itself.
the registry  next(debug.getregistry()) == nil  => free
upvalues  debug.getupvalue(io.open, 1) == nil and debug.setupvalue(io.open, 1, 1) == nil and debug.setupvalue(T().connect, 1, 1) == nil  => free
environments  pcall(debug.setfenv, io.open, {}) debug.setfenv(io.stdout, {}) return io.open(file)  => --allow-read=$file
metatables  debug.getmetatable(T()) == "socket" and debug.getmetatable(io.stdout) == "file" and debug.getmetatable(json).__metatable == "json"  => free
another's metatable  local s = T() debug.setmetatable(s, {__index = {fileno = function() return hostfd end}}) select.select({s}, nil, nil, 0) return s:fileno() == hostfd and not pcall(socket.fromfd, s:fileno())  => free
another's methods  local s = T() return not pcall(io.stdout.read, s) and not pcall(s.connect, io.stdout, "127.0.0.1", port) and not pcall(s.settimeout, thread.lock(), 1)  => free
another error  error, pcall, tostring = nil, nil, nil return socket.connect(T(), "127.0.0.1", port)  => --allow-connect=127.0.0.1:$port
`
