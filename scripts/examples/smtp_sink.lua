-- Takes mail by SMTP (RFC 5321), whoever it is for, and prints it: what a program under test sends
-- can be looked at, and goes nowhere.
local cli = require "lib.cli"
local listen = require "lib.listen"
local serve = require "lib.serve"

local o = cli.parse([=[
usage: smtp_sink.lua [-t SECONDS] [HOST [PORT]]

HOST           the address to listen on [default: 127.0.0.1]
PORT           and the port; 0 is one that is free [default: 0]
-t SECONDS     how long a client may be silent [default: 300]]=], ...)

local LONGEST_LINE, LONGEST_MAIL, MOST_RECIPIENTS, MOST_ERRORS = 65536, 10 * 2 ^ 20, 100, 20

-- Of a mail not yet complete, a session knows who it is from and to.
local function reset(session) session.from, session.to = nil, {} end

-- The text of a mail: lines up to one that is a dot. A line of the mail's own that begins with a dot
-- comes with one more. nil if there is too much of it, which is read all the same.
local function read_mail(client)
  local lines, size = {}, 0
  while true do
    local line = client:readline(LONGEST_LINE)
    if not line then error("the connection ended within a mail", 0) end
    if line == "." then return size <= LONGEST_MAIL and table.concat(lines, "\n") or nil end
    size = size + #line + 1
    if size <= LONGEST_MAIL then lines[#lines + 1] = line:gsub("^%.", "") end
  end
end

local commands = {}

function commands.HELO(_, session, rest)
  if rest == "" then return "501 and who are you?" end
  reset(session)
  session.greeted = true
  return "250 wirelua"
end

function commands.EHLO(client, session, rest)
  local reply = commands.HELO(client, session, rest)
  local more = "\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SIZE " .. ("%d"):format(LONGEST_MAIL)
  return reply:find("^250") and reply:gsub(" ", "-", 1) .. more or reply
end

function commands.MAIL(_, session, rest)
  local from, parameters = rest:match("^[Ff][Rr][Oo][Mm]: ?<([^<>]*)>(.*)")
  if not session.greeted then return "503 say EHLO first" end
  if session.from then return "503 one mail at a time" end
  if not from then return "501 MAIL FROM:<address>" end
  if (tonumber(parameters:match("SIZE=(%d+)")) or 0) > LONGEST_MAIL then return "552 too long" end
  session.from = from
  return "250 OK"
end

function commands.RCPT(_, session, rest)
  local to = rest:match("^[Tt][Oo]: ?<([^<>]+)>")
  if not session.from then return "503 MAIL comes first" end
  if not to then return "501 RCPT TO:<address>" end
  if #session.to == MOST_RECIPIENTS then return "452 too many recipients" end
  table.insert(session.to, to)
  return "250 OK"
end

function commands.DATA(client, session)
  if not session.to[1] then return "503 RCPT comes first" end
  client:sendall("354 go ahead; a line with a dot ends it\r\n")
  local mail = read_mail(client)
  if mail then -- in one piece: two mails may come at the same time
    local to = table.concat(session.to, ">, <")
    print(("--- from <%s> to <%s>\n%s"):format(session.from, to, mail))
  end
  reset(session)
  return mail and "250 OK" or "552 too long"
end

function commands.RSET(_, session) reset(session) return "250 OK" end
function commands.NOOP() return "250 OK" end
function commands.VRFY() return "252 all are welcome" end
function commands.QUIT() return "221 bye" end

local listener = listen(o.host, o.port)
print("listening on " .. listener:getsockname())
serve(listener, function(client)
  client:settimeout(o.t)
  client:sendall("220 wirelua takes all mail\r\n")
  local session, errors = { to = {} }, 0
  for line in client:lines(LONGEST_LINE) do
    local verb, rest = line:match("^(%a+) ?(.-)%s*$")
    local command = commands[(verb or ""):upper()]
    local reply = command and command(client, session, rest) or "500 what?"
    if reply:find("^50") then errors = errors + 1 end
    if errors == MOST_ERRORS then reply = "421 that is enough" end
    client:sendall(reply .. "\r\n")
    if reply:find("^[24]21") then return end
  end
end)
