-- Chats with chat_server.lua: what comes from the keyboard goes to the server, what comes from the
-- server goes on the screen, whichever is first.
local socket = require "socket"
local thread = require "thread"
local cli = require "lib.cli"

local o = cli.parse([=[
usage: chat_client.lua NICKNAME HOST PORT

Each line you type is for everybody. /who tells who is there. To leave, type /quit or Ctrl-D.]=], ...)

-- Two things to wait for at once, hence two threads. Waiting for the keyboard holds nobody up.
local function send_typed(s)
  for line in io.lines() do s:sendall(line .. "\n") end
  s:shutdown(socket.SHUT_WR) -- Ctrl-D: we have said all there is; the server will say goodbye
end

cli.main(function()
  local s = socket.create_connection(o.host, o.port, { timeout = 10 })
  s:settimeout(nil) -- connecting has its limit; a conversation may pause
  s:sendall(o.nickname .. "\n")

  -- A daemon, since nobody can be made to press a key: when the server ends the conversation, the
  -- program ends, too, instead of waiting for one line more. Should sending fail, the loop below
  -- learns why from the same socket.
  thread.daemon(pcall, send_typed, s)
  for line in s:lines() do print(line) end
  s:close()
end)
