-- HOWTO, "Creating a Socket": all that a server socket does is to make client sockets.
--
--   wirelua scripts/howto/05-server-makes-clients.lua [host [port]]
local socket = require "socket"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 05-server-makes-clients.lua [HOST [PORT]]

All that a server socket does is to make client sockets.]=])
end

local function say(what, value)
  print(("%-58s %s"):format(what, value))
end

local function yes(condition)
  return condition and "yes" or "no"
end

local serversocket = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
local bound = serversocket:getsockname()

-- It has no peer, so there is nobody to receive from.
local _, err = pcall(socket.recv, serversocket, 1024)
say("recv on the server socket:", err.code)

-- Two clients connect; accept makes a socket for each, apart from the server socket.
local ada = socket.create_connection(bound)
local for_ada, ada_address = serversocket:accept()
local bob = socket.create_connection(bound)
local for_bob, bob_address = serversocket:accept()

say("both accepted sockets have the port of the server:",
  yes(for_ada:getsockname().port == bound.port and for_bob:getsockname().port == bound.port))
say("the clients got a port of their own each:", yes(ada_address.port ~= bob_address.port))
say("what accept called ada is what ada calls herself:", yes(ada_address == ada:getsockname()))
say("each end's peer is the other end:",
  yes(ada:getpeername() == for_ada:getsockname() and for_ada:getpeername() == ada:getsockname()))

-- From here on the server socket has no part in it: the conversations go on without it.
serversocket:close()
ada:sendall("still here?\n")
say("after the server socket is closed, ada's socket hears:", for_ada:readline())
for_bob:sendall("yes\n")
say("and bob hears:", bob:readline())

for _, s in ipairs { ada, for_ada, bob, for_bob } do s:close() end
