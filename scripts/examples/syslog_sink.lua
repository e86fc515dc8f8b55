-- Takes log messages as syslog sends them, by UDP and TCP, in both formats there are (RFC 3164 and
-- RFC 5424), and prints them.
local socket = require "socket"
local thread = require "thread"
local cli = require "lib.cli"
local listen = require "lib.listen"
local serve = require "lib.serve"

local o = cli.parse([=[
usage: syslog_sink.lua [HOST [PORT]]

Prints a line for each message: facility.severity, time, host, program, and what it says. To try it:

  logger -n 127.0.0.1 -P PORT hello

HOST       the address to listen on [default: 127.0.0.1]
PORT       and the port, for UDP and TCP; 0 is one that is free [default: 0]]=], ...)

local LONGEST = 65536

local SEVERITIES = { [0] = "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug" }
local FACILITIES = {
  [0] = "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
  "ftp", "ntp", "audit", "alert", "clock",
  "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

-- The position after the structured data that begin at pos: "-", or [id name="value"]... A bracket in
-- a value has a backslash before it. nil if they do not end.
local function skip_structured_data(text, pos)
  local hidden = text:gsub("\\.", "..") -- of the same length
  local after = hidden:match("^%-()", pos)
  while not after or hidden:find("^%[", after) do
    after = hidden:match("^%[[^%]]*%]()", after or pos)
    if not after then return nil end
  end
  return after
end

-- time, host, program, text: RFC 5424 has a version and all fields in a row, "-" for none.
local function parse_5424(rest)
  local when, host, program, id, after = rest:match("^1 (%S+) (%S+) (%S+) (%S+) %S+ ()")
  after = after and skip_structured_data(rest, after)
  if not after then return nil end
  if id ~= "-" then program = program .. "[" .. id .. "]" end
  local text = rest:sub(after):gsub("^ ", ""):gsub("^\239\187\191", "") -- a mark that it is UTF-8
  return when, host, program, text
end

-- RFC 3164 tells what programs were found to send: "Oct 11 22:14:15 host program[pid]: text". Some
-- leave out the host.
local function parse_3164(rest)
  local when, tail = rest:match("^(%a%a%a [ %d]%d %d%d:%d%d:%d%d) (.*)")
  if not when then return nil end
  local host, program, text = tail:match("^(%S+) ([^%s:]+): ?(.*)")
  if host and not host:find(":$") then return when, host, program, text end
  program, text = tail:match("^([^%s:]+): ?(.*)")
  return when, "-", program or "-", text or tail
end

local function show(message, address)
  local priority, rest = message:match("^<(%d%d?%d?)>(.*)")
  priority = tonumber(priority) or 13 -- user.notice, says RFC 3164, for those that do not say
  local facility, severity = FACILITIES[math.floor(priority / 8)], SEVERITIES[priority % 8]
  local when, host, program, text = parse_5424(rest or message)
  if not when then when, host, program, text = parse_3164(rest or message) end
  if not when or not facility then when, host, program, text = "-", address.host, "-", rest or message end
  local line = ("%s.%s %s %s %s: %s"):format(facility or "?", severity, when, host, program, text)
  -- One message, one line, and nothing in it that a terminal would obey.
  print((line:gsub("[%s%z]+$", ""):gsub("%c", function(c) return ("\\%03d"):format(c:byte()) end)))
end

-- In a stream, a message is a line, or its length comes before it (RFC 6587).
local function read_stream(client, address)
  while true do
    local message
    if client:recv(1, socket.MSG_PEEK):find("%d") then
      local length = tonumber((client:readuntil(" ", 6)))
      if not length then error("not the length of a message", 0) end
      message = client:readexactly(length)
    else
      message = client:readline(LONGEST)
    end
    if not message then return end
    show(message, address)
  end
end

local listener = listen(o.host, o.port)
local datagrams = socket.socket(listener.family, socket.SOCK_DGRAM)
datagrams:bind(listener:getsockname()) -- the same port, in the other of the two sets of ports
print("listening on " .. listener:getsockname())
thread.start(function()
  while true do show(datagrams:recvfrom(LONGEST)) end
end)
serve(listener, read_stream)
