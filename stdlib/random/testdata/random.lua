-- random.bytes

test("as many bytes as asked for, other ones each time", function()
  eq({#random.bytes(0), #random.bytes(1), #random.bytes(16), #random.bytes(2 ^ 24)}, {0, 1, 16, 2 ^ 24})
  eq(random.bytes(16) ~= random.bytes(16), true)
end)

test("every byte comes", function()
  local seen, n = {}, 0
  for c in random.bytes(20000):gmatch(".") do -- one is missing once in 10^31
    if not seen[c] then seen[c], n = true, n + 1 end
  end
  assert(n >= 255, n) -- "." may leave "\0" out
end)

test("bad arguments", function()
  raises("bad argument #1 to 'bytes' (number of bytes must be 0-16777216, got -1)", random.bytes, -1)
  raises("must be 0-16777216", random.bytes, 2 ^ 24 + 1)
  raises("must be 0-16777216, got 1.5", random.bytes, 1.5)
  raises("number expected, got no value", random.bytes)
end)
