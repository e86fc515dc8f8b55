-- signal.on. The signals are those that nothing else in a Go program uses.

local function send(name)
  eq(process.spawn({"kill", "-" .. name, tostring(process.pid)}):wait(), 0)
end

test("a handler runs as a thread and gets the name", function()
  local q = thread.queue()
  local main = thread.current()
  eq(signal.on("USR1", function(...)
    q:put({name = ..., n = select("#", ...), own = thread.current() ~= main})
  end), true)
  for i = 1, 3 do
    send("USR1")
    eq(q:get(10), {name = "SIGUSR1", n = 1, own = true})
  end
  signal.on("USR1", "ignore")
end)

test("the last handler wins", function()
  local q = thread.queue()
  signal.on("SIGUSR2", function() q:put("first") end)
  signal.on("usr2", function() q:put("second") end)
  send("USR2")
  eq(q:get(10), "second")
  eq({q:get(0.05)}, {nil, "timeout"})
  signal.on("USR2", "ignore")
  send("USR2")
  eq({q:get(0.05)}, {nil, "timeout"})
end)

test("several signals", function()
  local q = thread.queue()
  for _, name in ipairs {"HUP", "USR1", "WINCH"} do signal.on(name, function(n) q:put(n) end) end
  send("HUP") eq(q:get(10), "SIGHUP")
  send("WINCH") eq(q:get(10), "SIGWINCH")
  send("USR1") eq(q:get(10), "SIGUSR1")
  for _, name in ipairs {"HUP", "USR1", "WINCH"} do signal.on(name, "ignore") end
end)

test("handlers may wait, and a computing script gets to them", function()
  local q = thread.queue()
  signal.on("USR1", function(n) thread.sleep(0.01) q:put(n) end)
  local p = process.spawn({"kill", "-USR1", tostring(process.pid)})
  local stop = time.monotonic() + 10
  while #q == 0 and time.monotonic() < stop do thread.yield() end
  eq(q:get(0), "SIGUSR1")
  p:wait()
  signal.on("USR1", "ignore")
end)

-- The signal came while the script computed, and the first handler's thread was about to be
-- started when the second was set.
test("a handler that is replaced is not called any more", function()
  local old, new = 0, 0
  signal.on("USR1", function() old = old + 1 end)
  local p = process.spawn({"sh", "-c", "sleep 0.05; kill -USR1 " .. process.pid})
  local stop = time.monotonic() + 0.3
  while time.monotonic() < stop do end
  signal.on("USR1", function() new = new + 1 end)
  p:wait()
  thread.sleep(0.02)
  eq(old, 0)
  signal.on("USR1", "ignore")
end)

test("a handler that fails ends alone", function()
  local q = thread.queue()
  signal.on("USR1", function() q:put(1) error({}) end)
  send("USR1") eq(q:get(10), 1)
  send("USR1") eq(q:get(10), 1)
  signal.on("USR1", "ignore")
end)

test("a table that can be called", function()
  local q = thread.queue()
  local object = setmetatable({}, {__call = function(self, n) q:put(n) end})
  signal.on("USR1", object)
  send("USR1") eq(q:get(10), "SIGUSR1")
  signal.on("USR1", "ignore")
end)

test("what is wrong is told", function()
  raises("EINVAL", signal.on, "KILL", print)
  local err = raises("EINVAL", signal.on, "SIGSTOP", "ignore")
  eq(tostring(err), "on SIGSTOP: this signal cannot be handled")
  raises("no signal is called 'NOPE'", signal.on, "NOPE", print)
  raises("string expected, got no value", signal.on)
  raises("function expected, got no value", signal.on, "USR1")
  raises("function expected, got number", signal.on, "USR1", 1)
  raises([[a function, "ignore" or "default" expected, got 'ignored']], signal.on, "USR1", "ignored")
end)
