-- channel: gopher-lua's library, for talking with Go; here both ends are Lua's, and waiting lets others run.

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

test("a channel without a buffer hands over", function()
  local ch = channel.make()
  local t = thread.start(function() return ch:receive() end)
  ch:send("hello")
  eq({join(t)}, {true, "hello"})
end)

test("send waits for the receiver, and others run meanwhile", function()
  local ch, log = channel.make(), {}
  local t = thread.start(function()
    ch:send(1)
    log[#log + 1] = "sent"
  end)
  thread.yield()
  log[#log + 1] = "receiving"
  eq({ch:receive()}, {true, 1})
  join(t)
  eq(log, {"receiving", "sent"})
end)

test("a buffer lets send go on until it is full", function()
  local ch = channel.make(2)
  ch:send("a")
  ch:send("b")
  local t = thread.start(function() ch:send("c") end)
  thread.yield()
  eq(t:alive(), true)
  eq({ch:receive()}, {true, "a"})
  join(t)
  eq({ch:receive()}, {true, "b"})
  eq({ch:receive()}, {true, "c"})
end)

test("a closed channel gives what is in it, then false", function()
  local ch = channel.make(2)
  ch:send("last")
  ch:close()
  eq({ch:receive()}, {true, "last"})
  eq({ch:receive()}, {false, nil})
  eq({ch:receive()}, {false, nil})
end)

test("close wakes a receiver", function()
  local ch = channel.make()
  local t = thread.start(function() return (ch:receive()) end)
  thread.yield()
  ch:close()
  eq(join(t), false)
end)

test("sending on a closed channel, or closing it twice, is an error and no crash", function()
  local ch = channel.make(1)
  ch:close()
  eq(pcall(function() ch:send(1) end), false)
  eq(pcall(function() ch:close() end), false)
end)

test("closing while a sender waits is the sender's error", function()
  local ch = channel.make()
  local t = thread.start(function() return pcall(function() ch:send(1) end) end)
  thread.yield()
  ch:close()
  eq((join(t)), false)
end)

test("values that pass", function()
  local ch = channel.make(1)
  for _, v in ipairs {"text\0", 1.5, true, false} do
    ch:send(v)
    eq({ch:receive()}, {true, v})
  end
  ch:send(nil)
  eq({ch:receive()}, {true, nil})
end)

test("select receives from whichever is ready", function()
  local a, b = channel.make(1), channel.make(1)
  b:send("from b")
  eq({channel.select({"|<-", a}, {"|<-", b})}, {2, "from b", true})
  a:send("from a")
  eq({channel.select({"|<-", a}, {"|<-", b})}, {1, "from a", true})
end)

test("select calls the case's function", function()
  local ch = channel.make(1)
  ch:send("value")
  local got
  channel.select({"|<-", ch, function(ok, v) got = {ok, v} end})
  eq(got, {true, "value"})
  ch:close()
  channel.select({"|<-", ch, function(ok, v) got = {ok, v} end})
  eq(got, {false, nil})
end)

test("select sends", function()
  local ch, got = channel.make(1), nil
  eq((channel.select({"<-|", ch, "out", function(v) got = v end})), 1)
  eq(got, "out")
  eq({ch:receive()}, {true, "out"})
end)

test("select with a default does not wait", function()
  local ch, called = channel.make(), false
  eq((channel.select({"|<-", ch}, {"default", function() called = true end})), 2)
  eq(called, true)
end)

test("select waits, and others run meanwhile", function()
  local ch, never = channel.make(), channel.make()
  local t = thread.start(function() return channel.select({"|<-", never}, {"|<-", ch}) end)
  thread.yield()
  eq(t:alive(), true)
  ch:send("late")
  eq({join(t)}, {2, "late", true})
end)

test("the case's function may wait", function()
  local ch, a, b = channel.make(1), socket.socketpair()
  local t = thread.start(function() b:sendall(b:readline() .. " back\n") end)
  ch:send("there and")
  local answer
  channel.select({"|<-", ch, function(_, v)
    a:sendall(v .. "\n")
    answer = a:readline()
  end})
  eq(answer, "there and back")
  join(t)
  a:close() b:close()
end)

test("waiting works in pcall and coroutines", function()
  local ch = channel.make()
  local t = thread.start(function() for i = 1, 2 do ch:send(i) end end)
  eq({pcall(ch.receive, ch)}, {true, true, 1})
  eq({coroutine.wrap(function() return ch:receive() end)()}, {true, 2})
  join(t)
end)

test("many senders and receivers", function()
  local ch, done, sum = channel.make(3), thread.queue(), 0
  for i = 1, 20 do thread.start(function() for n = 1, 10 do ch:send(n) end end) end
  for i = 1, 10 do
    thread.start(function()
      local s = 0
      for _ = 1, 20 do s = s + select(2, ch:receive()) end
      done:put(s)
    end)
  end
  for _ = 1, 10 do sum = sum + done:get(5) end
  eq(sum, 20 * 55)
end)

test("wrong arguments", function()
  eq(pcall(channel.select, {"sideways", channel.make()}), false)
  eq(pcall(channel.select, {"|<-", "no channel"}), false)
  eq(pcall(channel.make, "x"), false)
end)
