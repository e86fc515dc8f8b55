-- serve(listener, handle): accepts clients for ever, and calls handle(client, address) for each in a
-- thread of its own. When that is done, or has failed, the client is closed; a failure is the end of
-- that client alone, and a line on standard error.
local socket = require "socket"
local thread = require "thread"
local time = require "time"

local LONGEST_LINE = 200

-- What accept may fail with while nothing is wrong with the listener: a client that was gone before
-- its turn came, or too many at once. Ending for that would let any crowd end the server.
local PASSING = {
  ECONNABORTED = true, EPROTO = true, EMFILE = true, ENFILE = true, ENOBUFS = true, ENOMEM = true,
}

-- To close while something from the client lies unread is a reset, which may overtake the last of
-- what we sent. So: say that no more comes from us, and read on, for a moment.
local function hang_up(client)
  local deadline = time.monotonic() + 1
  client:settimeout(1)
  client:shutdown(socket.SHUT_WR)
  repeat
    client:settimeout(math.max(deadline - time.monotonic(), 0.001))
  until client:recv(65536) == ""
end

-- One line, of what a terminal shows and does not obey: there may be bytes of the client's in it.
local function log(address, err)
  address = tostring(address)
  local text = err.address == address and err.op .. ": " .. err.message or tostring(err)
  local line = (address .. ": " .. text):sub(1, LONGEST_LINE):gsub("[^\32-\126]", "?")
  io.stderr:write(line .. "\n")
end

local function converse(client, address, handle)
  local ok, err = pcall(handle, client, address)
  if not ok then log(address, err) end
  pcall(hang_up, client) -- it may well be gone already
  client:close()
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
