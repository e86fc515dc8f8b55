-- HOWTO, "Creating a Socket": a server socket, and who can reach it.
--
--   wirelua scripts/howto/02-server-socket.lua [host [port]]     binds to that host as well
local socket = require "socket"

local host, port = ...
port = tonumber(port) or 0 -- 0: any free port

local function scope(ip)
  if ip == "0.0.0.0" then return "all addresses of this machine" end
  if ip:find("^127%.") then return "this machine only" end
  return "the network, at this address"
end

local function server_socket(name, ...)
  local serversocket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
  local bound, err = pcall(socket.bind, serversocket, ...)
  if not bound then
    print(("%-24s %s"):format(name, err.message)) -- a host name need not resolve everywhere
    return nil
  end
  serversocket:listen(5)
  local ip = serversocket:getsockname().host
  print(("%-24s %-16s %s"):format(name, ip, scope(ip)))
  return serversocket
end

print(("%-24s %-16s %s"):format("bound to", "which is", "reached from"))
if host then server_socket(host, host, port) end
server_socket("socket.gethostname()", socket.gethostname(), port)
server_socket('""', "", port)
server_socket('"127.0.0.1"', "127.0.0.1", port)
local serversocket = server_socket('"localhost"', "localhost", port)

-- One address and port belong to one server socket.
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
