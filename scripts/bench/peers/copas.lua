-- An echo server on LuaSocket and Copas, a coroutine for each client: luajit copas.lua [bytes]
local copas = require "copas"
local socket = require "socket"

local size = tonumber((...)) or 4096

local listener = assert(socket.bind("127.0.0.1", 0, 4096))
copas.addserver(listener, function(client)
  while true do
    -- receive would wait until size bytes are there.
    local data, failed, part = copas.receivePartial(client, size)
    data = data or part
    if not data or data == "" then break end
    copas.send(client, data)
    if failed == "closed" then break end
  end
  client:close()
end)
print("listening on 127.0.0.1:" .. select(2, listener:getsockname()))
io.stdout:flush()
copas.loop()
