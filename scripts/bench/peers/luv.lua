-- An echo server on libuv, by callbacks: luajit luv.lua
local uv = require "luv"

local server = uv.new_tcp()
assert(server:bind("127.0.0.1", 0))
server:listen(4096, function(failed)
  assert(not failed, failed)
  local client = uv.new_tcp()
  server:accept(client)
  client:read_start(function(failed, data)
    if data then client:write(data) else client:close() end
  end)
end)
print("listening on 127.0.0.1:" .. server:getsockname().port)
io.stdout:flush()
uv.run()
