-- wirelua in one run: a server and its clients in one process, and what surrounds them.
--
--   wirelua scripts/tour.lua
if (...) == "--help" then
  return print([=[
usage: tour.lua

wirelua in one run: a server and its clients in one process, and what surrounds them.]=])
end

local socket = require "socket"
local select = require "select"
local struct = require "struct"
local thread = require "thread"

local function section(title)
  print("\n" .. title)
end

local function row(name, value)
  print(("  %-14s %s"):format(name, tostring(value)))
end

print("wirelua, a tour: both ends of every conversation are in this script.")

section("A server with a thread for each client, a line at a time")

local server = socket.create_server("127.0.0.1", 0)

local function serve(client)
  for line in client:lines() do
    if line ~= "sleep" then client:sendall(line:upper() .. "!\n") end
  end
  client:close()
end

thread.daemon(function()
  for client in server:clients() do thread.start(serve, client) end
end)

local names, clients = { "ada", "bob", "eve" }, {}
for _, name in ipairs(names) do
  clients[name] = socket.create_connection(server:getsockname())
end
for i = #names, 1, -1 do -- the last to come is the first to be served
  local s = clients[names[i]]
  s:sendall("hello from " .. names[i] .. "\n")
  row(names[i], s:readline())
end

section("One of three has an answer; select knows which")

clients.ada:sendall("sleep\n")
clients.bob:sendall("your turn\n")
local readable = select.select({ clients.ada, clients.bob, clients.eve }, {}, {}, 1)
for name, s in pairs(clients) do
  if s == readable[1] then row(name, s:readline()) end
end

section("A failure is an object (and pcall catches it)")

clients.ada:settimeout(0.05) -- the server sleeps on ada's line
local _, err = pcall(socket.recv, clients.ada, 100)
for _, field in ipairs { "op", "code", "message", "timeout", "where" } do
  row(field, err[field])
end

section("A hundred clients at once, a thread at each end of each")

local answers = thread.queue()
local function ask(i)
  local s = socket.create_connection(server:getsockname())
  s:sendall("number " .. i .. "\n")
  answers:put(s:readline())
  s:close()
end
local asking = {}
for i = 1, 100 do asking[i] = thread.start(ask, i) end
for _, t in ipairs(asking) do t:join() end
row("answers", #answers)

section("Datagrams: no connection, one packet at a time")

local here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
local there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here:bind("127.0.0.1", 0)
there:bind("127.0.0.1", 0)
here:sendto(struct.pack("!Hd", 7, 36.6), there:getsockname())
local data, sender = there:recvfrom(100)
row("bytes", #data)
row("from here", sender == here:getsockname())
row("unpacked", table.concat({ struct.unpack("!Hd", data) }, ", "))

section("A client that says goodbye, and one that is refused")

clients.bob:shutdown(socket.SHUT_WR)
row("bob hears", clients.bob:recv(100) == "" and "the end of the stream" or "?")
for _, s in pairs(clients) do s:close() end
local deaf = socket.socket() -- has a port, but does not listen
deaf:bind("127.0.0.1", 0)
row("connect", select(2, pcall(socket.connect, socket.socket(), deaf:getsockname())).message)
