-- serve(listener, handle): a thread for each client, for ever, which calls handle(client, address)
-- and closes the client when that is done, or when it failed.
local thread = require "thread"
local time = require "time"

-- What accept may fail with while the listener itself is sound: a client that was gone before its
-- turn came, or too many at once. Ending for that would let any crowd end the server.
local passing = { ECONNABORTED = true, EPROTO = true, EMFILE = true, ENFILE = true, ENOBUFS = true, ENOMEM = true }

local function converse(client, address, handle)
  local ok, err = pcall(client.with, client, handle, address)
  if not ok then io.stderr:write(("%s: %s\n"):format(tostring(address), tostring(err))) end
end

return function(listener, handle)
  while true do
    local ok, client, address = pcall(listener.accept, listener)
    if ok then
      thread.start(converse, client, address, handle)
    elseif passing[client.code] then
      time.sleep(0.05) -- meanwhile some clients may leave
    else
      error(client, 0)
    end
  end
end
