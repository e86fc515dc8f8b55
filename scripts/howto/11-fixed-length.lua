-- HOWTO, "Using a Socket": messages of a fixed length, with the class that it defines.
--
--   wirelua scripts/howto/11-fixed-length.lua [host [port]]
local socket = require "socket"
local thread = require "thread"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 11-fixed-length.lua [HOST [PORT]]

Messages of a fixed length, with the class that it defines.]=])
end
local MSGLEN = 24

-- For demonstration: written to be clear, not to be fast.
local mysocket = {}
mysocket.__index = mysocket

function mysocket.new(sock)
  sock = sock or socket.socket(socket.AF_INET, socket.SOCK_STREAM)
  return setmetatable({ sock = sock }, mysocket)
end

function mysocket:connect(host, port)
  self.sock:connect(host, port)
end

function mysocket:mysend(msg)
  local totalsent = 0
  while totalsent < MSGLEN do
    local sent = self.sock:send(msg:sub(totalsent + 1))
    if sent == 0 then error("socket connection broken", 0) end
    totalsent = totalsent + sent
  end
end

function mysocket:myreceive()
  local chunks, bytes_recd = {}, 0
  while bytes_recd < MSGLEN do
    local chunk = self.sock:recv(math.min(MSGLEN - bytes_recd, 2048))
    if chunk == "" then error("socket connection broken", 0) end
    chunks[#chunks + 1] = chunk
    bytes_recd = bytes_recd + #chunk
  end
  return table.concat(chunks)
end

local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
local server = thread.start(function()
  local client = mysocket.new((listener:accept()))
  for _ = 1, 2 do client:mysend(client:myreceive():upper()) end
  client.sock:sendall("half a mess") -- and now the server breaks the rule
  client.sock:close()
end)

local s = mysocket.new()
s:connect(listener:getsockname().host, listener:getsockname().port)
for _, text in ipairs { "a short message", "zero \0 bytes are bytes" } do
  s:mysend(text .. (" "):rep(MSGLEN - #text)) -- fixed length: the sender fills up
  local reply = s:myreceive()
  print(('%d bytes: "%s"'):format(#reply, (reply:gsub("%z", "\\0"))))
end
print("then: " .. select(2, pcall(s.myreceive, s)))
s.sock:close()
server:join()
