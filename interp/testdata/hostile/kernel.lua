--- more than was asked for => ok
for _, kind in ipairs {socket.SOCK_DGRAM, socket.SOCK_SEQPACKET} do local a, b = socket.socketpair(socket.AF_UNIX, kind)
for _, f in ipairs {b.recv, b.recvfrom, b.recvmsg, function(s, n, flags) return socket.recv_fds(s, n, 1, flags) end, function(s, n, flags) return s:recvmsg(n, 100, flags) end} do for _, n in ipairs {0, 1, 10, 1e5} do a:send(("x"):rep(60000)) assert(#f(b, n, socket.MSG_TRUNC) <= n) end end end
--- what the kernel did not write => ok
local l = socket.create_server("127.0.0.1", 0) local c = socket.create_connection(l:getsockname()) local s = l:accept()
local a, b = socket.socketpair() a:sendall(("secret"):rep(500)) b:recv(4000) c:sendall(("z"):rep(3000)) c:shutdown(socket.SHUT_WR)
local got = "" repeat local more = s:recv(4000, socket.MSG_TRUNC) got = got .. more until more == "" assert(got == ("z"):rep(3000))
--- a FIFO to send => stopped
local name = os.tmpname() os.remove(name) assert(os.execute("mkfifo " .. name) == 0) thread.start(function() thread.sleep(0.01) os.remove(name) end) local a = socket.socketpair() a:sendfile(name)
