-- selectors: register once, select often.

local READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

local function new_pair()
  local a, b = socket.socketpair()
  return a, b, selectors.new()
end

local function close(...)
  for i = 1, select("#", ...) do (select(i, ...)):close() end
end

test("the events are Python's numbers", function()
  eq({READ, WRITE}, {1, 2})
end)

test("register gives the key", function()
  local a, b, sel = new_pair()
  local key = sel:register(a, READ, "my data")
  eq(key.obj == a, true)
  eq(key.events, READ)
  eq(key.data, "my data")
  key = sel:get_key(a)
  eq(key.obj == a, true)
  eq({key.events, key.data}, {READ, "my data"})
  close(sel, a, b)
end)

test("select gives what is ready, with its data", function()
  local a, b, sel = new_pair()
  local data = {"a table"}
  sel:register(a, READ, data)
  eq(sel:select(0), {})
  b:sendall("x")
  local ready = sel:select(5)
  eq(#ready, 1)
  eq(ready[1].obj == a, true)
  eq(ready[1].data == data, true)
  eq(ready[1].events, READ)
  eq(#sel:select(0), 1, "level-triggered: as long as it is there")
  a:recv(10)
  eq(sel:select(0), {})
  close(sel, a, b)
end)

test("both events at once, and only those asked for", function()
  local a, b, sel = new_pair()
  sel:register(a, READ + WRITE)
  eq(sel:select(5)[1].events, WRITE)
  b:sendall("x")
  eq(sel:select(5)[1].events, READ + WRITE)
  sel:modify(a, READ)
  eq(sel:select(5)[1].events, READ)
  close(sel, a, b)
end)

test("modify changes events and data", function()
  local a, b, sel = new_pair()
  sel:register(a, READ, "first")
  eq(sel:select(0), {})
  local key = sel:modify(a, WRITE, "second")
  eq({key.events, key.data}, {WRITE, "second"})
  local ready = sel:select(5)
  eq(#ready, 1)
  eq({ready[1].events, ready[1].data}, {WRITE, "second"})
  close(sel, a, b)
end)

test("unregister ends it", function()
  local a, b, sel = new_pair()
  sel:register(a, READ)
  b:sendall("x")
  eq(#sel:select(5), 1)
  assert(sel:unregister(a))
  eq(sel:select(0), {})
  sel:register(a, READ) -- and it may come again
  eq(#sel:select(5), 1)
  close(sel, a, b)
end)

test("what is not registered, or twice, is an error", function()
  local a, b, sel = new_pair()
  eq(pcall(sel.unregister, sel, a), false)
  eq(pcall(sel.modify, sel, a, READ), false)
  sel:register(a, READ)
  eq(pcall(sel.register, sel, a, READ), false)
  eq(pcall(sel.register, sel, b, 0), false, "no event")
  eq(pcall(sel.register, sel, b, 4), false, "no such event")
  eq(pcall(sel.register, sel, "b", READ), false, "no fileno")
  eq(#sel:select(0), 0)
  close(sel, a, b)
end)

test("select waits while others run, with a limit and without", function()
  local a, b, sel = new_pair()
  sel:register(a, READ)
  for _, limit in ipairs {false, 5} do
    local t = thread.start(function() return #sel:select(limit or nil) end)
    thread.yield()
    b:sendall("x")
    eq({t:join(5)}, {true, 1})
    a:recv(10)
  end
  eq(sel:select(0.01), {})
  close(sel, a, b)
end)

test("what is registered while select waits counts", function()
  local a, b, sel = new_pair()
  local t = thread.start(function() return #sel:select(5) end)
  thread.yield()
  sel:register(a, WRITE)
  eq({t:join(5)}, {true, 1})
  close(sel, a, b)
end)

test("bytes read ahead count as readable", function()
  local a, b, sel = new_pair()
  sel:register(a, READ)
  b:sendall("one\ntwo\n")
  eq(a:readline(), "one")
  eq(#sel:select(5), 1)
  eq(a:readline(), "two")
  eq(sel:select(0), {})
  close(sel, a, b)
end)

test("hundreds at a time", function()
  local sel, near, far = selectors.new(), {}, {}
  for i = 1, 400 do
    near[i], far[i] = socket.socketpair()
    sel:register(near[i], READ, i)
  end
  for i = 1, 400, 3 do far[i]:sendall(tostring(i)) end
  local seen = 0
  repeat -- one select may give a part of them
    local ready = sel:select(5)
    assert(#ready > 0, "nothing more after " .. seen)
    for _, key in ipairs(ready) do
      eq(key.data % 3, 1)
      eq(key.obj:recv(10), tostring(key.data))
      seen = seen + 1
    end
  until seen == 134
  eq(sel:select(0), {})
  sel:close()
  for i = 1, 400 do close(near[i], far[i]) end
end)

test("a peer that closes makes it readable", function()
  local a, b, sel = new_pair()
  sel:register(a, READ)
  b:close()
  eq(sel:select(5)[1].events, READ)
  close(sel, a)
end)

test("DefaultSelector is another name", function()
  local a, b = socket.socketpair()
  local sel = selectors.DefaultSelector()
  sel:register(a, WRITE, 1)
  eq(sel:select(5)[1].data, 1)
  close(sel, a, b)
end)

test("a selector closes, and two do not mix", function()
  local a, b, one = new_pair()
  local two = selectors.new()
  one:register(a, WRITE, "one")
  two:register(a, WRITE, "two")
  eq(one:select(5)[1].data, "one")
  assert(one:close())
  eq(pcall(one.select, one, 0), false)
  eq(two:select(5)[1].data, "two")
  close(two, a, b)
end)

test("a number given to a new socket is not the old one", function()
  -- The kernel gives a closed descriptor's number to the next socket.
  local a, b, sel = new_pair()
  sel:register(a, READ, "old")
  sel:unregister(a)
  local fd = a:fileno()
  a:close()
  local c, d = socket.socketpair()
  if c:fileno() ~= fd then c, d = d, c end
  sel:register(c, READ, "new")
  d:sendall("x")
  eq(sel:select(5)[1].data, "new")
  close(sel, b, c, d)
end)

test("an echo server as Python's documentation has it", function()
  local sel = selectors.new()
  local l = socket.create_server("127.0.0.1", 0)
  l:setblocking(false)
  local open = 0
  local function read(conn)
    local data = conn:recv(1000)
    if data ~= "" then
      conn:sendall(data)
    else
      sel:unregister(conn)
      conn:close()
      open = open - 1
    end
  end
  local function accept(s)
    local conn = s:accept()
    conn:setblocking(false)
    open = open + 1
    sel:register(conn, READ, read)
  end
  sel:register(l, READ, accept)
  local clients = thread.start(function()
    for i = 1, 5 do
      local c = socket.create_connection(l:getsockname(), {timeout = 5})
      c:sendall("hello " .. i .. "\n")
      eq(c:readline(), "hello " .. i)
      c:close()
    end
  end)
  local served = 0
  repeat
    for _, key in ipairs(sel:select(5)) do
      key.data(key.obj)
      served = served + 1
    end
  until served == 15 -- five times: accept, read, the end
  eq({clients:join(5)}, {true})
  eq(open, 0)
  close(sel, l)
end)

test("what was read ahead is ready, whatever the kernel has", function()
  local a, b, sel = new_pair()
  sel:register(a, READ)
  b:sendall("one\ntwo\n")
  eq(a:readline(), "one")
  local start = time.monotonic()
  local ready = sel:select(10)
  eq({#ready, ready[1].events}, {1, READ})
  assert(time.monotonic() - start < 5, "it waited for the kernel")
  eq(a:readline(), "two")
  eq(sel:select(0), {})
  close(sel, a, b)
end)

test("a closed object makes room for the one that has got its number", function()
  local a, b, sel = new_pair()
  sel:register(a, READ)
  local fd = a:fileno()
  a:close()
  local others, c = {}
  repeat -- threads of other tests may have taken it
    c = socket.socket()
    others[#others + 1] = c
  until c:fileno() == fd or #others == 100
  if c:fileno() ~= fd then skip("the number was not used again") end
  sel:register(c, READ)
  raises("not registered", sel.get_key, sel, a)
  eq(sel:get_key(c).obj == c, true)
  for _, s in ipairs(others) do s:close() end
  close(sel, b)
end)

test("get_map gives all keys, by object", function()
  local a, b, sel = new_pair()
  eq(next(sel:get_map()), nil)
  sel:register(a, READ, "for a")
  sel:register(b, WRITE)
  local map, n = sel:get_map(), 0
  for obj, key in pairs(map) do eq(key.obj == obj, true) n = n + 1 end
  eq({n, map[a].data, map[a].events, map[b].events}, {2, "for a", READ, WRITE})
  sel:unregister(a)
  eq(sel:get_map()[a], nil)
  close(sel, a, b)
end)
