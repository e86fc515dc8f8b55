-- A chat: what one says, all the others read, in plain lines; chat_client.lua, nc and telnet are clients.
local socket, thread = require "socket", require "thread"
local cli = require "lib.cli"
local listen, serve = require "lib.listen", require "lib.serve"

local o = cli.parse([=[
usage: chat_server.lua [-a] [-t SECONDS] [HOST [PORT]]

Who connects sends a nickname, then what there is to say. /who tells who is here, /quit leaves.

HOST           the address to listen on [default: 127.0.0.1]
PORT           and the port; 0 is one that is free [default: 0]
-a             listen on all addresses, for clients on other machines
-t SECONDS     how long a client that does not read may keep the others waiting [default: 5]]=], ...)

local LONGEST_LINE, BACKLOG = 1000, 100 -- bytes; lines that may wait for a client

local members = {} -- by nickname: { client = socket, outbox = queue of lines, fault = why it had to go }

-- Puts a line in everybody else's queue. When that is full, whoever speaks waits for the slowest to
-- read. But who reads nothing at all has to go.
local function tell_others(name, line)
  local others = {} -- noted before there is a wait, in which some may come and go
  for other, member in pairs(members) do
    if other ~= name then others[#others + 1] = member end
  end
  for _, member in ipairs(others) do
    local _, why = member.outbox:put(line, o.t)
    if why == "timeout" then
      member.fault = "does not read what it is sent"
      member.client:close()
    end
  end
end

local function who()
  local names = {}
  for name in pairs(members) do names[#names + 1] = name end
  table.sort(names)
  return "* here: " .. table.concat(names, ", ")
end

-- What a terminal obeys rather than shows shall not get from one's keyboard to another's screen.
local function clean(line) return (line:gsub("%c", " "):gsub("\194[\128-\159]", " "):match("^%s*(.-)%s*$")) end

-- A nickname nobody has; nil if the client leaves before it has told one.
local function ask_name(client)
  client:sendall("* your nickname?\n")
  for line in client:lines(LONGEST_LINE) do
    local name = clean(line)
    local _, letters = name:gsub("[^\128-\191]", "") -- a letter may be several bytes of UTF-8
    if not name:find("^[%w_\128-\255-]+$") or letters > 20 then
      client:sendall("* 1 to 20 letters, digits, - and _, please\n")
    elseif members[name] then
      client:sendall("* there is a " .. name .. " here already\n")
    else
      return name
    end
  end
end

local function listen_to(client, name)
  for line in client:lines(LONGEST_LINE) do
    line = clean(line)
    if line == "/quit" then return end
    if line == "/who" then
      members[name].outbox:put(who(), 0)
    elseif line ~= "" then
      tell_others(name, name .. ": " .. line)
    end
  end
end

-- Each client has two threads: this one reads, the other one writes. Between the question and the
-- answer's being noted there is no wait, so that nobody can take the name.
local function converse(client)
  local name = ask_name(client)
  if not name then return end
  local member = { client = client, outbox = thread.queue(BACKLOG) }
  members[name] = member
  member.outbox:put(who())
  local writer = thread.start(pcall, function() -- if it fails, so does reading
    for line in member.outbox:items() do client:sendall(line .. "\n") end
  end)
  tell_others(name, "* " .. name .. " joins")

  local ok, err = pcall(listen_to, client, name)
  members[name] = nil
  tell_others(name, "* " .. name .. (ok and " leaves" or " is gone"))
  member.outbox:close()
  writer:join(o.t) -- the last lines are on their way
  if not ok then error(member.fault or err, 0) end
end

local listener = listen(o.a and "0.0.0.0" or o.host, o.port)
print("listening on " .. listener:getsockname())
print(o.a and "on other machines it is " .. socket.gethostname() .. ":" .. listener:getsockname().port
  or "-a listens on all addresses, for clients on other machines")
serve(listener, converse)
