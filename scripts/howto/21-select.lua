-- HOWTO, "Non-blocking Sockets": select, call by call. Three lists go in, three lists come out.
--
--   wirelua scripts/howto/21-select.lua [host [port]]
local socket = require "socket"
local select = require "select"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 21-select.lua [HOST [PORT]]

Select, call by call. Three lists go in, three lists come out.]=])
end

local names = {}
local function list(sockets)
  local out = {}
  for i, s in ipairs(sockets) do out[i] = names[s] end
  return #out > 0 and table.concat(out, " ") or "-"
end

local function show(what, potential_readers, potential_writers, potential_errs, timeout)
  local ready_to_read, ready_to_write, in_error =
    select.select(potential_readers, potential_writers, potential_errs, timeout)
  print(("%-38s %-10s %-10s %s"):format(what,
    list(ready_to_read), list(ready_to_write), list(in_error)))
end

print(("%-38s %-10s %-10s %s"):format("", "to read", "to write", "in error"))

local server = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
names[server] = "server"
show("nothing happens, the timeout runs out", { server }, {}, {}, 0.02)

-- A client connects without blocking: the server becomes readable, so accept will work; the
-- client becomes writable, so it is connected (or has failed).
local near = socket.socket()
names[near] = "near"
near:setblocking(0)
near:connect(server:getsockname())
select.select({ server }, {}, {}, 5)
show("a client has connected", { server }, { near }, {}, 5)

-- A socket may be in more than one list. In good health it is writable nearly always.
local far = server:accept()
names[far] = "far"
show("accepted, and nothing sent yet", { near, far }, { near, far }, {}, 5)

far:sendall("hello")
show("far has sent something", { near, far }, {}, {}, 5)

-- It works with blocking sockets too: readable means that the next recv will not block. Whether
-- the other side is done or merely busy remains unknown.
near:setblocking(1)
near:recv(1024)
show("near has read it, far is silent", { near }, {}, {}, 0.02)

-- The third list is for urgent ("out-of-band") data, and therefore mostly empty.
far:send("!", socket.MSG_OOB)
show("far has sent an urgent byte", {}, {}, { near }, 5)
near:recv(1, socket.MSG_OOB)

-- The end of the stream is something to read as well: recv will give "".
far:close()
show("far has closed", { near }, {}, {}, 5)
near:close()
server:close()
