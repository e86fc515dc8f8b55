-- HOWTO, "Creating a Socket": a server socket, and who can reach it.
--
--   wirelua scripts/howto/02-server-socket.lua [host [port]]     binds to that host as well
local socket = require "socket"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 02-server-socket.lua [HOST [PORT]]

A server socket, and who can reach it: this machine only, or others as well.]=])
end
port = tonumber(port) or 0 -- 0: any free port

local function server_socket(host)
  local s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
  s:setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1) -- or a restart has to wait
  s:bind(host, port)
  s:listen(5)
  return s
end

local function scope(ip)
  if ip == "0.0.0.0" then return "all addresses of this machine" end
  if ip:find("^127%.") then return "this machine only" end
  return "the network, at this address"
end

local function try(name, host)
  local bound, s = pcall(server_socket, host)
  if not bound then -- a host's name need not stand for an address
    print(("%-24s %s"):format(name, s.message))
    return
  end
  local ip = s:getsockname().host
  print(("%-24s %-16s %s"):format(name, ip, scope(ip)))
  s:close()
end

print(("%-24s %-16s %s"):format("bound to", "which is", "reached from"))
if host then try(host, host) end
try("socket.gethostname()", socket.gethostname())
try('""', "")
try('"localhost"', "localhost")
try('"127.0.0.1"', "127.0.0.1")

-- One address and port belong to one server socket.
local serversocket = server_socket("localhost")
local address = serversocket:getsockname()
local _, err = pcall(socket.bind, socket.socket(), address)
print("\nthe same port once more:  " .. err.message)

-- Low numbers are for well-known services; often only an administrator may bind to them.
local bound, refusal = pcall(socket.bind, socket.socket(), "127.0.0.1", 80)
print("port 80, that is HTTP:    " .. (bound and "granted" or refusal.message))

-- listen(5) makes a queue. Clients get into it with nobody accepting yet.
local clients = {}
for i = 1, 3 do
  clients[i] = socket.socket()
  clients[i]:connect(address)
end
print("connected, not accepted:  " .. #clients)
for _ = 1, 3 do serversocket:accept():close() end
print("accepted afterwards:      " .. #clients)
