-- HOWTO, "Disconnecting": shutdown tells the other side, close lets go of the socket.
--
--   wirelua scripts/howto/18-shutdown-and-close.lua [host [port]]
local socket = require "socket"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 18-shutdown-and-close.lua [HOST [PORT]]

Shutdown tells the other side, close lets go of the socket.]=])
end
local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)

local function pair()
  local near = socket.create_connection(listener:getsockname())
  return near, (listener:accept())
end

local function say(what, value)
  print(("%-46s %s"):format(what, value))
end

local function outcome(ok, value)
  if not ok then return value.code end
  return type(value) == "string" and '"' .. value .. '"' or tostring(value)
end

-- "I shall send no more, but go on listening": SHUT_WR, the 1 of shutdown(1).
local near, far = pair()
near:sendall("a request")
near:shutdown(socket.SHUT_WR)
say("far: recv", outcome(pcall(socket.recv, far, 1024)))
say("far: recv, the request is complete", outcome(pcall(socket.recv, far, 1024)))
say("far: sendall, the way back is open", outcome(pcall(socket.sendall, far, "a reply")))
say("near: recv", outcome(pcall(socket.recv, near, 1024)))
say("near: send after its own shutdown", outcome(pcall(socket.send, near, "and another")))

-- Closing without shutdown is enough in most cases: the other side sees the same end.
far:close()
say("near: recv after far closed", outcome(pcall(socket.recv, near, 1024)))
near:close()
say("near: close, a second time", outcome(pcall(socket.close, near)))
say("near: recv on the closed socket", outcome(pcall(socket.recv, near, 1024)))

-- A socket that is merely forgotten is closed when the collector gets to it, which may be late or
-- never. The other side waits for all that time.
near, far = pair()
far:settimeout(0.05)
say("far: recv, near still being open somewhere", outcome(pcall(socket.recv, far, 1024)))

-- With `with` it cannot be forgotten, error or not.
pcall(near.with, near, function(s)
  s:sendall("half of it")
  error("something else went wrong")
end)
say("near: its descriptor after the error", near:fileno())
say("far: recv", outcome(pcall(socket.recv, far, 1024)))
say("far: recv", outcome(pcall(socket.recv, far, 1024)))
far:close()
listener:close()
