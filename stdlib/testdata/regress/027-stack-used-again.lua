-- A stack on which a thread had waited in pcall(thread.sleep, 0) was used again as one with another below it, by a hook
-- or a thread that begins in an object: what the function on it returned was lost, or became the results of the
-- thread that ended next.

local function waits() pcall(thread.sleep, 0.001) end

test("a thread with a hook", function()
  local t = thread.start(function()
    waits()
    debug.sethook(function() end, "l")
    local one = 1
    return 5
  end)
  eq({t:join(10)}, {true, 5})
end)

test("a thread that begins in an object", function()
  local object = setmetatable({}, {__call = function(_, ...) thread.sleep(0.001) return ... end})
  thread.start(waits):join(10)
  local threads = {}
  for i = 1, 5 do threads[i] = thread.start(object, i, "x") end
  for i = 1, 5 do eq({threads[i]:join(10)}, {true, i, "x"}) end
end)
