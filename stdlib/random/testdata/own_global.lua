-- A global of the script's own is no module: loading the module of that name once filled it with
-- functions.

test("require leaves the script's own table alone", function()
  random = {mine = true}
  eq({type(require "random".bytes), random.bytes, random.mine}, {"function", nil, true})
  eq(require "random" ~= random, true)
  random = nil
end)
