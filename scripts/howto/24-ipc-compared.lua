-- HOWTO, "IPC": two processes talk through each of the means that a machine has for that: loopback
-- TCP, a Unix socket, a pair of pipes, and shared memory.
--
--   wirelua scripts/howto/24-ipc-compared.lua [rounds [megabytes]]
local process = require "process"
local socket = require "socket"
local struct = require "struct"
local time = require "time"

-- What goes in one direction goes in pieces of a megabyte.
local PIECE = 2 ^ 20

-- Each kind of channel has two functions: send(data), and recv(n) for exactly n bytes.
local function over_socket(s)
  return {
    send = function(data) s:sendall(data) end,
    recv = function(n)
      local got = {}
      while n > 0 do
        local data = s:recv(math.min(n, 65536))
        assert(data ~= "", "the partner is gone")
        got[#got + 1], n = data, n - #data
      end
      return table.concat(got)
    end,
    close = function() s:close() end,
  }
end

local function over_pipes(reader, writer)
  return {
    send = function(data) writer:write(data) end,
    recv = function(n) return reader:read(n) end,
    close = function() reader:close() writer:close() end,
  }
end

-- In shared memory the data are there at once, and copied once less. But nothing in it tells the other
-- one so: that takes a bell, for which any of the others will do. What is rung is how much there is,
-- and the answer says that there is room again.
local function over_memory(memory, bell, out, into)
  return {
    send = function(data)
      memory:write(out, data)
      bell:sendall(struct.pack("!I", #data))
      bell:readexactly(1)
    end,
    recv = function()
      local data = memory:read(into, struct.unpack("!I", bell:readexactly(4)))
      bell:sendall("!")
      return data
    end,
    close = function() memory:close() bell:close() end,
  }
end

-- The other process. It echoes what is small, and swallows what is big.
local role, kind, rounds, pieces, name = ...
if role == "--help" then
  return print([=[
usage: 24-ipc-compared.lua [ROUNDS [MEGABYTES]]

Two processes talk through each of the means that a machine has for that: loopback
TCP, a Unix socket, a pair of pipes, and shared memory.]=])
end
if role == "--partner" then
  local channel
  if kind == "pipes" then
    channel = over_pipes(process.fdopen(3), process.fdopen(4))
  elseif kind == "memory" then
    channel = over_memory(process.shared_memory { name = name }, socket.fromfd(3), 1 + PIECE, 1)
  else
    channel = over_socket(socket.fromfd(3))
  end
  for _ = 0, tonumber(rounds) do channel.send(channel.recv(1)) end
  for _ = 1, tonumber(pieces) do channel.recv(PIECE) end
  channel.send("!")
  return
end

rounds = tonumber((...)) or 500
pieces = tonumber((select(2, ...))) or 16

local function partner(kind, files, name)
  return process.spawn({ process.executable, arg[0], "--partner", kind, rounds, pieces, name },
    { files = files })
end

-- Two sockets connected to each other, by way of a server socket.
local function connected(family, ...)
  local server = socket.socket(family, socket.SOCK_STREAM)
  server:bind(...)
  server:listen(1)
  local near = socket.socket(family, socket.SOCK_STREAM)
  near:connect(server:getsockname())
  local far = server:accept()
  server:close()
  if family ~= socket.AF_UNIX then
    for _, s in ipairs { near, far } do s:setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1) end
  end
  return near, far
end

local function compare(title, channel, child)
  local function round()
    channel.send("x")
    channel.recv(1)
  end
  round() -- the partner has to start first
  local start = time.monotonic()
  for _ = 1, rounds do round() end
  local per_round = (time.monotonic() - start) / rounds
  local piece = ("x"):rep(PIECE)
  start = time.monotonic()
  for _ = 1, pieces do channel.send(piece) end
  channel.recv(1)
  local rate = pieces * PIECE / (time.monotonic() - start)
  print(("%-14s %10.1f us %10.0f MB/s"):format(title, per_round * 1e6, rate / 1e6))
  channel.close()
  assert(child:wait() == 0)
end

print(("%-14s %13s %15s"):format("", "a round trip", "in one direction"))

local near, far = connected(socket.AF_INET, "127.0.0.1", 0)
local child = partner("socket", { far })
far:close()
compare("loopback TCP", over_socket(near), child)

local path = os.tmpname()
os.remove(path)
near, far = connected(socket.AF_UNIX, path)
os.remove(path)
child = partner("socket", { far })
far:close()
compare("Unix socket", over_socket(near), child)

local their_in, our_out = process.pipe()
local our_in, their_out = process.pipe()
child = partner("pipes", { their_in, their_out })
their_in:close()
their_out:close()
compare("pipes", over_pipes(our_in, our_out), child)

local memory = process.shared_memory { size = 2 * PIECE } -- a half for each direction
near, far = socket.socketpair()
child = partner("memory", { far }, memory.name)
far:close()
compare("shared memory", over_memory(memory, near, 1, 1 + PIECE), child)
memory:unlink()
