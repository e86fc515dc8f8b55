-- A global of the script's own is no module: loading the module of that name once filled it with
-- functions. (By its full name: beside this file there is another random.lua.)

test("require leaves the script's own table alone", function()
  random = {mine = true}
  eq({type(require "wirelua.random".bytes), random.bytes, random.mine}, {"function", nil, true})
  eq(require "wirelua.random" ~= random, true)
  random = nil
end)
