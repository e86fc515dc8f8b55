-- Many connections that mostly wait, each with a thread in recv, for measuring. Answers "pong" to
-- "ping". After the given number of connections (10000) it accepts no more, says so, and goes on
-- serving those it has until they close.
--
--   wirelua scripts/bench/idle_server.lua [host [port [connections]]]
local socket = require "socket"
local thread = require "thread"

local host, port, connections = ...
connections = tonumber(connections) or 10000

local function serve(client)
  while true do
    local data = client:recv(4096)
    if data == "" then break end
    if data == "ping" then client:sendall("pong") end
  end
  client:close()
end

local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0, { backlog = 4096 })
print("listening on " .. listener:getsockname())
for _ = 1, connections do
  local client = listener:accept()
  thread.start(serve, client)
end
listener:close()
print("connections: " .. connections)
