-- HOWTO, "Creating a Socket": the same service in a single thread, with select, which tells which
-- of many sockets have something to do.
--
--   wirelua scripts/howto/04-accept-select.lua [host [port]]
local socket = require "socket"
local select = require "select"
local thread = require "thread"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 04-accept-select.lua [HOST [PORT]]

The same service in a single thread, with select, which tells which
of many sockets have something to do.]=])
end

local serversocket = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
serversocket:setblocking(0)

local readers = { serversocket } -- whoever might have something to read
local heard = {} -- what each client has said of a line that is not complete

local function forget(s)
  for i, reader in ipairs(readers) do
    if reader == s then table.remove(readers, i) end
  end
  heard[s] = nil
  s:close()
end

local function serve()
  while true do
    local readable = select.select(readers, {}, {}, 60)
    for _, s in ipairs(readable) do
      if s == serversocket then
        local clientsocket = s:accept() -- a readable server socket has a client waiting
        if clientsocket then
          table.insert(readers, clientsocket)
          heard[clientsocket] = ""
        end
      else
        local data = s:recv(1024) -- which need not wait: some bytes, or "" from a client that has gone
        if data == "" then
          forget(s)
        else
          heard[s] = heard[s] .. data
          local line = heard[s]:match("^(.*)\n$") -- it may come in pieces
          if line then
            s:sendall(line:reverse() .. "\n")
            heard[s] = ""
          end
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
print("a server that sends lines back reversed (one thread, and select); connected: " .. table.concat(names, ", "))
for i = #names, 1, -1 do
  local line = names[i] .. " was here"
  clients[i]:sendall(line .. "\n")
  print(("%s says %q, and hears %q"):format(names[i], line, clients[i]:readline()))
  clients[i]:close()
end
