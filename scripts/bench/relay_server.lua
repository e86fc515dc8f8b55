-- A TCP proxy, for measuring: each client is connected to another server.
--
--   wirelua scripts/bench/relay_server.lua HOST PORT [host [port]]
local socket = require "socket"
local thread = require "thread"

local to, to_port, host, port = ...
local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0, { backlog = 4096 })
print("listening on " .. listener:getsockname())
while true do
  local client = listener:accept()
  thread.start(function()
    local back = socket.create_connection(to, tonumber(to_port))
    socket.relay(client, back)
    client:close() back:close()
  end)
end
