-- HOWTO, "Using a Socket": messages that end with a mark. Receive in pieces of any size, and look
-- for the mark in what has come so far.
--
--   wirelua scripts/howto/13-delimited-messages.lua [host [port]]
local socket = require "socket"
local thread = require "thread"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 13-delimited-messages.lua [HOST [PORT]]

Messages that end with a mark. Receive in pieces of any size, and look
for the mark in what has come so far.]=])
end
local MARK = "\r\n"

-- One message. That nothing follows it, we have to know: here the other side waits for its
-- answer. (If something may follow: see the next script.)
local function receive(s)
  local data = ""
  repeat
    local chunk = s:recv(4096)
    if chunk == "" then error("socket connection broken", 0) end
    data = data .. chunk
    -- Looked for in all of the data and not in the chunk: the mark itself may come in halves.
    local position = data:find(MARK, 1, true)
  until position
  return (data:sub(1, -#MARK - 1))
end

local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
local server = thread.start(function()
  local s = listener:accept()
  s:sendall("received " .. receive(s) .. MARK)
  -- The same in one call each: readuntil keeps the mark, readline drops it, and either keeps
  -- what follows for the next call.
  s:sendall("received " .. s:readuntil(MARK))
  s:sendall("received " .. s:readline() .. MARK)
  s:close()
end)

local s = socket.create_connection(listener:getsockname())
s:setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for _, message in ipairs { "with a loop", "with readuntil", "with readline" } do
  for byte in (message .. MARK):gmatch(".") do s:sendall(byte) end
  print(("sent byte by byte %q and \\r\\n; the answer: %s"):format(message, receive(s)))
end
s:close()
server:join()
listener:close()
