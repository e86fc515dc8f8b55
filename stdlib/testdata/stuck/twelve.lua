-- Twelve threads in twelve kinds of wait, and what debug.threads says of them.
local server = socket.create_server("127.0.0.1", 0)
local client = socket.create_connection("127.0.0.1", server:getsockname().port)
local conn = server:accept()
local left, right = socket.socketpair()
local lock, full = thread.lock(), thread.queue(1)
lock:acquire()
full:put("something")
local names = {}
local function start(name, fn, ...)
  local t = thread.daemon(fn, ...)
  t.name = name
  return t
end

start("receives", function() client:recv() end)
start("reads a line", function() pcall(conn.readline, conn) end)
start("one end", function() left:recv() end)
start("the other", function() for piece in right:chunks() do print(piece) end end)
start("accepts", function() server:accept() end)
start("locked out", function() lock:with(print) end)
local getter = start("gets", function() thread.queue():get() end)
start("puts", function() full:put("more") end)
start("joins", function() getter:join() end)
start("sleeps", thread.sleep, 60)
start("selects", function() select.select({client, conn, left}, {}, {}, 60) end)
start("waits for a program", function() process.spawn({"sleep", "60"}):wait() end)
thread.sleep(0.05)
report = debug.threads()
