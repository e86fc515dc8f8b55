-- The module of the example in example_module_test.go: what it does when nothing is in its way, and
-- when its peer, its caller, the policy or the host's limits are.

-- answering starts a server for one connection, which goes on until fn returns.
local function answering(fn)
  local server = socket.create_server("127.0.0.1", 0)
  thread.start(function()
    local c = server:accept()
    server:close()
    fn(c)
    c:close()
  end)
  return tostring(server:getsockname())
end

local function silent(c) while c:recv(100) ~= "" do end end

test("a line for a line", function()
  local peer = lines.connect(answering(function(c)
    for line in c:lines() do c:sendall(line:upper() .. "\n") end
  end), {timeout = 5})
  eq(peer:ask("one"), "ONE")
  eq(peer:ask("two", 5), "TWO")
  eq(tostring(peer):match("^peer%(127%.0%.0%.1:%d+%)$") ~= nil, true)
  eq(peer:close(), true)
  eq(peer:close(), true)
end)

test("others go on while one waits, and can end that", function()
  local peer = lines.connect(answering(silent))
  local asking = thread.start(function() return peer:ask("anybody?") end)
  thread.yield()
  asking:cancel()
  eq(select(2, asking:join()).code, "ECANCELED")
  raises("ETIMEDOUT", peer.ask, peer, "still nobody?", 0.01)
  local waiting = thread.start(function() return peer:ask("anybody?") end)
  thread.yield()
  peer:close()
  eq(select(2, waiting:join()).code, "EBADF")
end)

test("what is wrong is said", function()
  raises("an address like 127.0.0.1:80 expected, got \"nowhere\"", lines.connect, "nowhere")
  raises("unknown option 'timout'", lines.connect, "127.0.0.1:80", {timout = 5})
  raises("peer has no field 'asks'; did you mean 'ask'?", function() return lines.connect(answering(function() end)).asks end)
  raises("EACCES", lines.connect, "192.0.2.1:80")
end)
