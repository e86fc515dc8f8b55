-- HOWTO, "Using a Socket": each message starts with its length, in five digits. Even those five
-- bytes may come in pieces, so there are two loops: one for the length, one for the message.
--
--   wirelua scripts/howto/15-length-prefix.lua [host [port]]
local socket = require "socket"
local thread = require "thread"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 15-length-prefix.lua [HOST [PORT]]

Each message starts with its length, in five digits. Even those five
bytes may come in pieces, so there are two loops: one for the length, one for the message.]=])
end

local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
local near = socket.create_connection(listener:getsockname())
local far = listener:accept()
listener:close()

local function send(s, message)
  s:sendall(("%05d"):format(#message) .. message)
end

local function receive_exactly(s, n)
  local chunks, received = {}, 0
  while received < n do
    local chunk = s:recv(math.min(n - received, 4096))
    if chunk == "" then error("socket connection broken", 0) end
    chunks[#chunks + 1] = chunk
    received = received + #chunk
  end
  return table.concat(chunks)
end

local function receive(s)
  local length = tonumber(receive_exactly(s, 5))
  return receive_exactly(s, length)
end

-- Why recv(5) will not do. It goes well in every test, and then, one busy day:
far:sendall("00")
local digits = near:recv(5)
print(('recv(5) gave "%s": a message of %d bytes?'):format(digits, tonumber(digits)))
far:sendall("011first prize")
digits = digits .. receive_exactly(near, 5 - #digits)
local message = receive_exactly(near, tonumber(digits))
print(('in the end "%s": "%s"'):format(digits, message))

-- Any length, any bytes, back to back; the receiver takes each one whole.
local sender = thread.start(function()
  send(far, "")
  send(far, "a 5 in the 00005 text")
  send(far, ("x"):rep(99999)) -- the longest that five digits can say
  far:close()
end)
for _ = 1, 3 do
  local message = receive(near)
  print(('%5d bytes: "%s"'):format(#message, message:sub(1, 30)))
end
sender:join()
near:close()
-- receive_exactly(s, n) is there already: s:readexactly(n).
