-- Asks a DNS server about a name. What is in the packets is lib/dns.lua's affair.
local socket = require "socket"
local time = require "time"
local cli = require "lib.cli"
local dns = require "lib.dns"

local o = cli.parse([=[
usage: dns_lookup.lua [-n COUNT] [-t SECONDS] NAME [TYPE [SERVER [PORT]]]

NAME           what to look up
TYPE           A, AAAA, CNAME, MX, NS, PTR or TXT [default: A]
SERVER         whom to ask; the first in /etc/resolv.conf if left out
PORT           and the port there [default: 53]
-n COUNT       how often to ask before giving up [default: 3]
-t SECONDS     how long to wait each time [default: 2]

Prints a line for each record: name, seconds it holds for, type, what it says.]=], ...)

local kind = o.type:upper()
if not dns.types[kind] then cli.wrong("TYPE cannot be " .. o.type) end

local function usual_server()
  local file = io.open("/etc/resolv.conf")
  local text = file and file:read("*a") or ""
  if file then file:close() end
  return ("\n" .. text):match("\nnameserver%s+(%S+)") or "127.0.0.1"
end

-- Datagrams get lost: ask again. And anyone can send one: wait for the one that answers. A connected
-- socket gets those of that one address only, and is told "connection refused".
local function ask(s, address, query)
  s:connect(address)
  for _ = 1, o.n do
    s:send(query)
    local deadline = time.monotonic() + o.t
    repeat
      s:settimeout(math.max(deadline - time.monotonic(), 0.001))
      local ok, packet = pcall(s.recv, s, 65535)
      if ok and dns.answers(packet, query) then return packet end
      if not ok and not packet.timeout then error(packet, 0) end
    until not ok
  end
  error("no answer from " .. address, 0)
end

-- What is too long for a datagram goes by TCP, with its length before it.
local function ask_by_stream(s, query)
  s:settimeout(o.t)
  s:sendall(string.pack(">s2", query))
  local packet = s:readexactly(string.unpack(">I2", s:readexactly(2)))
  return dns.answers(packet, query) and packet or error("an answer to something else", 0)
end

local function parse(packet, query)
  local ok, records, failure, cut = pcall(dns.parse, packet, query)
  if not ok then error("the answer makes no sense", 0) end
  return records, failure, cut
end

cli.main(function()
  local server = socket.getaddrinfo(o.server or usual_server(), o.port, nil, socket.SOCK_DGRAM)[1]
  local query = dns.query(o.name, kind)
  local packet = socket.socket(server.family, socket.SOCK_DGRAM):with(ask, server.address, query)
  local records, failure, cut = parse(packet, query)
  if cut then
    local s = socket.create_connection(server.address.host, server.address.port, { timeout = o.t })
    packet = s:with(ask_by_stream, query)
    records, failure = parse(packet, query)
  end
  for _, record in ipairs(records) do
    print(("%s\t%d\t%s\t%s"):format(record.name, record.ttl, record.type, record.text))
  end
  if failure then error(o.name .. ": " .. failure, 0) end
  if not records[1] then error(o.name .. ": no " .. kind .. " records", 0) end
end)
