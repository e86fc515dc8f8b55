-- HOWTO, "Using a Socket": when messages come back to back, a recv may give the start of the next
-- one too. It must be put aside until it is its turn.
--
--   wirelua scripts/howto/14-following-message.lua [host [port]]
local socket = require "socket"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 14-following-message.lua [HOST [PORT]]

When messages come back to back, a recv may give the start of the next
one too. It must be put aside until it is its turn.]=])
end
local MARK = ";"

local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
local near = socket.create_connection(listener:getsockname())
local far = listener:accept()
listener:close()

-- A receiver remembers, between two calls, what belongs to the messages to come.
local function receiver(s)
  local aside = ""
  return function()
    while true do
      local position = aside:find(MARK, 1, true)
      if position then
        local message = aside:sub(1, position - 1)
        aside = aside:sub(position + #MARK)
        return message, aside
      end
      local chunk = s:recv(4096)
      print(('  recv gave "%s"'):format(chunk))
      if chunk == "" then
        if aside ~= "" then error("socket connection broken", 0) end
        return nil
      end
      aside = aside .. chunk
    end
  end
end

local receive = receiver(near)
local function show()
  local message, aside = receive()
  print(('message "%s", put aside "%s"'):format(message, aside))
end

far:sendall("one;two;thr") -- two and a half messages, before anybody reads
show()
show()
far:sendall("ee;")
show()
far:close()
print(receive() == nil and "no more messages" or "?")
near:close()
