-- The handler of xpcall ran when a stack overflow had been unwound already: its traceback showed
-- what had called xpcall, and nothing of the calls that had overflowed.

test("the handler of an overflow sees the calls that overflowed", function()
  local function deep() return 1 + deep() end
  local ok, tb = xpcall(function() return (deep()) end, debug.traceback)
  eq(ok, false)
  assert(tb:find("^[^\n]*stack overflow\nstack traceback:\n"), tb)
  local _, frames = tb:gsub("in function 'deep'", "")
  assert(frames > 15, tb)
  assert(tb:find("\n\t%.%.%.\n.*in function 'xpcall'\n.*%-overflow.lua"), tb)
  eq({xpcall(deep, function(m) return m:match("stack overflow"), 2 end)}, {false, "stack overflow"})
  eq({xpcall(deep, function() return debug.getinfo(2, "f").func == deep end)}, {false, true})
  eq({xpcall(deep, function() error("again") end)}, {false, "error in error handling"})
  eq({xpcall(deep, deep)}, {false, "error in error handling"})
end)
