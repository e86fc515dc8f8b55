-- A chat: what one says, all the others read. Plain lines of text, so that chat_client.lua, nc and
-- telnet will all do as a client.
local thread = require "thread"
local cli = require "lib.cli"
local listen = require "lib.listen"
local serve = require "lib.serve"

local o = cli.parse([=[
usage: chat_server.lua [HOST [PORT]]

Whoever connects sends a nickname, then whatever there is to say. A line /who tells who is here,
/quit leaves; so does closing the connection.

HOST       the address to listen on [default: 127.0.0.1]
PORT       and the port; 0 is one that is free [default: 0]]=], ...)

local LONGEST_LINE = 1000
local BACKLOG = 100 -- lines that may wait for a client

local members = {} -- by nickname: { client = its socket, outbox = queue of the lines it is to get }

-- Puts a line in everybody else's queue. A client that does not read what it gets must not hold up
-- the rest, and the lines that pile up for it must not fill the memory: it has to go.
local function tell_others(name, line)
  for other, member in pairs(members) do
    if other ~= name and not member.outbox:put(line, 0) then member.client:close() end
  end
end

local function who()
  local names = {}
  for name in pairs(members) do names[#names + 1] = name end
  table.sort(names)
  return "* here: " .. table.concat(names, ", ")
end

-- What a terminal would obey rather than show must not get from one client's keyboard to another's
-- screen.
local function clean(line) return (line:gsub("%c", " "):match("^%s*(.-)%s*$")) end

-- A nickname nobody has; nil if the client leaves before it has told one.
local function ask_name(client)
  client:sendall("* your nickname?\n")
  for line in client:lines(LONGEST_LINE) do
    local name = clean(line)
    if not name:find("^[%w_-]+$") or #name > 20 then
      client:sendall("* 1 to 20 letters, digits, - and _, please\n")
    elseif members[name] then
      client:sendall("* there is a " .. name .. " here already\n")
    else
      return name
    end
  end
end

local function send_queued(client, outbox)
  for line in outbox:items() do client:sendall(line .. "\n") end
end

local function listen_to(client, name)
  for line in client:lines(LONGEST_LINE) do
    line = clean(line)
    if line == "/quit" then
      return
    elseif line == "/who" then
      members[name].outbox:put(who(), 0)
    elseif line ~= "" then
      tell_others(name, name .. ": " .. line)
    end
  end
end

-- Each client has two threads: this one reads, the other one writes. Nobody can take the name
-- between the question and the answer's being noted, as there is no wait in between.
local function converse(client)
  local name = ask_name(client)
  if not name then return end
  local outbox = thread.queue(BACKLOG)
  members[name] = { client = client, outbox = outbox }
  local writer = thread.start(pcall, send_queued, client, outbox) -- if it fails, so does reading
  tell_others(name, "* " .. name .. " joins")
  outbox:put(who(), 0)

  local ok, err = pcall(listen_to, client, name)
  members[name] = nil
  tell_others(name, "* " .. name .. (ok and " leaves" or " is gone"))
  outbox:close()
  writer:join() -- the last lines are on their way
  if not ok then error(err, 0) end
end

local listener = listen(o.host, o.port)
print("listening on " .. listener:getsockname())
serve(listener, converse)
