-- coxpcall probes while it loads whether a coroutine can yield across pcall. As in Lua 5.1
-- it cannot, and coxpcall's own pcall, made of coroutines, is what can.

local coxpcall = require "coxpcall"

test("yields go through its pcall", function()
  local co = coroutine.wrap(function()
    return coxpcall.pcall(function(a)
      local b = coroutine.yield(a + 1)
      error({b}, 0)
    end, 1)
  end)
  eq(co(), 2)
  local ok, err = co("x")
  eq({ok, err}, {false, {"x"}})
end)

test("its xpcall calls the handler", function()
  local ok, err = coxpcall.xpcall(function() error("no", 0) end, function(e) return "handled " .. e end)
  eq({ok, err}, {false, "handled no"})
  eq({coxpcall.pcall(select, "#", 1, nil)}, {true, 2})
end)

test("running tells the coroutine of the caller", function()
  local co co = coroutine.create(function()
    return select(2, coxpcall.pcall(function() return coxpcall.running() == co end))
  end)
  eq({coroutine.resume(co)}, {true, true})
end)
