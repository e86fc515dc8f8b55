-- HOWTO, "Using a Socket": send and recv deal with network buffers, not with messages. Each says
-- how much it did; going on until all is done is our part.
--
--   wirelua scripts/howto/09-send-and-recv.lua [host [port]]
local socket = require "socket"
local thread = require "thread"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 09-send-and-recv.lua [HOST [PORT]]

Send and recv deal with network buffers, not with messages. Each says
how much it did; going on until all is done is our part.]=])
end

-- Small buffers, in which a megabyte cannot hide. (An accepted socket has the listener's sizes.)
local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
listener:setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
local near = socket.create_connection(listener:getsockname())
near:setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
local far = listener:accept()
listener:close()

local data = ("0123456789abcdef"):rep(65536)

local sender = thread.start(function()
  local first, total, calls = nil, 0, 0
  while total < #data do
    local sent = near:send(data:sub(total + 1)) -- the rest, however much of it gets through
    first, total, calls = first or sent, total + sent, calls + 1
  end
  near:close()
  return first, total, calls
end)

local pieces, longest = {}, 0
while true do
  local piece = far:recv(#data) -- asks for everything, gets what is there
  if piece == "" then break end
  pieces[#pieces + 1] = piece
  longest = math.max(longest, #piece)
end
far:close()

local _, first, total, calls = sender:join()
local function some(n) return n > 1 and "several" or "one" end
print(("to send           %d bytes"):format(#data))
print("the first send    " .. (first < #data and "took only a part" or "took everything"))
print(("calls of send     %s, together %d bytes"):format(some(calls), total))
print("the longest recv  " .. (longest < #data and "gave only a part" or "gave everything"))
print(("calls of recv     %s, together %d bytes"):format(some(#pieces), #table.concat(pieces)))
print("the same bytes    " .. tostring(table.concat(pieces) == data))
-- s:sendall(data) is the first loop, s:readexactly(n) the second.
