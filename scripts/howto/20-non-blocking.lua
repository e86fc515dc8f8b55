-- HOWTO, "Non-blocking Sockets": calls that return at once, having done nothing if need be. "Not
-- now" is an answer, nil and a code, and no error.
--
--   wirelua scripts/howto/20-non-blocking.lua [host [port]]
local socket = require "socket"
local select = require "select"
local errno = require "errno"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 20-non-blocking.lua [HOST [PORT]]

Calls that return at once, having done nothing if need be. "Not
now" is an answer, nil and a code, and no error.]=])
end

local function say(what, ...)
  local values = {}
  for i = 1, select("#", ...) do values[i] = tostring((select(i, ...))) end
  print(("%-38s %s"):format(what, table.concat(values, ", ")))
end

-- After creating a socket and before using it:
local listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener:bind(host or "127.0.0.1", tonumber(port) or 0)
listener:setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536) -- accepted sockets have it too
listener:listen(5)
listener:setblocking(0)
say("accept, nobody being there:", listener:accept())

local s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s:setblocking(0)
say("connect, which takes its time:", s:connect(listener:getsockname()))

-- When the socket is writable, connecting is over; the option SO_ERROR tells how it went.
select.select({}, { s }, {}, 5)
say("SO_ERROR once it is writable:", s:getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

select.select({ listener }, {}, {}, 5)
local client = listener:accept()
client:setblocking(0)
say("recv, nothing being there:", client:recv(1024))

-- Nobody reads at the other end, so the network's buffers fill up. sendall says how far it came:
-- the rest is for another time. send takes what it can, and in the end nothing.
local data = ("x"):rep(2 ^ 24)
local done, why, sent = client:sendall(data)
say("sendall, more than the buffers hold:", done, why, sent < #data and "a part" or "all")
repeat done, why = client:send(data) until not done
say("send, the buffers being full:", done, why)

-- A connect that fails. This socket is bound, so that the port is ours, but it does not listen.
local deaf = socket.socket()
deaf:bind("127.0.0.1", 0)
local caller = socket.socket()
caller:setblocking(0)
say("connect to where nobody listens:", caller:connect(deaf:getsockname()))
select.select({}, { caller }, {}, 5)
local code = caller:getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
say("SO_ERROR once it is writable:", errno.name(code))

-- Switching back is possible. Now the call waits; a timeout in seconds is the middle way.
client:setblocking(1)
say("blocking again:", client:getblocking())
for _, open in ipairs { s, client, listener, deaf, caller } do open:close() end
