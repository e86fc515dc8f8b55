-- A thread in select, selector:select or poll slept on when another thread's readline had taken from the kernel
-- what woke it, and more than its line: the rest was there to be read, and nobody was told. recvmsg waited for
-- the kernel beside a readline that had read ahead, and a file that makefile made kept what it had read ahead
-- for itself.

-- selectsBeside says that what `wait` waits for is told when a line of two is left in the buffer of a, which
-- `read` reads.
local function selectsBeside(name, pair, wait)
  test(name .. " is woken by what another thread read ahead", function()
    local a, b = pair()
    local got
    local selecting = thread.start(function() got = wait(a) end)
    local reader = thread.start(function() return a:readline() end)
    thread.sleep(0.02) -- both wait now
    b:sendall("one\ntwo\n")
    eq({reader:join(5)}, {true, "one"})
    eq({selecting:join(5)}, {true})
    eq(got, true)
    eq(a:readline(), "two")
    a:close() b:close()
  end)
end

local function pipePair()
  local r, w = process.pipe()
  return {readline = function() return r:read("*l") end, close = function() r:close() end, file = r,
    fileno = function() return r:fileno() end},
    {sendall = function(_, s) w:write(s) end, close = function() w:close() end}
end

local ways = {
  select = function(a) return select.select({a}, nil, nil, 5)[1] == a end,
  selector = function(a)
    local sel = selectors.new()
    sel:register(a, selectors.EVENT_READ)
    local found = sel:select(5)
    sel:close()
    return #found == 1 and found[1].obj == a
  end,
  poll = function(a)
    local p = select.poll()
    p:register(a, select.POLLIN)
    local found = p:poll(5)
    return #found == 1 and found[1][1] == a and found[1][2] == select.POLLIN
  end,
}
for name, wait in pairs(ways) do
  selectsBeside(name, socket.socketpair, wait)
  selectsBeside(name .. " of a pipe", pipePair, function(a) return wait(a.file) end)
  selectsBeside(name .. " of a file", function()
    local a, b = socket.socketpair()
    local f = a:makefile("r")
    return {readline = function() return a:readline() end, close = function() f:close() a:close() end, file = f}, b
  end, function(a) return wait(a.file) end)
end

test("a selector knows what was read ahead before, and what has been read since", function()
  local a, b = socket.socketpair()
  b:sendall("one\ntwo\nthree\n")
  eq(a:readline(), "one")
  local sel = selectors.new()
  sel:register(a, selectors.EVENT_WRITE)
  eq(sel:select(0)[1].events, selectors.EVENT_WRITE)
  sel:modify(a, selectors.EVENT_READ)
  eq(sel:select(1)[1].events, selectors.EVENT_READ)
  eq(a:readline(), "two")
  eq(#sel:select(1), 1)
  eq(a:readline(), "three")
  eq(#sel:select(0.01), 0)
  b:sendall("four\nfive\n")
  eq(a:readline(), "four")
  a:close()
  eq(#sel:select(0), 0)
  sel:close() b:close()
end)

-- Each kind of reader waits beside a readline; two lines come at once.
local readers = {
  readline = function(a) return a:readline() .. "\n" end,
  recv = function(a) return a:recv(100) end,
  recvfrom = function(a) return (a:recvfrom(100)) end,
  recvmsg = function(a) return (a:recvmsg(100)) end,
  ["recvmsg with ancillary data"] = function(a) return (a:recvmsg(100, 100)) end,
  recv_fds = function(a) return (socket.recv_fds(a, 100, 3)) end,
  readexactly = function(a) return a:readexactly(4) end,
  readuntil = function(a) return a:readuntil("\n") end,
  makefile = function(a) return a:makefile("r"):read("*L") end,
}
for name, read in pairs(readers) do
  for name2, read2 in pairs(readers) do
    test(name .. " beside " .. name2, function()
      local a, b = socket.socketpair()
      local got = {}
      local first = thread.start(function() local data = read(a) got[#got + 1] = data end)
      local second = thread.start(function() local data = read2(a) got[#got + 1] = data end)
      thread.yield() thread.yield()
      b:sendall("one\ntwo\n")
      if not (name:find("^recv") or name2:find("^recv")) then -- which take all that there is
        eq({first:join(5)}, {true})
        eq({second:join(5)}, {true})
        eq(table.concat(got), "one\ntwo\n")
      end
      b:shutdown(socket.SHUT_WR)
      first:join(5) second:join(5)
      assert(("one\ntwo\n"):sub(1, #table.concat(got)) == table.concat(got), table.concat(got, "|"))
      eq(table.concat(got) .. a:recv(100), "one\ntwo\n")
      a:close() b:close()
    end)
  end
end

test("urgent data are received beside what was read ahead", function()
  local l = socket.create_server("127.0.0.1", 0)
  local a = socket.create_connection("127.0.0.1", l:getsockname().port)
  local b = l:accept()
  a:sendall("one\ntwo\n")
  eq(b:readline(), "one")
  a:send("!", socket.MSG_OOB)
  select.select(nil, nil, {b}, 5)
  eq(b:recv(1, socket.MSG_OOB), "!")
  eq(b:recvmsg(100), "two\n")
  raises("EINVAL", b.recv, b, 1, socket.MSG_OOB)
  a:close() b:close() l:close()
end)

test("recvmsg with ancillary data and MSG_WAITALL fills", function()
  local a, b = socket.socketpair()
  b:settimeout(5)
  local sender = thread.start(function()
    a:send("abc")
    thread.sleep(0.02)
    a:send("def")
    thread.sleep(0.02)
    socket.send_fds(a, "ghi", {a})
    a:send("jkl")
    a:close()
  end)
  eq(b:recvmsg(5, 100, socket.MSG_WAITALL), "abcde")
  local data, fds = socket.recv_fds(b, 100, 3, socket.MSG_WAITALL)
  eq(data, "fghi") -- descriptors end what one call receives
  eq(#fds, 1)
  socket.close(fds[1])
  eq(b:recvmsg(100, 100, socket.MSG_WAITALL), "jkl")
  eq(sender:join(5), true)
  b:close()
end)
