-- A naive echo server, a thread for each client, for measuring.
--
--   wirelua scripts/bench/echo_server.lua [host [port [bytes]]]
--
-- bytes is how much one recv asks for.
local socket = require "socket"
local thread = require "thread"

local host, port, size = ...
size = tonumber(size) or 4096

local function echo(client)
  while true do
    local data = client:recv(size)
    if data == "" then break end
    client:sendall(data)
  end
  client:close()
end

local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0, { backlog = 4096 })
print("listening on " .. listener:getsockname())
while true do
  local client = listener:accept()
  thread.start(echo, client)
end
