-- HOWTO, "When Sockets Die": the ways in which the other side can be lost, and what can be done.
--
--   wirelua scripts/howto/19-when-sockets-die.lua [host [port]]
local socket = require "socket"
local struct = require "struct"
local thread = require "thread"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 19-when-sockets-die.lua [HOST [PORT]]

The ways in which the other side can be lost, and what can be done.]=])
end
local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)

local function pair()
  local near = socket.create_connection(listener:getsockname())
  return near, (listener:accept())
end

local function wait(what, s)
  local ok, value = pcall(socket.recv, s, 1024)
  local seen = ok and 'recv gives "' .. value .. '"' or "recv raises " .. value.code
  print(("%-36s %s"):format(what, seen))
end

local near, far = pair()
far:close()
wait("it closes:", near)

-- A program that crashes with data unread, or a lingering time of 0: no farewell but a reset.
near, far = pair()
far:setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
far:close()
wait("it resets the connection:", near)

-- A machine without power says nothing at all, nor does a cut wire. A blocking recv would wait
-- for ever; a timeout is an upper bound that we choose ...
near, far = pair()
near:settimeout(0.05)
wait("it falls silent:", near)

-- ... and keepalive makes the kernel ask, when a connection has been idle for long.
near:setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
local on = near:getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) ~= 0
print(("%-36s keepalive is %s"):format("asked to watch it:", on and "on" or "off"))

-- A thread waiting on a dead socket is stuck, but nothing more: it holds no other thread up. It
-- need not be killed either. Whoever closes the socket wakes it, with an error it can catch ...
near:settimeout(nil)
local stuck = thread.start(wait, "we close it under a waiting thread:", near)
thread.yield()
print(("%-36s %s"):format("meanwhile, is the thread waiting?", stuck:alive() and "yes" or "no"))
near:close()
stuck:join()

-- ... and so does whoever cancels the wait. The thread goes on from there, and so does the script.
near, far = pair()
stuck = thread.start(wait, "we cancel its wait:", near)
stuck:cancel()
stuck:join()
far:close()
