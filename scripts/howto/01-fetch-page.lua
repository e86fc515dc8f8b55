-- HOWTO, "Creating a Socket": what a browser does to get a page.
--
--   wirelua scripts/howto/01-fetch-page.lua                      from a server thread of our own
--   wirelua scripts/howto/01-fetch-page.lua www.python.org 80    from a real one
local socket = require "socket"
local thread = require "thread"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 01-fetch-page.lua [HOST [PORT]]

What a browser does to get a page: it connects, asks, and reads the answer to its end.]=])
end
port = tonumber(port) or 80

if not host then
  -- Nobody named a server, so here is one with a single page. It reads the request up to the
  -- empty line that ends it, replies, and closes: closing is what ends the page.
  local listener = socket.create_server("127.0.0.1", 0)
  host, port = listener:getsockname().host, listener:getsockname().port
  thread.start(function()
    local client = listener:accept()
    client:readuntil("\r\n\r\n")
    client:sendall("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nHello from the far end.\n")
    client:close()
    listener:close()
  end)
end

-- A socket for the Internet (AF_INET) and for a stream of bytes (SOCK_STREAM), that is: TCP.
local s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s:connect(host, port)

-- The connection stands. First we talk ...
s:sendall("GET / HTTP/1.0\r\nHost: " .. host .. "\r\n\r\n")

-- ... then we listen, until recv gives "": the server has closed, the page is complete.
local pieces = {}
repeat
  local piece = s:recv(1024)
  pieces[#pieces + 1] = piece
until piece == ""

-- A client socket serves one exchange, and then it is thrown away.
s:close()

local reply = table.concat(pieces):gsub("\r\n", "\n")
io.write(reply)
