-- HOWTO, "Using a Socket": a reader that forgets the loop around recv. In all trials it works.
--
--   wirelua scripts/howto/25-forgotten-loop.lua
--   wirelua --chaos short-read=1%,seed=2 scripts/howto/25-forgotten-loop.lua
if (...) == "--help" then
  return print([=[
usage: 25-forgotten-loop.lua

A reader that forgets the loop around recv. In all trials it works.]=])
end

local socket = require "socket"
local thread = require "thread"

local near, far = socket.socketpair()

local function question(number)
  return ("question number %03d"):format(number)
end

-- The answerer: a question has 19 bytes, so that is what it receives.
thread.daemon(function()
  while true do
    local asked = far:recv(19) -- "up to 19", says the manual. s:readexactly(19) would be right.
    if asked == "" then break end
    far:sendall(asked == question(tonumber(asked:match("%d+$")) or 0) and "+" or "-")
  end
end)

for number = 1, 100 do
  near:sendall(question(number))
  if near:recv(1) ~= "+" then
    print("question " .. number .. " was not understood")
    return
  end
end
print("100 questions, 100 answers")
