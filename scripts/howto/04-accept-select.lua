-- HOWTO, "Creating a Socket": the same service in a single thread, with non-blocking sockets
-- and select, which tells which of many sockets have something to do.
--
--   wirelua scripts/howto/04-accept-select.lua [host [port]]
local socket = require "socket"
local select = require "select"
local thread = require "thread"

local host, port = ...

local serversocket = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
serversocket:setblocking(0)

local readers = { serversocket } -- whoever might have something to read

local function forget(s)
  for i, reader in ipairs(readers) do
    if reader == s then table.remove(readers, i) end
  end
  s:close()
end

local function serve()
  while true do
    local readable = select.select(readers, {}, {}, 60)
    for _, s in ipairs(readable) do
      if s == serversocket then
        local clientsocket = s:accept() -- a readable server socket has a client waiting
        if clientsocket then
          clientsocket:setblocking(0)
          table.insert(readers, clientsocket)
        end
      else
        local data = s:recv(1024) -- "" from a client that has gone, nil from a false alarm
        if data == "" then
          forget(s)
        elseif data then
          s:send(data:reverse())
        end
      end
    end
  end
end
thread.daemon(serve) -- one thread, whatever the number of clients

local names, clients = { "ada", "bob", "eve" }, {}
for i in ipairs(names) do
  clients[i] = socket.create_connection(serversocket:getsockname())
end
for i = #names, 1, -1 do
  clients[i]:sendall(names[i] .. " was here")
  print(names[i] .. " hears: " .. clients[i]:recv(1024))
  clients[i]:close()
end
