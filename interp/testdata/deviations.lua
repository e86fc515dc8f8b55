-- Where gopher-lua's machine answers otherwise than Lua 5.1. A ledger: each entry holds Lua's answer and is
-- skipped as long as it fails; when gopher-lua has learned better, the entry turns red and belongs into language.lua.

local function differs(name, fn)
  test(name, function()
    if pcall(fn) then error("Lua 5.1's answer by now: move this test to language.lua", 0) end
    skip("gopher-lua answers otherwise")
  end)
end

differs("numbers are written with 14 digits", function()
  eq(2 ^ 53 .. "", "9.007199254741e+15")
end)

differs("a remainder comes from a division that is rounded down", function()
  eq({1 % 0.1, 5 % math.huge ~= 5 % math.huge}, {0, true})
end)

differs("zero has a sign where it is computed", function()
  local zero = 0
  eq(1 / (zero * -1), -1 / 0)
end)

differs("strings have no metamethods for arithmetic", function()
  eq(getmetatable("").__add, nil)
end)
