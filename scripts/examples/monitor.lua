-- Tries services again and again, and tells when one comes or goes.
local channel = require "channel"
local signal = require "signal"
local socket = require "socket"
local thread = require "thread"
local time = require "time"
local cli = require "lib.cli"

local o = cli.parse([=[
usage: monitor.lua [-n COUNT] [-i SECONDS] [-t SECONDS] SERVICE...

Ends with a summary, after COUNT rounds or on Ctrl-C. The exit status is 0 if in the end all services
were up, else 1. To wait in a shell script until a server is there:

  until monitor.lua -n 1 127.0.0.1:5432; do sleep 1; done

SERVICE        HOST:PORT
-n COUNT       how many rounds; if left out, it goes on
-i SECONDS     from one round to the next [default: 5]
-t SECONDS     how long to wait for a connection [default: 2]]=], ...)

local function parse(text)
  local host, port = text:match("^%[?(.-)%]?:(%d+)$") -- [::1]:80, too
  port = tonumber(port)
  if not port or port > 65535 then cli.wrong("SERVICE must be HOST:PORT, not " .. text) end
  return { name = text, host = host, port = port, rounds = 0, ups = 0, seconds = 0 }
end

-- Each service has a thread, which sends what it finds. Ctrl-C comes by another channel: whoever waits
-- for either, as nobody can for two queues, need not look now and then whether it is time to stop.
local results, stop = channel.make(), channel.make(1)

local function watch(service)
  local start = time.monotonic()
  for round = 1, o.n or math.huge do
    local began = time.monotonic()
    local ok, s = pcall(socket.create_connection, service.host, service.port, { timeout = o.t })
    results:send { service = service, up = ok, took = time.monotonic() - began, why = not ok and s.message }
    if ok then s:close() end
    time.sleep(math.max(start + round * o.i - time.monotonic(), 0))
  end
end

local function note(result)
  local service = result.service
  if service.up ~= result.up then
    local how = result.up and ("up, %.1f ms"):format(result.took * 1000) or "down: " .. result.why
    print(os.date("%H:%M:%S"), service.name, how)
  end
  service.up, service.rounds = result.up, service.rounds + 1
  if result.up then service.ups, service.seconds = service.ups + 1, service.seconds + result.took end
end

local services = {}
for i, text in ipairs(o.service) do services[i] = parse(text) end
for _, name in ipairs { "INT", "TERM" } do
  signal.on(name, function() stop:send(true) end)
end
for _, service in ipairs(services) do thread.daemon(watch, service) end

local left = o.n and o.n * #services or math.huge
while left > 0 do
  channel.select(
    { "|<-", results, function(_, result) left = left - 1 note(result) end },
    { "|<-", stop, function() left = 0 end })
end

local status = 0
for _, service in ipairs(services) do
  local ups, average = service.ups, ""
  if ups > 0 then average = (", %.1f ms on average"):format(service.seconds / ups * 1000) end
  print(("%s: up in %d of %d rounds%s"):format(service.name, ups, service.rounds, average))
  if not service.up then status = 1 end
end
os.exit(status)
