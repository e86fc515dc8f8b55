-- Passes each connection on to another server, and shows what both sides say, in hexadecimal and as
-- text: for protocols that do not do what their description says.
local hex = require "hex"
local selectors = require "selectors"
local socket = require "socket"
local cli = require "lib.cli"
local listen = require "lib.listen"
local serve = require "lib.serve"

local o = cli.parse([=[
usage: hexdump_proxy.lua [-t SECONDS] TOHOST TOPORT [HOST [PORT]]

Shows > before what a client says, < before the answers; each connection has its number.

TOHOST         where connections are passed on to ...
TOPORT         ... and the port there
HOST           the address to listen on [default: 127.0.0.1]
PORT           and the port; 0 is one that is free [default: 0]
-t SECONDS     end a connection when nothing has come for so long [default: 300]]=], ...)

local CONNECTING = 10 -- seconds that the other server has for taking a connection

-- In one piece: what several connections say must not get mixed up.
local function show(number, arrow, what) print(("%d %s %s"):format(number, arrow, what)) end

-- One thread looks after both sockets. Whichever has something to read, says the selector, with what
-- was noted when it was registered.
local function pass_on(there, client, number, selector)
  selector:register(client, selectors.EVENT_READ, { to = there, arrow = ">" })
  selector:register(there, selectors.EVENT_READ, { to = client, arrow = "<" })
  local talking = 2
  while talking > 0 do
    local ready = selector:select(o.t)
    if not ready[1] then error("silent for too long", 0) end
    for _, key in ipairs(ready) do
      local data = key.obj:recv(65536)
      if data ~= "" then
        show(number, key.data.arrow, ("%d bytes\n%s"):format(#data, hex.dump(data):gsub("\n$", "")))
        key.data.to:sendall(data)
      else -- this side has said all it has to say; the other one may still speak
        show(number, key.data.arrow, "ends")
        selector:unregister(key.obj)
        key.data.to:shutdown(socket.SHUT_WR)
        talking = talking - 1
      end
    end
  end
end

local count = 0
local listener = listen(o.host, o.port)
print("listening on " .. listener:getsockname())
serve(listener, function(client, address)
  count = count + 1
  local number = count
  show(number, ">", "comes from " .. address)
  local there = socket.create_connection(o.tohost, o.toport, { timeout = CONNECTING })
  client:settimeout(o.t) -- for sending: a side that does not read is as good as silent
  there:settimeout(o.t)
  local selector = selectors.new()
  local ok, err = pcall(there.with, there, pass_on, client, number, selector)
  selector:close()
  if not ok then error(err, 0) end
end)
