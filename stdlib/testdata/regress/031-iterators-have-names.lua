-- An iterator was "[Go]: in a function" in tracebacks and in the reports of what threads wait in, to whoever looked for
-- the loop that hangs, though the interpreter knew its name, which errors told.

local a, b = socket.socketpair()
local queue = thread.queue()

test("a thread that waits in a loop", function()
  local t = thread.daemon(function() for _ in a:lines() do end end)
  local u = thread.daemon(function() pcall(function() for _ in queue:items() do end end) end)
  thread.yield()
  local report = debug.threads()
  t:cancel()
  u:cancel()
  for _, name in ipairs {"lines", "items"} do
    assert(report:find("\t[Go]: in function '" .. name .. "'\n", 1, true), report)
  end
  assert(not report:find("in a function", 1, true), report)
end)

test("a coroutine that waits in one, in a thread", function()
  local co = coroutine.create(function() for _ in b:chunks() do end end)
  local t = thread.daemon(coroutine.resume, co)
  thread.yield()
  local traced = debug.traceback(co)
  t:cancel()
  assert(traced:find("\t[Go]: in function 'chunks'\n", 1, true), traced)
end)

test("an iterator that fails, and what its caller calls it", function()
  a:settimeout(0)
  local _, traced = xpcall(function() for _ in a:lines(-1) do end end, debug.traceback)
  assert(traced:find("in function 'lines'", 1, true), traced)
  _, traced = xpcall(function() local mine = ("x"):gmatch("%1") mine() end, debug.traceback)
  assert(traced:find("[Go]: in function 'mine'", 1, true), traced)
  _, traced = xpcall(("x"):gmatch("%1"), debug.traceback) -- nobody has a name for it
  assert(traced:find("[Go]: in function 'gmatch'", 1, true), traced)
end)
