-- listen(host, port): a socket that listens there, by IPv4 or IPv6 as the host demands. If it cannot,
-- the program ends.
local socket = require "socket"
local cli = require "lib.cli"

local function open(host, port)
  local found = socket.getaddrinfo(host, port, nil, socket.SOCK_STREAM, nil, socket.AI_PASSIVE)[1]
  return socket.create_server(found.address.host, port, { family = found.family })
end

return function(host, port)
  local ok, listener = pcall(open, host, port)
  return ok and listener or cli.fail(listener)
end
