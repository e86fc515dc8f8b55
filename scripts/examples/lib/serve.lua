-- serve(listener, handle): accepts clients for ever, and calls handle(client, address) for each in a
-- thread of its own. When that is done, or has failed, the client is closed; a failure is the end of
-- that client alone.
local socket = require "socket"
local thread = require "thread"
local time = require "time"

-- What accept may fail with while nothing is wrong with the listener: a client that was gone before
-- its turn came, or too many at once. Ending for that would let any crowd end the server.
local PASSING = {
  ECONNABORTED = true, EPROTO = true, EMFILE = true, ENFILE = true, ENOBUFS = true, ENOMEM = true,
}

-- To close while something from the client lies unread is a reset, which may overtake the last of
-- what we sent. So: say that no more comes from us, and read on, for a moment.
local function hang_up(client)
  client:shutdown(socket.SHUT_WR)
  local deadline = time.monotonic() + 1
  repeat
    client:settimeout(math.max(deadline - time.monotonic(), 0.001))
  until client:recv(65536) == ""
end

local function converse(client, address, handle)
  local ok, err = pcall(handle, client, address)
  if ok then pcall(hang_up, client) end -- it may well be gone already
  client:close()
  if not ok then io.stderr:write(("%s: %s\n"):format(tostring(address), tostring(err))) end
end

return function(listener, handle)
  while true do
    local ok, client, address = pcall(listener.accept, listener)
    if ok then
      thread.start(converse, client, address, handle)
    elseif PASSING[client.code] then
      time.sleep(0.05) -- in which some may leave
    else
      error(client, 0)
    end
  end
end
