-- HOWTO, "Creating a Socket": the main loop of a server, with one thread for each client.
--
--   wirelua scripts/howto/03-accept-threads.lua [host [port]]
local socket = require "socket"
local thread = require "thread"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 03-accept-threads.lua [HOST [PORT]]

The main loop of a server, with one thread for each client.]=])
end

local serversocket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
serversocket:setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
serversocket:bind(host or "127.0.0.1", tonumber(port) or 0)
serversocket:listen(5)

-- What one client gets: every line it sends, reversed. Plain blocking code; while this thread
-- waits for its client, the other threads run.
local function client_thread(clientsocket)
  return thread.new(function()
    for line in clientsocket:lines() do
      clientsocket:sendall(line:reverse() .. "\n")
    end
    clientsocket:close()
  end)
end

-- The loop never ends by itself. In a daemon thread it need not: a script waits for its main
-- part and its ordinary threads, and for no daemon.
thread.daemon(function()
  while true do
    local clientsocket = serversocket:accept()
    local ct = client_thread(clientsocket)
    ct:run()
  end
end)

-- Three clients are connected at the same time, and the last one speaks first. A server that
-- dealt with one client after the other would still be waiting for the first.
local names, clients = { "ada", "bob", "eve" }, {}
for i in ipairs(names) do
  clients[i] = socket.create_connection(serversocket:getsockname())
end
print("a server that sends lines back reversed (a thread for each client); connected: " .. table.concat(names, ", "))
for i = #names, 1, -1 do
  local line = names[i] .. " was here"
  clients[i]:sendall(line .. "\n")
  print(("%s says %q, and hears %q"):format(names[i], line, clients[i]:readline()))
  clients[i]:close()
end
