-- inspect: sorts keys of all types, follows metatables, numbers what is found twice.

local inspect = require "inspect"

test("values", function()
  eq(inspect({1, 2, "x\n", a = 0.5, ["not a name"] = true}), [[{ 1, 2, "x\n",
  a = 0.5,
  ["not a name"] = true
}]])
  eq(inspect({math.huge, -math.huge}), "{ inf, -inf }")
  eq(inspect('say "hi"'), [['say "hi"']])
end)

test("cycles and metatables", function()
  local t = setmetatable({}, {__mode = "v"})
  t.self = t
  eq(inspect(t), [[<1>{
  self = <table 1>,
  <metatable> = {
    __mode = "v"
  }
}]])
end)

test("processing", function()
  eq(inspect({secret = 1, a = {secret = 2, b = 3}}, {process = function(v, path)
    if path[#path] ~= "secret" then return v end
  end, newline = "", indent = ""}), "{a = {b = 3}}")
end)
