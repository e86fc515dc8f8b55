-- A loop that polled never let another thread run that was to end it, nor a signal's handler, if what it
-- called never had to wait: select with something ready, calls on a non-blocking socket, event:is_set().
-- In Python such loops end. And 300 connects in a row, each made at once, overran the backlog of a server
-- in the same script.

-- ends says that a loop of fn() ends when another thread says so, which first waits for time, then for
-- a descriptor.
local function ends(name, fn)
  test("a loop ends: " .. name, function()
    local done, a, b = false, socket.socketpair()
    thread.start(function()
      thread.sleep(0.001)
      a:send("x")
    end)
    thread.start(function()
      b:recv(1)
      done = true
    end)
    local limit = time.monotonic() + 20
    while not done and time.monotonic() < limit do fn() end
    eq(done, true)
    a:close() b:close()
  end)
end

local a, b = socket.socketpair()
ends("select, always writable", function() select.select(nil, {a}, nil, 1) end)
ends("select without waiting", function() select.select({a}, nil, nil, 0) end)
local quiet, writable = selectors.new(), selectors.new()
quiet:register(a, selectors.EVENT_READ)
writable:register(a, selectors.EVENT_WRITE)
ends("selector without waiting", function() quiet:select(0) end)
ends("selector, always writable", function() writable:select(1) end)
ends("MSG_DONTWAIT", function() eq(a:recv(1, socket.MSG_DONTWAIT), nil) end)
ends("MSG_DONTWAIT that finds something", function()
  b:send("x")
  eq(a:recv(1, socket.MSG_DONTWAIT), "x")
end)

local now = socket.socketpair()
now:setblocking(false)
ends("recv", function() now:recv(1) end)
ends("recvfrom", function() now:recvfrom(1) end)
ends("recvmsg", function() now:recvmsg(1) end)
ends("readline", function() now:readline() end)
local file = now:makefile()
ends("a file's read", function() pcall(file.read, file, 1) end)
local reader = process.pipe()
reader:settimeout(0)
ends("a pipe's read", function() pcall(reader.read, reader, 1) end)

local server = socket.create_server("127.0.0.1", 0)
server:setblocking(false)
ends("accept", function() server:accept() end)
local udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp:bind("127.0.0.1", 0)
udp:setblocking(false)
local itself = udp:getsockname()
ends("sendto", function() udp:sendto("x", itself) end)
ends("connect_ex", function()
  local s = socket.socket()
  s:setblocking(false)
  s:connect_ex("127.0.0.1", 1)
  s:close()
end)

local event, queue, lock = thread.event(), thread.queue(), thread.lock()
ends("is_set", function() event:is_set() end)
ends("wait(0)", function() event:wait(0) end)
ends("get(0)", function() queue:get(0) end)
ends("acquire(0)", function() lock:acquire(0) lock:release() end)
local wait = thread.event()
local sleeper = thread.start(function() wait:wait() end)
ends("alive", function() sleeper:alive() end)
ends("join(0)", function() sleeper:join(0) end)
wait:set()
ends("getaddrinfo", function() socket.getaddrinfo("127.0.0.1", 80) end)
ends("gethostbyname", function() socket.gethostbyname("127.0.0.1") end)
ends("getnameinfo", function() socket.getnameinfo({"127.0.0.1", 80}, socket.NI_NUMERICHOST + socket.NI_NUMERICSERV) end)

-- crowd connects 300 times, much more often than the backlog allows, without waiting for the server.
local function crowd(server, connect)
  local served = 0
  thread.start(function()
    for client in server:clients() do
      served = served + 1
      client:close()
      if served == 300 then server:close() end
    end
  end)
  for i = 1, 300 do connect() end
  local limit = time.monotonic() + 20
  while served < 300 and time.monotonic() < limit do thread.sleep(0.001) end
  eq(served, 300)
end

test("connects to a server of the same script", function()
  local server = socket.create_server("127.0.0.1", 0, {backlog = 16})
  local port = server:getsockname().port
  crowd(server, function() socket.create_connection("127.0.0.1", port, {timeout = 10}):close() end)
end)

test("connects that do not wait", function()
  local path = os.tmpname()
  os.remove(path)
  local server = socket.socket(socket.AF_UNIX)
  server:bind(path)
  server:listen(16)
  crowd(server, function()
    local s = socket.socket(socket.AF_UNIX)
    s:setblocking(false)
    eq(s:connect(path), true)
    s:close()
  end)
  os.remove(path)
end)
