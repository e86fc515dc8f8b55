-- HOWTO, "Using a Socket": a socket as a file. It buffers, so remember to flush.
--
--   wirelua scripts/howto/08-makefile-flush.lua [host [port]]
local socket = require "socket"
local select = require "select"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 08-makefile-flush.lua [HOST [PORT]]

A socket as a file. It buffers, so remember to flush.]=])
end

-- Both ends in one thread: a connection is made as soon as it is in the listener's queue.
local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
local asking = socket.create_connection(listener:getsockname())
local answering = listener:accept()
listener:close()

local function arrived(s)
  local readable = select.select({ s }, {}, {}, 0.05)
  return #readable > 0 and "yes" or "no"
end

local question = asking:makefile("rw")
local answer = answering:makefile("rw")

-- The classic mistake is to wait for the answer now. The question has not left the house.
question:write("What is ", 6, " times ", 7, "?\n")
print("written; has it arrived?   " .. arrived(answering))
question:flush()
print("flushed; has it arrived?   " .. arrived(answering))

print("the question:              " .. answer:read("*l"))
answer:write("42\n", "Anything else?\n")
answer:flush()
answer:close()
answering:close() -- the connection ends when the socket and all files made of it are closed

for line in question:lines() do
  print("the answer:                " .. line)
end
question:close()
asking:close()
