-- xpcall whose handler failed gave the handler's error as its result; Lua 5.1 says
-- "error in error handling" and nothing else.

test("an error in xpcall's handler is told in Lua 5.1's words", function()
  eq({xpcall(error, error)}, {false, "error in error handling"})
  eq({xpcall(function() error("x") end, function(e) return e.x.y end)}, {false, "error in error handling"})
  local function deep() return 1 + deep() end
  eq({xpcall(deep, function() error("again") end)}, {false, "error in error handling"})
  eq({xpcall(function() error("x", 0) end, function(e) return e .. "y" end)}, {false, "xy"})
end)
