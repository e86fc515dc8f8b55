-- Chats with chat_server.lua: what comes from the keyboard goes to the server, what comes from the
-- server goes on the screen, whichever is first.
local socket = require "socket"
local process = require "process"
local thread = require "thread"
local cli = require "lib.cli"

local WIDTH = 72 -- of what is shown at once above the line that is typed

local o = cli.parse([=[
usage: chat_client.lua NICKNAME HOST PORT

HOST and PORT are what the server prints; HOST:PORT is taken, too.
Each line you type is for everybody. /who tells who is there. To leave, type /quit or Ctrl-D.]=], ...)

local function on_terminal()
  local ok, test = pcall(process.spawn, { "test", "-t", "1" })
  return ok and test:wait() == 0
end

-- Shows a line above the one that is being typed, which stays as it is: makes room for a line below, by
-- scrolling if need be, moves down what is typed by inserting a line, and returns to where the cursor was.
local function print_above(line)
  for piece in (line == "" and " " or line):gmatch(("[%z\1-\127\194-\255]?[\128-\191]*"):rep(WIDTH)) do
    if piece ~= "" then io.write("\27D\27[A\0277\r\27[L", piece, "\0278\27[B") end
  end
end

-- Two things to wait for at once, hence two threads. Waiting for the keyboard holds nobody up.
local leaving = false
local function send_typed(s)
  for line in io.lines() do
    leaving = line == "/quit"
    s:sendall(line .. "\n")
  end
  leaving = true
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
  local show = on_terminal() and print_above or print
  for line in s:lines() do show(line) end
  s:close()
  if not leaving then print("* the server has gone") end
end)
