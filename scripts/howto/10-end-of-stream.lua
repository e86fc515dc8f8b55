-- HOWTO, "Using a Socket": recv gives "" when the other side has closed, and then for ever. As
-- long as it has not, silence means nothing: there is no mark for "that was all".
--
--   wirelua scripts/howto/10-end-of-stream.lua [host [port]]
local socket = require "socket"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 10-end-of-stream.lua [HOST [PORT]]

Recv gives "" when the other side has closed, and then for ever. As
long as it has not, silence means nothing: there is no mark for "that was all".]=])
end
local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)

local function pair()
  local near = socket.create_connection(listener:getsockname())
  return near, (listener:accept())
end

local function say(what, value)
  print(("%-34s %s"):format(what, value))
end

local function quote(s)
  return '"' .. s .. '"'
end

-- The other side speaks and closes.
local near, far = pair()
far:sendall("last words")
far:close()
say("recv, bytes being there:", quote(near:recv(1024)))
say("recv, the other side closed:", quote(near:recv(1024)))
say("recv, once more:", quote(near:recv(1024)))

-- Sending to it still seems to work. The first send only fills a buffer; when the answer is back
-- that nobody is at home any more, a later one fails.
say("send to the closed side, bytes:", near:send("hello?"))
local ok, err
repeat ok, err = pcall(socket.send, near, "hello?") until not ok
say("send, soon after:", err.code)
near:close()

-- The other side speaks and then does nothing. Is it done? recv does not know, and waits.
near, far = pair()
far:sendall("last words?")
say("recv, bytes being there:", quote(near:recv(1024)))
near:settimeout(0.05) -- without this, for ever
ok, err = pcall(socket.recv, near, 1024)
say("recv, the other side being silent:", ok and "?" or err.code)

-- It was not done.
far:sendall("no, one more thing")
say("recv, after that:", quote(near:recv(1024)))
near:close()
far:close()
listener:close()
