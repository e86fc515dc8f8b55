-- Ordinary work, for the profile that the command is built with: see profile_test.go.
--
--   wirelua scripts/bench/ordinary.lua [seconds]
--
-- Each of the parts below goes on for that long.
local socket = require "socket"
local thread = require "thread"
local time = require "time"

local seconds = tonumber((...)) or 0.1

local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end

local parts = {}

function parts.calls() return fib(20) end

function parts.tables()
  local list, sum = {}, 0
  for i = 1, 5000 do list[i] = i * 2 end
  for i, v in ipairs(list) do sum = sum + v - i end
  for k, v in pairs({ a = 1, b = 2, c = 3 }) do sum = sum + #k * v end
  while #list > 0 do sum = sum + table.remove(list) end
  return sum
end

local Point = {}
Point.__index = Point
Point.__add = function(a, b) return Point.new(a.x + b.x, a.y + b.y) end
function Point.new(x, y) return setmetatable({ x = x, y = y }, Point) end
function Point:length() return math.sqrt(self.x * self.x + self.y * self.y) end

function parts.objects()
  local p = Point.new(0, 0)
  for i = 1, 2000 do p = p + Point.new(i % 3, i % 5) end
  return p:length()
end

function parts.sort()
  local list = {}
  for i = 1, 1000 do list[i] = i * 7919 % 1009 end
  table.sort(list)
  table.sort(list, function(a, b) return a > b end)
  return list[1]
end

function parts.strings()
  local words, counts = {}, {}
  for i = 1, 300 do words[i] = ("word%03d"):format(i % 50) end
  for word in table.concat(words, " "):gmatch("%a+%d+") do counts[word] = (counts[word] or 0) + 1 end
  local text = ("GET /index.html HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"):rep(5)
  for name, value in text:gmatch("(%w+): ([^\r]*)\r\n") do counts[name:lower()] = value end
  return #text:gsub("%s+", " "):upper():sub(10, -10), text:find("Accept", 1, true), counts
end

function parts.errors()
  local caught = 0
  for i = 1, 500 do
    if pcall(fib, 2) then caught = caught + 1 end
    if not pcall(error, "no") then caught = caught + i end
  end
  return caught
end

function parts.coroutines()
  local sum = 0
  for i in coroutine.wrap(function() for i = 1, 1000 do coroutine.yield(i) end end) do sum = sum + i end
  return sum
end

function parts.lines()
  local a, b = socket.socketpair()
  local reader = thread.start(function()
    local n = 0
    for line in b:lines() do n = n + #line end
    return n
  end)
  for i = 1, 500 do a:sendall("line number ", tostring(i), "\r\n") end
  a:close()
  local n = reader:join()
  b:close()
  return n
end

function parts.queues()
  local queue = thread.queue(10)
  local taker = thread.start(function()
    local sum = 0
    for _ = 1, 500 do sum = sum + queue:get() end
    return sum
  end)
  for i = 1, 500 do queue:put(i) end
  return taker:join()
end

for _, part in pairs(parts) do
  local stop = time.monotonic() + seconds
  repeat part() until time.monotonic() > stop
end
