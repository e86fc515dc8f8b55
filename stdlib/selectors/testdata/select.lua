-- select.select, and Lua's own select beside it.

local function ready(r, w, x, timeout)
  local a, b, c = select.select(r, w, x, timeout)
  return #a, #b, #c
end

test("select is still Lua's select", function()
  eq(select("#"), 0)
  eq(select("#", nil, nil), 2)
  eq({select(2, "a", "b", "c")}, {"b", "c"})
  eq({select(-1, "a", "b", "c")}, {"c"})
  local function count(...) return select("#", ...) end
  eq(count(1, nil, 3, nil), 4)
  raises("bad argument #1", select, 0)
end)

test("select is Lua's function, and has the module's fields", function()
  eq(require("select") == select, true)
  eq({type(select), getmetatable(select), debug.getmetatable(print)}, {"function"})
  eq(select.nothing, nil)
  raises("attempt to index field 'x'", function() local t = {x = print} return t.x.y end)
  raises("attempt to index global 'select'", function() select.x = 1 end)
end)

test("three arrays, of the very objects given", function()
  local a, b = socket.socketpair()
  b:sendall("x")
  local r, w, x = select.select({a, b}, {a}, {a, b}, 0)
  eq({#r, #w, #x}, {1, 1, 0})
  eq(r[1] == a and w[1] == a, true)
  a:close() b:close()
end)

test("arguments may be nil or {}", function()
  local a, b = socket.socketpair()
  eq({ready({a}, nil, nil, 0)}, {0, 0, 0})
  eq({ready({a}, {}, {}, 0)}, {0, 0, 0})
  eq({ready(nil, {a}, nil, 0)}, {0, 1, 0})
  eq({ready(nil, nil, nil, 0)}, {0, 0, 0})
  eq({ready({}, {}, {}, 0.01)}, {0, 0, 0})
  a:close() b:close()
end)

test("a limit that passes gives three empty arrays", function()
  local a, b = socket.socketpair()
  eq({select.select({a}, {}, {}, 0.01)}, {{}, {}, {}})
  a:close() b:close()
end)

test("without a limit it waits, and others run", function()
  local a, b = socket.socketpair()
  local t = thread.start(function() return ready({a}, {}, {}) end)
  thread.yield()
  b:sendall("x")
  eq({t:join(5)}, {true, 1, 0, 0})
  a:close() b:close()
end)

test("a listener is readable when a client waits", function()
  local l = socket.create_server("127.0.0.1", 0)
  eq((ready({l}, nil, nil, 0)), 0)
  local c = socket.create_connection(l:getsockname())
  eq((ready({l}, nil, nil, 5)), 1)
  l:accept():close()
  eq((ready({l}, nil, nil, 0)), 0)
  c:close() l:close()
end)

test("a socket whose peer has closed is readable", function()
  local a, b = socket.socketpair()
  b:close()
  eq((ready({a}, nil, nil, 5)), 1)
  eq(a:recv(1), "")
  eq((ready({a}, nil, nil, 0)), 1, "and stays so")
  a:close()
end)

test("a full socket is not writable until somebody reads", function()
  local a, b = socket.socketpair()
  eq(select(2, ready(nil, {a}, nil, 0)), 1)
  a:setblocking(false)
  repeat until not a:send(("x"):rep(65536))
  eq(select(2, ready(nil, {a}, nil, 0)), 0)
  b:setblocking(false)
  repeat until not b:recv(65536)
  eq(select(2, ready(nil, {a}, nil, 5)), 1)
  a:close() b:close()
end)

test("ready ones come in the order given", function()
  local near, far = {}, {}
  for i = 1, 50 do near[i], far[i] = socket.socketpair() end
  for i = 50, 1, -7 do far[i]:sendall("x") end
  local r = select.select(near, nil, nil, 0)
  local expected = {}
  for i = 1, 50 do if (50 - i) % 7 == 0 then expected[#expected + 1] = near[i] end end
  eq(#r, #expected)
  for i = 1, #r do eq(r[i] == expected[i], true) end
  for i = 1, 50 do near[i]:close() far[i]:close() end
end)

test("urgent data are the third array's", function()
  local l = socket.create_server("127.0.0.1", 0)
  local c = socket.create_connection(l:getsockname())
  local s = l:accept()
  eq(select(3, ready(nil, nil, {s}, 0)), 0)
  c:send("!", socket.MSG_OOB)
  eq(select(3, ready(nil, nil, {s}, 5)), 1)
  eq(s:recv(1, socket.MSG_OOB), "!")
  c:close() s:close() l:close()
end)

test("bytes read ahead count as readable, without waiting", function()
  local a, b = socket.socketpair()
  local c, d = socket.socketpair()
  b:sendall("one\ntwo\n")
  eq(a:readline(), "one")
  local r = select.select({c, a}, nil, nil, 5)
  eq(#r, 1)
  eq(r[1] == a, true)
  eq(a:readline(), "two")
  eq((ready({a}, nil, nil, 0)), 0)
  for _, s in ipairs {a, b, c, d} do s:close() end
end)

test("bytes read ahead do not hide the others that are ready", function()
  local a, b = socket.socketpair()
  local c, d = socket.socketpair()
  b:sendall("one\ntwo\n")
  d:sendall("x")
  eq(a:readline(), "one")
  eq({ready({a, c}, {a, c}, nil, 5)}, {2, 2, 0})
  for _, s in ipairs {a, b, c, d} do s:close() end
end)

test("anything with fileno() can be waited for", function()
  local a, b = socket.socketpair()
  local thing = {fileno = function() return a:fileno() end}
  eq((ready({thing}, nil, nil, 0)), 0)
  b:sendall("x")
  local r = select.select({thing}, nil, nil, 5)
  eq(r[1] == thing, true)
  local f = a:makefile("r")
  eq((ready({f}, nil, nil, 5)), 1)
  f:close() a:close() b:close()
end)

test("a selector can be waited for", function()
  local a, b = socket.socketpair()
  local sel = selectors.new()
  sel:register(a, selectors.EVENT_READ)
  eq((ready({sel}, nil, nil, 0)), 0)
  b:sendall("x")
  eq((ready({sel}, nil, nil, 5)), 1)
  sel:close() a:close() b:close()
end)

test("things that cannot be waited for are errors", function()
  raises("bad argument #1 to 'select'", select.select, 5)
  eq(pcall(select.select, {"x"}, nil, nil, 0), false)
  eq(pcall(select.select, {{}}, nil, nil, 0), false)
  local s = socket.socket()
  s:close()
  eq(pcall(select.select, {s}, nil, nil, 0), false, "a closed socket")
end)

test("a limit that is no limit is an argument error", function()
  raises("bad argument #4 to 'select'", select.select, {}, {}, {}, "x")
  raises("bad argument #4 to 'select'", select.select, {}, {}, {}, -1)
end)

test("two threads select on the same socket", function()
  local a, b = socket.socketpair()
  local t = thread.start(function() return ready({a}, nil, nil, 5) end)
  local u = thread.start(function() return ready({a}, nil, nil, 5) end)
  thread.yield()
  b:sendall("x")
  eq({t:join(5)}, {true, 1, 0, 0})
  eq({u:join(5)}, {true, 1, 0, 0})
  a:close() b:close()
end)

test("the HOWTO's server: one thread, select, several clients", function()
  local l = socket.create_server("127.0.0.1", 0)
  local clients = {}
  for i = 1, 5 do
    clients[i] = socket.create_connection(l:getsockname())
    clients[i]:sendall("from " .. i)
    clients[i]:shutdown(socket.SHUT_WR)
  end
  local reading, served = {l}, 0
  while served < 5 do
    local r = select.select(reading, {}, {}, 5)
    assert(#r > 0, "nothing came")
    for _, s in ipairs(r) do
      if s == l then
        reading[#reading + 1] = l:accept()
      else
        local data = s:recv(100)
        if data == "" then
          for i, x in ipairs(reading) do if x == s then table.remove(reading, i) break end end
          s:close()
          served = served + 1
        else
          s:sendall(data:upper())
        end
      end
    end
  end
  for i, c in ipairs(clients) do
    eq(c:recv(100), "FROM " .. i)
    c:close()
  end
  l:close()
end)
