-- HOWTO, "Using a Socket": a message that ends when its sender stops sending. One message for
-- each direction of a connection, and no counting and no marks.
--
--   wirelua scripts/howto/16-ended-by-shutdown.lua [host [port]]
local socket = require "socket"
local thread = require "thread"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 16-ended-by-shutdown.lua [HOST [PORT]]

A message that ends when its sender stops sending. One message for
each direction of a connection, and no counting and no marks.]=])
end

local function receive(s)
  local chunks = {}
  for chunk in s:chunks(4096) do chunks[#chunks + 1] = chunk end -- ends where recv gives ""
  return table.concat(chunks)
end

local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
thread.daemon(function()
  for s in listener:clients() do
    local text = receive(s) -- all of it, for the client has shut its side down
    local _, words = text:gsub("%S+", "")
    s:sendall(("%d bytes, %d words"):format(#text, words))
    s:close() -- which ends the answer
  end
end)

-- A new message needs a new connection.
for _, text in ipairs { "", "to be or not to be", ("word "):rep(5000) } do
  local s = socket.create_connection(listener:getsockname())
  s:sendall(text)
  s:shutdown(socket.SHUT_WR) -- "I am done"; receiving goes on
  print(("sent %5d bytes, then shut sending down; the server counted %s"):format(#text, receive(s)))
  s:close()
end
