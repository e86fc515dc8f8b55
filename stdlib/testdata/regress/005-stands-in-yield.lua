-- gopher-lua takes the call of yield off the stack of a coroutine that waits in it. Fennel, Penlight
-- and whoever else looks into coroutines find who yielded at level 1, as in Lua 5.1; here it
-- was at level 0, and what level 1 told was the caller of that.

test("a coroutine that waits stands in yield", function()
  local function body() local x = 1 coroutine.yield(x) return x end
  local co = coroutine.create(body)
  eq(debug.getinfo(co, 0), nil, "to begin with")
  eq(debug.traceback(co), "stack traceback:")
  coroutine.resume(co)
  local y = debug.getinfo(co, 0)
  eq({y.what, y.func, y.currentline, y.namewhat, y.name}, {"C", coroutine.yield, -1, "field", "yield"})
  local i = debug.getinfo(co, 1)
  eq({i.func, i.currentline, i.what}, {body, i.linedefined, "Lua"})
  eq(debug.getinfo(co, 2), nil)
  eq({debug.getlocal(co, 1, 1)}, {"x", 1})
  eq({debug.getlocal(co, 0, 1)}, {nil})
  eq(debug.setlocal(co, 1, 1, 5), "x")
  local at = "\n\t" .. i.short_src .. ":" .. i.linedefined .. ": in function <" .. i.short_src .. ":" .. i.linedefined .. ">"
  eq(debug.traceback(co), "stack traceback:\n\t[Go]: in function 'yield'" .. at)
  eq(debug.traceback(co, "m", 1), "m\nstack traceback:" .. at)
  eq(debug.traceback(co, "m", 2), "m\nstack traceback:")
  eq({coroutine.resume(co)}, {true, 5})
  eq(debug.getinfo(co, 0), nil, "dead")
  eq(debug.traceback(co), "stack traceback:")
end)
