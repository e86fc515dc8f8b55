-- A naive echo server, a thread for each client, for measuring.
--
--   wirelua scripts/bench/echo_server.lua [host [port [bytes [pcall]]]]
--
-- bytes is how much one recv asks for. With pcall, each client is served inside a pcall.
local socket = require "socket"
local thread = require "thread"

local host, port, size, inside = ...
size = tonumber(size) or 4096

local function echo(client)
  while true do
    local data = client:recv(size)
    if data == "" then break end
    client:sendall(data)
  end
  client:close()
end

local function protected(client) return pcall(echo, client) end

local serve = inside and protected or echo
local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0, { backlog = 4096 })
print("listening on " .. listener:getsockname())
while true do
  local client = listener:accept()
  thread.start(serve, client)
end
