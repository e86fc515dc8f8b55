-- A naive echo server, a thread for each client, for measuring.
--
--   wirelua scripts/bench/echo_server.lua [host [port]]
local socket = require "socket"
local thread = require "thread"

local host, port = ...

local function echo(client)
  while true do
    local data = client:recv(4096)
    if data == "" then break end
    while #data > 0 do
      local sent = client:send(data)
      data = data:sub(sent + 1)
    end
  end
  client:close()
end

local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0, { backlog = 4096 })
print("listening on " .. listener:getsockname())
while true do
  local client = listener:accept()
  thread.start(echo, client)
end
