-- HOWTO, "Creating a Socket": the main loop once more, now with one process for each client. Whatever
-- happens to one of them, the others do not even notice.
--
--   wirelua scripts/howto/23-accept-processes.lua [host [port]]
local process = require "process"
local socket = require "socket"
local thread = require "thread"

-- The other half of this script: a process of its own, which finds its client as descriptor 3.
if ... == "--client" then
  local clientsocket = socket.fromfd(3)
  for line in clientsocket:lines() do
    if line == "crash" then error("this client is too much for me") end
    clientsocket:sendall(("%s, says process %s\n"):format(line:reverse(), process.pid))
  end
  return
end

local host, port = ...
if host == "--help" then
  return print([=[
usage: 23-accept-processes.lua [HOST [PORT]]

The main loop once more, now with one process for each client. Whatever
happens to one of them, the others do not even notice.]=])
end
local serversocket = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)

-- A child gets three streams, the sockets in files, and nothing else. Our copy of the socket has to
-- be closed: the connection lasts as long as anybody has one.
local function client_process(clientsocket)
  local child = process.spawn({ process.executable, arg[0], "--client" },
    { files = { clientsocket }, stderr = "null" })
  clientsocket:close()
  return child
end

local children = thread.queue()
thread.daemon(function()
  while true do
    local clientsocket = serversocket:accept()
    children:put(client_process(clientsocket))
  end
end)

-- Three clients at the same time, the last of which speaks first; and one after the other they get
-- what they wanted, although one of them asked for the end.
local words, clients = { "stressed", "crash", "drawer" }, {}
for i in ipairs(words) do
  clients[i] = socket.create_connection(serversocket:getsockname())
end
local pids = {}
for i = #words, 1, -1 do
  clients[i]:sendall(words[i] .. "\n")
  local answer = clients[i]:readline()
  local pid = answer and answer:match("process (%d+)")
  if pid then pids[pid] = true end
  print(words[i] .. " -> " .. (answer and answer:gsub(", says.*", "") or "(the connection ended)"))
  clients[i]:close()
end

local different = 0
for _ in pairs(pids) do different = different + 1 end
print("processes that answered: " .. different)
for i = 1, #words do
  local child = children:get()
  print("process " .. i .. " ended with status " .. child:wait())
end
