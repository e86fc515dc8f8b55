-- A waiting call works wherever a call may stand, and every waiter is answered: by data, by its own limit, by close.

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

-- ask(x) sends x to a thread that sends it back. The answer cannot be there yet: ask waits, each time.
local near, far = socket.socketpair()
local echo = thread.start(function()
  for line in far:lines() do
    thread.yield()
    far:sendall(line .. "\n")
  end
  far:close()
end)
local function ask(x)
  near:sendall(x .. "\n")
  return near:readline()
end

test("in pcall, nested, and after an error", function()
  eq({pcall(ask, "a")}, {true, "a"})
  eq({pcall(pcall, pcall, ask, "b")}, {true, true, true, "b"})
  local ok, err = pcall(function() error(ask("c"), 0) end)
  eq({ok, err}, {false, "c"})
  eq(ask("d"), "d")
end)

test("in xpcall and its handler", function()
  eq({xpcall(function() return ask("a") end, error)}, {true, "a"})
  eq({xpcall(function() error(ask("b"), 0) end, function(e) return ask(e .. "!") end)}, {false, "b!"})
  eq({xpcall(function() local x = nil; return x.y end, function() return ask("handled") end)}, {false, "handled"})
end)

test("in metamethods", function()
  local mt = {}
  mt.__index = function(_, k) return ask("index " .. k) end
  mt.__newindex = function(t, k, v) rawset(t, "_" .. k, ask(v)) end
  mt.__call = function(_, x) return ask("call " .. x) end
  mt.__add = function() return ask("add") end
  mt.__unm = function() return ask("unm") end
  mt.__concat = function() return ask("concat") end
  mt.__lt = function() return ask("lt") == "lt" end
  mt.__le = function() return ask("le") ~= "le" end
  mt.__eq = function() return ask("eq") == "eq" end
  mt.__tostring = function() return ask("tostring") end
  local a, b = setmetatable({}, mt), setmetatable({}, mt)
  eq(a.field, "index field")
  a.x = "value"
  eq(rawget(a, "_x"), "value")
  eq(a(1), "call 1")
  eq(a + 1, "add")
  eq(1 + a, "add")
  eq(-a, "unm")
  eq(a .. "x", "concat")
  eq("x" .. "y" .. a, "xconcat") -- from right to left
  eq(a < b, true)
  eq(a <= b, false)
  eq(a == b, true)
  eq(tostring(a), "tostring")
end)

test("in iterators of for", function()
  local got = {}
  for x in function(_, last) if #got < 3 then return ask(tostring(#got + 1)) end end do got[#got + 1] = x end
  eq(got, {"1", "2", "3"})
end)

test("in table.sort and string.gsub callbacks", function()
  local t = {3, 1, 2, 5, 4}
  table.sort(t, function(x, y) return tonumber(ask(x)) < tonumber(ask(y)) end)
  eq(t, {1, 2, 3, 4, 5})
  eq((("a-b-c"):gsub("%a", function(x) return ask(x):upper() end)), "A-B-C")
  eq((("x"):gsub("x", setmetatable({}, {__index = function(_, k) return ask(k .. k) end}))), "xx")
end)

test("in require, dofile and loaded chunks", function()
  package.preload["conformance.waits"] = function(name) return {answer = ask(name)} end
  eq(require("conformance.waits").answer, "conformance.waits")
  package.loaded["conformance.waits"], package.preload["conformance.waits"] = nil, nil
  conformance_ask = ask
  eq(assert(loadstring("return conformance_ask('chunk')"))(), "chunk")
  local path = os.tmpname()
  local f = assert(io.open(path, "w"))
  f:write("return conformance_ask('from a file')")
  f:close()
  local ok, answer = pcall(dofile, path)
  os.remove(path)
  conformance_ask = nil
  eq({ok, answer}, {true, "from a file"})
end)

test("in coroutines, whose yields go on working", function()
  local co = coroutine.create(function(x)
    for _ = 1, 3 do x = coroutine.yield(ask(x)) end
    return ask("done")
  end)
  for _, x in ipairs {"a", "b", "c"} do eq({coroutine.resume(co, x)}, {true, x}) end
  eq({coroutine.resume(co)}, {true, "done"})
  eq(coroutine.status(co), "dead")
  local gen = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(ask(i)) end end)
  eq({gen(), gen(), gen()}, {"1", "2", "3"})
  local nested = coroutine.wrap(function() return coroutine.wrap(function() return pcall(ask, "deep") end)() end)
  eq({nested()}, {true, "deep"})
end)

