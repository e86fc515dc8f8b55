-- HOWTO, "Using a Socket": both ends are alike. Who speaks first, about what, and who hangs up
-- are rules of the protocol; the sockets have no opinion.
--
--   wirelua scripts/howto/07-who-speaks-first.lua [host [port]]
local socket = require "socket"
local thread = require "thread"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 07-who-speaks-first.lua [HOST [PORT]]

Both ends are alike. Who speaks first, about what, and who hangs up
are rules of the protocol; the sockets have no opinion.]=])
end

-- Says the lines of its part, and listens in between. Nothing here knows which end it is on.
local function talk(name, s, lines, begins)
  for i, line in ipairs(lines) do
    if i > 1 or not begins then
      if not s:readline() then break end
    end
    print(("  %-7s %s"):format(name .. ":", line))
    s:sendall(line .. "\n")
  end
end

local function meeting(title, server_begins, server_lines, client_lines)
  print(title)
  local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
  local server = thread.start(function()
    local s = listener:accept()
    talk("server", s, server_lines, server_begins)
    s:readline() -- what comes last is the client's word or its closing
    s:close()
  end)
  local s = socket.create_connection(listener:getsockname())
  talk("client", s, client_lines, not server_begins)
  s:readline()
  s:close()
  server:join()
  listener:close()
end

meeting("The way of HTTP: the one who connects asks.", false,
  { "200 here it is" },
  { "GET /page" })
meeting("The way of SMTP: the one who is connected to greets.", true,
  { "220 good day", "250 pleased to meet you", "221 goodbye" },
  { "HELO ada", "QUIT" })
