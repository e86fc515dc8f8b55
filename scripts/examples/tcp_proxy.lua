-- Passes each connection on to another server, and tells how much went through.
local socket = require "socket"
local time = require "time"
local cli = require "lib.cli"
local listen = require "lib.listen"
local serve = require "lib.serve"

local o = cli.parse([=[
usage: tcp_proxy.lua [-t SECONDS] TOHOST TOPORT [HOST [PORT]]

TOHOST         where connections are passed on to ...
TOPORT         ... and the port there
HOST           the address to listen on [default: 127.0.0.1]
PORT           and the port; 0 is one that is free [default: 0]
-t SECONDS     end a connection when nothing has come for so long [default: 300]]=], ...)

local CONNECTING = 10 -- seconds that the other server has for taking a connection

local function pass_on(client, address)
  local start = time.monotonic()
  local there = socket.create_connection(o.tohost, o.toport, { timeout = CONNECTING })
  client:settimeout(o.t)
  there:settimeout(o.t)

  -- relay copies both ways, in the kernel where it can, and passes on that one side has said all it
  -- has to say while the other still speaks. When it fails, it still knows how far it got.
  local ok, up, down = pcall(socket.relay, client, there)
  there:close()
  local how = ""
  if not ok then how, up, down = ", " .. up, up.sent, up.received end
  local took = time.monotonic() - start
  print(("%s: %d bytes there, %d back, %.1f s%s"):format(tostring(address), up, down, took, how))
end

local listener = listen(o.host, o.port)
print("listening on " .. listener:getsockname())
serve(listener, pass_on)
