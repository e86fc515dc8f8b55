-- Finds services without knowing an address: a question to a multicast group reaches everybody who
-- is in it, and each who has something to offer answers the asker.
local json = require "json"
local socket = require "socket"
local time = require "time"
local cli = require "lib.cli"

local o = cli.parse([=[
usage: multicast_discovery.lua [-g GROUP] [-i ADDRESS] [-p PORT] [-t SECONDS] [NAME [SERVICEPORT]]

With a name and a port, makes them known as a service on this machine, until Ctrl-C. With a name,
finds the services of that name; with nothing, all.

-g GROUP       the multicast group [default: 239.255.42.99]
-p PORT        and its port [default: 9898]
-i ADDRESS     the interface, by its address; 0.0.0.0: the system chooses [default: 127.0.0.1]
-t SECONDS     how long to wait for answers [default: 1]]=], ...)

local QUESTIONS = 3 -- datagrams get lost

local function new_socket()
  local s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  s:setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(o.i))
  return s
end

-- A datagram as a table; nil for one that is not of ours. Anybody can send anything here.
local function message(data)
  local ok, value = pcall(json.decode, data)
  return ok and type(value) == "table" and type(value.name) == "string" and value or nil
end

-- Bound to the group's own address, the socket gets what is sent to the group, and nothing else. With
-- SO_REUSEADDR several programs on one machine can do so, and each gets all.
local function announce(s)
  s:setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
  s:bind(o.g, o.p)
  local group_and_interface = socket.inet_aton(o.g) .. socket.inet_aton(o.i) -- struct ip_mreq
  s:setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group_and_interface)
  print("listening on " .. s:getsockname())
  local offer = json.encode { name = o.name, port = o.serviceport }
  while true do
    local data, asker = s:recvfrom(2048)
    local question = message(data)
    if question and (question.name == "" or question.name == o.name) then
      local ok, err = pcall(s.sendto, s, offer, asker)
      if not ok then io.stderr:write(err .. "\n") end
    end
  end
end

-- Asks, and listens until the time is up: nobody can know how many answers there will be.
local function find(s)
  local start, asked, seen = time.monotonic(), 0, {}
  while true do
    local passed = time.monotonic() - start
    if passed >= o.t then return next(seen) ~= nil end
    if passed >= asked * o.t / QUESTIONS then
      s:sendto(json.encode { name = o.name or "" }, o.g, o.p)
      asked = asked + 1
    end
    s:settimeout(math.max(asked * o.t / QUESTIONS - passed, 0.001))
    local ok, data, from = pcall(s.recvfrom, s, 2048)
    if not ok and not data.timeout then error(data, 0) end
    local offer = ok and message(data)
    if offer and type(offer.port) == "number" then
      local line = ("%s\t%s:%d"):format(offer.name:gsub("%c", "?"), from.host, offer.port)
      if not seen[line] then print(line) end
      seen[line] = true
    end
  end
end

cli.main(function()
  if o.serviceport then return new_socket():with(announce) end
  if not new_socket():with(find) then error("nobody answered", 0) end
end)
