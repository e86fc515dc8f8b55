-- Finds the ports of a host that take connections: many threads, each trying one port at a time.
local socket = require "socket"
local thread = require "thread"
local cli = require "lib.cli"

local o = cli.parse([=[
usage: port_scanner.lua [-a] [-j COUNT] [-t SECONDS] [HOST [PORTS]]

HOST           whose ports; ask before you scan machines of others [default: 127.0.0.1]
PORTS          one, or first-last [default: 1-1024]
-a             list closed and silent ports, too
-j COUNT       how many to try at a time [default: 100]
-t SECONDS     how long to wait for an answer [default: 1]]=], ...)

local first, last = o.ports:match("^(%d+)%-?(%d*)$")
first, last = tonumber(first), tonumber(last) or tonumber(first)
if not first or first < 1 or last > 65535 or first > last then
  cli.wrong("PORTS must be a port, or first-last, from 1 to 65535, not " .. o.ports)
end

-- "open", "closed" when the host says there is nobody, "silent" when it says nothing, as behind a
-- firewall. Anything else is a fault of ours or of the network's, and ends the program.
local function try(family, address)
  local s = socket.socket(family)
  s:settimeout(o.t)
  local ok, err = pcall(s.connect, s, address)
  -- On this machine a socket looking for a port may be given that very port for its own, and find
  -- itself there. That is nobody.
  local state = ok and s:getsockname() ~= s:getpeername() and "open"
    or (ok or err.code == "ECONNREFUSED") and "closed"
    or (err.timeout or err.code == "EHOSTUNREACH") and "silent"
  s:close()
  return state or error(err, 0)
end

cli.main(function()
  local host = socket.getaddrinfo(o.host, nil, nil, socket.SOCK_STREAM)[1] -- once, not for each port
  local ports, states = thread.queue(), {}
  for port = first, last do ports:put(port) end
  ports:close()

  local function scan()
    for port in ports:items() do states[port] = try(host.family, { host.address.host, port }) end
  end
  local scanners = {}
  for i = 1, math.min(o.j, last - first + 1) do scanners[i] = thread.start(pcall, scan) end
  for _, scanner in ipairs(scanners) do
    local _, ok, err = scanner:join()
    if not ok then error(err, 0) end
  end

  local count = { open = 0, closed = 0, silent = 0 }
  for port = first, last do
    local state = states[port]
    count[state] = count[state] + 1
    local named, name = pcall(socket.getservbyport, port, "tcp")
    if o.a or state == "open" then print(port, state, named and name or "") end
  end
  local name = host.address.host
  print(("%s: %d open, %d closed, %d silent"):format(name, count.open, count.closed, count.silent))
end)
