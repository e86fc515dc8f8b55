-- Makes connections for others (SOCKS version 5, RFC 1928): CONNECT to IPv4 and IPv6 addresses and to
-- names, without passwords.
local socket = require "socket"
local cli = require "lib.cli"
local listen = require "lib.listen"
local serve = require "lib.serve"

local o = cli.parse([=[
usage: socks5_proxy.lua [-t SECONDS] [HOST [PORT]]

To try it: curl --socks5-hostname 127.0.0.1:PORT http://www.example.org/

HOST           the address to listen on; whoever reaches it can use it [default: 127.0.0.1]
PORT           and the port; 0 is one that is free [default: 0]
-t SECONDS     end a connection when nothing has come for so long [default: 300]]=], ...)

local CONNECTING = 10 -- seconds that the other server has for taking a connection
local VERSION, NO_PASSWORD, NO_METHOD, CONNECT = 5, 0, 0xFF, 1
local IPV4, NAME, IPV6 = 1, 3, 4

-- Replies, by what went wrong.
local OK, FAILED, NO_SUCH_COMMAND, NO_SUCH_KIND = 0, 1, 7, 8
local REPLIES = {
  EACCES = 2, ENETUNREACH = 3, EHOSTUNREACH = 4, ETIMEDOUT = 4, EAI_NONAME = 4, ECONNREFUSED = 5,
}

-- The client lists the methods it knows; we know one.
local function greet(client)
  local version, count = client:readexactly(2):byte(1, 2)
  if version ~= VERSION then error("not SOCKS 5", 0) end
  local methods = client:readexactly(count)
  local known = methods:find(string.char(NO_PASSWORD), 1, true)
  client:sendall(string.char(VERSION, known and NO_PASSWORD or NO_METHOD))
  return known
end

local function reply(client, code, address)
  local packed = address and socket.inet_pton(address.family, address.host) or ("\0"):rep(4)
  client:sendall(string.char(VERSION, code, 0, #packed == 16 and IPV6 or IPV4) .. packed
    .. string.pack(">I2", address and address.port or 0))
end

-- Where the client wants to go: host and port; nil and a reply if we cannot take it there.
local function read_request(client)
  local version, command, _, kind = client:readexactly(4):byte(1, 4)
  if version ~= VERSION then error("not SOCKS 5", 0) end
  local host
  if kind == IPV4 then
    host = socket.inet_ntop(socket.AF_INET, client:readexactly(4))
  elseif kind == IPV6 then
    host = socket.inet_ntop(socket.AF_INET6, client:readexactly(16))
  elseif kind == NAME then
    host = client:readexactly(client:readexactly(1):byte())
  else
    return nil, NO_SUCH_KIND -- and so we cannot tell where its request ends
  end
  local port = string.unpack(">I2", client:readexactly(2))
  if command ~= CONNECT then return nil, NO_SUCH_COMMAND end
  return host, port
end

local listener = listen(o.host, o.port)
print("listening on " .. listener:getsockname())
serve(listener, function(client, address)
  client:settimeout(o.t)
  if not greet(client) then return end
  local host, port = read_request(client)
  if not host then return reply(client, port) end

  local ok, there = pcall(socket.create_connection, host, port, { timeout = CONNECTING })
  local how = ok and "" or ", " .. there.message
  local line = ("%s: to %s:%d%s"):format(tostring(address), host, port, how)
  print((line:gsub("%c", "?"))) -- the name is whatever the client sent
  if not ok then return reply(client, REPLIES[there.code] or FAILED) end
  there:settimeout(o.t)
  there:with(function()
    reply(client, OK, there:getsockname())
    socket.relay(client, there)
  end)
end)
