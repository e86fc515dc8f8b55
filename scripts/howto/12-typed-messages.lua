-- HOWTO, "Using a Socket": the first byte is the type of a message, and the type tells how long
-- the rest is. Two steps of receiving: one byte, then a loop for what belongs to it.
--
--   wirelua scripts/howto/12-typed-messages.lua [host [port]]
local socket = require "socket"
local thread = require "thread"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 12-typed-messages.lua [HOST [PORT]]

The first byte is the type of a message, and the type tells how long
the rest is. Two steps of receiving: one byte, then a loop for what belongs to it.]=])
end

local LENGTH = { D = 10, T = 5, B = 0 } -- a date, a time, a bell
local NAME = { D = "date", T = "time", B = "bell" }

local function receive(s)
  local kind = s:recv(1)
  if kind == "" then return nil end -- closed between two messages: a proper end
  local length = LENGTH[kind] or error("no such type of message: " .. kind, 0)
  local body = ""
  while #body < length do
    local chunk = s:recv(length - #body) -- never more than belongs to this message
    if chunk == "" then error("socket connection broken", 0) end
    body = body .. chunk
  end
  return kind, body
end

local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
local pieces = { "D2038-", "01-19", "T03:1", "4", "BBT0", "3:15", "X?" }
print("sent in pieces: " .. table.concat(pieces, " "))
thread.start(function()
  local s = listener:accept()
  s:setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) -- each piece goes out at once
  for _, piece in ipairs(pieces) do
    s:sendall(piece) -- cut in all the wrong places: a stream keeps bytes, not pieces
  end
  s:close()
end)

local s = socket.create_connection(listener:getsockname())
while true do
  local ok, kind, body = pcall(receive, s)
  if not ok then
    print("no message: " .. kind)
    break
  end
  if not kind then break end
  print(("message of type %s: %s"):format(kind, body == "" and NAME[kind] or NAME[kind] .. " " .. body))
end
s:close()
listener:close()
