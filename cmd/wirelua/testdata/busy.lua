-- Conversations of all kinds at once. Each client begins with a line that is its name, and says
-- what it sent and what it got to sent(), which the host has set.
local clients = 6
local threads = {}

local function go(fn, ...) threads[#threads + 1] = thread.start(fn, ...) end

-- serve answers each client with what it sent, backwards, a piece at a time.
local function serve(listener, wrap)
  go(function()
    for i = 1, clients do
      local c = listener:accept()
      go(function()
        if wrap then c = wrap(c) end
        for data in function() return c:recv(100000) end do
          if data == "" then break end
          c:sendall(data:reverse())
        end
        c:close()
      end)
    end
    listener:close()
  end)
end

local function talk(name, c, i)
  local there, back = {}, {}
  for j = 1, 8 do
    local message = name .. i .. "\n" .. ("x"):rep(i * j * 97)
    c:sendall(message)
    there[#there + 1] = message
    local missing = #message
    while missing > 0 do
      local data = c:recv(100000)
      assert(data ~= "", "ended early")
      back[#back + 1] = data
      missing = missing - #data
    end
  end
  if i % 2 == 0 then
    c:shutdown(socket.SHUT_WR)
    assert(c:recv(1) == "")
  end
  c:close()
  sent(name .. i, table.concat(there), table.concat(back))
end

local function drive(name, connect)
  for i = 1, clients do go(function() talk(name, connect(i), i) end) end
end

local function server(host, family)
  local l = socket.socket(family)
  l:bind(host, 0)
  l:listen(clients)
  return l, l:getsockname().port
end

for name, family in pairs { tcp = socket.AF_INET, tcp6 = socket.AF_INET6 } do
  local host = name == "tcp" and "127.0.0.1" or "::1"
  local l, port = server(host, family)
  serve(l)
  drive(name .. "-", function() return socket.create_connection(host, port) end)
end

local l = socket.socket(socket.AF_UNIX)
l:bind(path)
l:listen(clients)
serve(l)
drive("unix-", function()
  local c = socket.socket(socket.AF_UNIX)
  c:connect(path)
  return c
end)

local cert, key = tls.self_signed { "localhost" }
local l, port = server("127.0.0.1", socket.AF_INET)
serve(l, function(c) return tls.wrap(c, { server_side = true, cert = cert, key = key }) end)
drive("tls-", function(i)
  local c = socket.create_connection("127.0.0.1", port)
  return tls.wrap(c, { ca = cert, server_name = "localhost", max_version = i % 2 == 1 and "TLSv1.2" or nil })
end)

-- A proxy in front of an echo server: each conversation is there twice.
local l, port = server("127.0.0.1", socket.AF_INET)
local proxy, front = server("127.0.0.1", socket.AF_INET)
serve(l)
go(function()
  for i = 1, clients do
    local c = proxy:accept()
    go(function()
      local back = socket.create_connection("127.0.0.1", port)
      socket.relay(c, back)
      c:close()
      back:close()
    end)
  end
  proxy:close()
end)
drive("relay-", function() return socket.create_connection("127.0.0.1", front) end)

for name, family in pairs { udp = socket.AF_INET, udp6 = socket.AF_INET6 } do
  local host = name == "udp" and "127.0.0.1" or "::1"
  local s = socket.socket(family, socket.SOCK_DGRAM)
  s:bind(name == "udp" and "0.0.0.0" or "::", 0)
  local port = s:getsockname().port
  go(function()
    for i = 1, clients * 8 do
      local data, from = s:recvfrom(65536)
      s:sendto(data:reverse(), from)
    end
    s:close()
  end)
  for i = 1, clients do
    go(function()
      local c = socket.socket(family, socket.SOCK_DGRAM)
      if i % 2 == 0 then c:connect(host, port) end
      local there, back = {}, {}
      for j = 1, 8 do
        local message = name .. "-" .. i .. "\n" .. ("y"):rep(i * j)
        if i % 2 == 0 then c:send(message) else c:sendto(message, host, port) end
        there[j], back[j] = message, c:recv(65536)
      end
      c:close()
      sent(name .. "-" .. i, table.concat(there), table.concat(back))
    end)
  end
end

local a, b = socket.socketpair()
go(function()
  while true do
    local data = b:recv(1000000)
    if data == "" then break end
  end
  b:close()
end)
local big = "pair-1\n" .. ("0123456789"):rep(50000)
a:sendall(big)
a:close()
sent("pair-1", big, "")

local i = 1
while threads[i] do -- they start more
  threads[i]:join()
  i = i + 1
end
