-- Asks a time server how far this machine's clock is off (SNTP, RFC 4330).
local bit32 = require "bit32"
local random = require "random"
local socket = require "socket"
local struct = require "struct"
local time = require "time"
local cli = require "lib.cli"

local o = cli.parse([=[
usage: ntp_client.lua [-n COUNT] [-t SECONDS] SERVER [PORT]

SERVER         whom to ask, pool.ntp.org for instance
PORT           and the port there [default: 123]
-n COUNT       how often to ask before giving up [default: 3]
-t SECONDS     how long to wait each time [default: 2]

Prints the server's time, and by how much the clock here is behind it (+) or ahead of it (-).]=], ...)

local EPOCH = 2208988800 -- seconds from 1900, where NTP begins to count, to 1970
local CLIENT, SERVER = 3, 4

-- Seconds and 2^-32ths of a second. The count of seconds starts again at 0 in 2036: low ones are
-- from then on.
local function timestamp(packet, pos)
  local seconds, fraction = struct.unpack_from("!II", packet, pos)
  if seconds < 2 ^ 31 then seconds = seconds + 2 ^ 32 end
  return seconds - EPOCH + fraction / 2 ^ 32
end

-- What is wrong with an answer, nil if nothing is.
local function fault(packet)
  local first, stratum = packet:byte(1, 2)
  if stratum == 0 then return "the server refuses: " .. packet:sub(13, 16):gsub("[^%w]", "") end
  if bit32.rshift(first, 6) == 3 then return "the server does not know the time itself" end
  if packet:sub(41, 48) == ("\0"):rep(8) then return "the server tells no time" end
end

local function ask(s, address)
  s:connect(address)
  for _ = 1, o.n do
    -- The server sends back what we say the time is, and does nothing else with it. Random bytes do
    -- as well, and a forger would have to guess them.
    local mark = random.bytes(8)
    local sent, start = time.time(), time.monotonic()
    s:send(struct.pack("!B39x8s", 4 * 8 + CLIENT, mark)) -- version 4
    repeat
      s:settimeout(math.max(start + o.t - time.monotonic(), 0.001))
      local ok, packet = pcall(s.recv, s, 1024)
      if not ok and not packet.timeout then error(packet, 0) end
      if ok and #packet >= 48 and packet:byte(1) % 8 == SERVER and packet:sub(25, 32) == mark then
        return packet, sent, time.monotonic() - start
      end
    until not ok
  end
  error("no answer from " .. address, 0)
end

cli.main(function()
  local server = socket.getaddrinfo(o.server, o.port, nil, socket.SOCK_DGRAM)[1]
  local packet, sent, took = socket.socket(server.family, socket.SOCK_DGRAM):with(ask, server.address)
  local wrong = fault(packet)
  if wrong then error(wrong, 0) end

  -- There and back take equally long, says this; what the server needed in between is known.
  local received, answered = timestamp(packet, 33), timestamp(packet, 41)
  local offset = ((received - sent) + (answered - (sent + took))) / 2
  local delay = took - (answered - received)
  local date = os.date("!%Y-%m-%d %H:%M:%S", math.floor(answered))
  print(("%s.%03d UTC"):format(date, answered % 1 * 1000))
  print(("offset %+.6f s, delay %.6f s, stratum %d"):format(offset, delay, packet:byte(2)))
end)
