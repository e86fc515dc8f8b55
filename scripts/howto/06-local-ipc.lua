-- HOWTO, "IPC": three kinds of connection that stay on this machine.
--
--   wirelua scripts/howto/06-local-ipc.lua [host [port [rounds]]]     with rounds: also measures
local socket = require "socket"
local thread = require "thread"
local time = require "time"

local host, port, rounds = ...
if host == "--help" then
  return print([=[
usage: 06-local-ipc.lua [HOST [PORT [ROUNDS]]]

Three kinds of connection that stay on this machine.]=])
end

-- TCP, bound to localhost: the same code as across the world, and nobody outside can connect.
local function loopback()
  local listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
  listener:bind(host or "localhost", tonumber(port) or 0)
  listener:listen(5)
  local near = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
  near:connect(listener:getsockname())
  local far = listener:accept()
  listener:close()
  return near, far
end

-- A Unix socket: no host, no port, but a name in the file system, and file permissions.
local function unix()
  local path = os.tmpname()
  os.remove(path) -- bind makes the name anew, and would refuse one that exists
  local listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
  listener:bind(path)
  listener:listen(5)
  local near = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
  near:connect(path)
  local far = listener:accept()
  listener:close()
  os.remove(path) -- the connection outlives the name
  return near, far
end

-- The same verbs for all three. The far end answers what it hears until the near end closes.
local function converse(name, near, far)
  local answering = thread.start(function()
    for question in far:lines() do far:sendall("<" .. question .. ">\n") end
    far:close()
  end)
  near:sendall("anybody there?\n")
  local line = ("%-12s one end asks: anybody there?  the other answers: %s"):format(name, near:readline())
  local start = time.monotonic()
  for _ = 1, tonumber(rounds) or 0 do
    near:sendall("x\n")
    near:readline()
  end
  if rounds then
    line = line .. ("  %.1f us a round"):format((time.monotonic() - start) / rounds * 1e6)
  end
  print(line)
  near:close()
  answering:join()
end

converse("loopback", loopback())
converse("unix", unix())
converse("socketpair", socket.socketpair()) -- both ends at once, with no name at all
