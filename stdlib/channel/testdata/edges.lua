-- What channel.lua leaves out: misuse, and where this library is better than gopher-lua's.

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

test("anything can be sent, and arrives itself", function()
  local ch = channel.make(1)
  local values = {
    setmetatable({}, {__index = {}}), function() end, thread.current(), ch,
    coroutine.create(function() end),
  }
  for _, v in ipairs(values) do
    eq(ch:send(v), true)
    eq(select(2, ch:receive()) == v, true)
  end
end)

test("a function can be sent by select, with and without a handler", function()
  local ch, called, f = channel.make(1), nil, function() error("must not be called") end
  eq({channel.select({"<-|", ch, f})}, {1, nil, false})
  eq(select(2, ch:receive()) == f, true)
  channel.select({"<-|", ch, f, function(v) called = v end})
  eq(called == f, true)
end)

test("channels are values like others", function()
  local a, b = channel.make(), channel.make()
  eq({a == a, a == b, type(a), ({[a] = "key"})[a]}, {true, false, "channel", "key"})
  assert(tostring(a):find("^channel: "))
  eq(getmetatable(a), "channel")
  eq(pcall(function() a.x = 1 end), false)
end)

test("closed is EPIPE, wherever it is noticed", function()
  local ch = channel.make(1)
  eq(ch:close(), true)
  local err = raises("EPIPE", ch.send, ch, 1)
  eq({err.op, tostring(err)}, {"send", "send: the channel is closed"})
  eq(raises("EPIPE", ch.close, ch).op, "close")
  eq(raises("EPIPE", channel.select, {"<-|", ch, 1}).op, "select")
end)

test("closing finds all who wait to send, and those who wait to receive", function()
  local ch, other, threads = channel.make(), channel.make(), {}
  for i = 1, 5 do
    threads[i] = thread.start(function() return pcall(ch.send, ch, i) end)
    threads[i + 5] = thread.start(function() return pcall(channel.select, {"<-|", ch, i}, {"<-|", other, i}, {"<-|", ch, i}) end)
  end
  thread.sleep(0.005)
  ch:close()
  for _, t in ipairs(threads) do
    local ok, err = join(t)
    eq({ok, err.code}, {false, "EPIPE"})
  end
  local full = channel.make()
  local t = thread.start(function() return channel.select({"|<-", full}, {"|<-", other}) end)
  thread.sleep(0.001)
  full:close()
  eq({join(t)}, {1, nil, false})
end)

test("select prefers nothing: each ready case has its turn", function()
  local a, b, counts = channel.make(1), channel.make(1), {0, 0}
  for _ = 1, 200 do
    a:send(1, 0)
    b:send(1, 0)
    local i = channel.select({"|<-", a}, {"|<-", b})
    counts[i] = counts[i] + 1
    local rest = i == 1 and b or a
    rest:receive()
  end
  assert(counts[1] > 20 and counts[2] > 20, counts[1] .. ", " .. counts[2])
end)

test("select sends or receives, whichever comes first", function()
  local inbox, outbox = channel.make(), channel.make()
  local t = thread.start(function() return outbox:receive() end)
  thread.sleep(0.001)
  eq((channel.select({"|<-", inbox}, {"<-|", outbox, "out"})), 2)
  eq({join(t)}, {true, "out"})
end)

test("a loop that asks without waiting lets others answer", function()
  local ch, got = channel.make(), nil
  thread.start(function() ch:send("answer") end)
  repeat channel.select({"|<-", ch, function(_, v) got = v end}, {"default"}) until got
  eq(got, "answer")
end)

test("an error in a case's function is the caller's", function()
  local ch = channel.make(1)
  ch:send(1)
  raises("in the handler", channel.select, {"|<-", ch, function() error("in the handler") end})
end)

test("wrong arguments", function()
  local ch = channel.make(1)
  raises("bad argument #1 to 'make' (buffer must be", channel.make, -1)
  raises("bad argument #1 to 'make'", channel.make, {})
  raises("bad argument #1 to 'send' (value expected, got no value)", ch.send, ch)
  raises("calling 'receive' on bad self (channel expected, got table", ch.receive, {})
  raises("bad argument #1 to 'select' (table expected", channel.select)
  raises("bad argument #2 to 'select' (table expected", channel.select, {"default"}, 5)
  raises("bad argument #1 to 'select' (case must begin with", channel.select, {})
  raises("bad argument #1 to 'select' (case must begin with", channel.select, {"->", ch})
  raises("bad argument #2 to 'select' (the case's [2] must be a channel, got nil)", channel.select, {"default"}, {"|<-"})
  raises("bad argument #1 to 'select' (the case's [3] must be a function, got number)", channel.select, {"|<-", ch, 5})
  raises("bad argument #2 to 'select' (a second default case)", channel.select, {"default"}, {"default"})
end)
