-- HOWTO, "Non-blocking Sockets": a whole server around one select. What it has to tell a client
-- waits in a buffer, until select says that the client's socket will take some of it.
--
--   wirelua scripts/howto/22-select-loop.lua [host [port]]
local socket = require "socket"
local select = require "select"
local thread = require "thread"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 22-select-loop.lua [HOST [PORT]]

A whole server around one select. What it has to tell a client
waits in a buffer, until select says that the client's socket will take some of it.]=])
end
local server = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
server:setblocking(0)

local inbox, outbox = {}, {} -- by client: text it has sent, text it is to get

local function accept()
  local client = server:accept()
  if not client then return end
  client:setblocking(0)
  inbox[client], outbox[client] = "", "welcome\n"
end

local function forget(client)
  inbox[client], outbox[client] = nil, nil
  client:close()
end

local function read(client)
  local ok, data = pcall(client.recv, client, 4096)
  if not ok or data == "" then return forget(client) end
  local text = inbox[client] .. (data or "")
  for line in text:gmatch("(.-\n)") do -- each complete line goes to all the others
    for other in pairs(outbox) do
      if other ~= client then outbox[other] = outbox[other] .. line end
    end
  end
  inbox[client] = text:match("[^\n]*$") -- the start of the next line stays here
end

local function write(client)
  local ok, sent = pcall(client.send, client, outbox[client])
  if not ok then return forget(client) end
  outbox[client] = outbox[client]:sub((sent or 0) + 1)
end

thread.daemon(function()
  while true do
    local readers, writers = { server }, {}
    for client, text in pairs(outbox) do
      table.insert(readers, client)
      if text ~= "" then table.insert(writers, client) end -- or it would be ready all the time
    end
    local readable, writable = select.select(readers, writers, {}, 60)
    for _, s in ipairs(readable) do
      if s == server then accept() else read(s) end
    end
    for _, s in ipairs(writable) do
      if outbox[s] then write(s) end -- unless reading has shown that it is gone
    end
  end
end)

local clients = {}
for _, name in ipairs { "ada", "bob", "eve" } do
  clients[name] = socket.create_connection(server:getsockname())
  print(name .. " connects, and hears: " .. clients[name]:readline())
end
clients.ada:sendall("good morning, ")
clients.ada:sendall("said ada\n")
print("ada says, in two pieces: good morning, said ada")
print("bob hears: " .. clients.bob:readline())
print("eve hears: " .. clients.eve:readline())
clients.eve:close()
print("eve closes her connection")
clients.bob:sendall("eve is gone, said bob\n")
print("bob says: eve is gone, said bob")
print("ada hears: " .. clients.ada:readline())