test("a coroutine whose thread waits cannot be resumed by another", function()
  local a, b = socket.socketpair()
  local started = thread.event()
  local co = coroutine.create(function()
    started:set()
    return a:recv(100)
  end)
  local wrapped_started = thread.event()
  local c, d = socket.socketpair()
  local wrapped = coroutine.wrap(function()
    wrapped_started:set()
    return c:recv(100)
  end)
  local t = thread.start(function() return coroutine.resume(co) end)
  local u = thread.start(function() return wrapped() end)
  started:wait() wrapped_started:wait()
  local ok, message = coroutine.resume(co)
  eq(ok, false)
  assert(message:find("cannot resume non-suspended coroutine", 1, true), message)
  local status = coroutine.status(co)
  assert(status == "running" or status == "normal", status)
  raises("cannot resume non-suspended coroutine", wrapped)
  b:sendall("x")
  d:sendall("y")
  eq({join(t)}, {true, "x"})
  eq(join(u), "y")
  eq(coroutine.status(co), "dead")
  for _, s in ipairs {a, b, c, d} do s:close() end
end)

-- Starts fn in a thread, and comes back when it waits (or is over).
local function waiter(fn, ...)
  local started = thread.event()
  local t = thread.start(function(...)
    started:set()
    return fn(...)
  end, ...)
  started:wait()
  thread.yield()
  return t
end

test("close wakes whoever waits, with EBADF", function()
  local function woken(op, s, ...)
    local t = waiter(s[op], s, ...)
    s:close()
    local ok, err = t:join(5)
    eq({ok, type(err) ~= "string" and err.code, type(err) ~= "string" and err.op}, {false, "EBADF", op})
  end
  local others = {}
  local function one_end(...)
    local a, b = socket.socketpair(...)
    others[#others + 1] = b
    return a
  end
  woken("recv", one_end(), 10)
  woken("recvmsg", one_end(), 10)
  woken("recvfrom", one_end(socket.AF_UNIX, socket.SOCK_DGRAM), 10)
  woken("readexactly", one_end(), 10)
  woken("sendall", one_end(), ("x"):rep(10000000))
  woken("accept", socket.create_server("127.0.0.1", 0))
  for _, s in ipairs(others) do s:close() end
end)

test("all who wait on one socket are woken", function()
  local l = socket.create_server("127.0.0.1", 0)
  local threads = {}
  for i = 1, 20 do threads[i] = waiter(l.accept, l) end
  l:close()
  for i = 1, 20 do
    local ok, err = threads[i]:join(5)
    eq({ok, err.code}, {false, "EBADF"})
  end
end)

test("several threads accept from one listener, each client once", function()
  local l = socket.create_server("127.0.0.1", 0)
  local threads, clients = {}, {}
  for i = 1, 10 do
    threads[i] = thread.start(function()
      local s, from = l:accept()
      s:close()
      return from.port
    end)
  end
  for i = 1, 10 do clients[i] = socket.create_connection(l:getsockname()) end
  local seen = {}
  for i = 1, 10 do
    local port = join(threads[i])
    eq(seen[port], nil, "accepted twice")
    seen[port] = true
  end
  for i = 1, 10 do
    assert(seen[clients[i]:getsockname().port])
    clients[i]:close()
  end
  l:close()
end)

test("each waiter keeps the limit it began with", function()
  local a, b = socket.socketpair()
  a:settimeout(0.03)
  local short = waiter(a.recv, a, 1)
  a:settimeout(nil)
  local long = waiter(a.recv, a, 1)
  local ok, err = short:join(5)
  eq({ok, err.code}, {false, "ETIMEDOUT"})
  eq(long:alive(), true)
  b:sendall("x")
  eq(join(long), "x")

  long = waiter(a.recv, a, 1) -- and the other way round: the short one last
  a:settimeout(0.03)
  short = waiter(a.recv, a, 1)
  ok, err = short:join(5)
  eq({ok, err.code}, {false, "ETIMEDOUT"})
  eq(long:alive(), true)
  b:sendall("y")
  eq(join(long), "y")
  a:close() b:close()
end)

test("a reader's limit does not touch a writer", function()
  local a, b = socket.socketpair()
  local data = ("x"):rep(5000000)
  local writer = waiter(a.sendall, a, data) -- waits: nobody reads yet
  a:settimeout(0.03)
  raises("ETIMEDOUT", a.recv, a, 1)
  eq(writer:alive(), true)
  eq(#b:readexactly(#data), #data)
  eq(join(writer), true)
  a:close() b:close()
end)

test("the echo thread ends with its connection", function()
  near:close()
  join(echo)
end)
