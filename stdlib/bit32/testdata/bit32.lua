-- bit32: what is in the manual of Lua 5.2; testdata/peer has the rows compared with Lua 5.2 itself.

test("results are unsigned", function()
  eq({bit32.bnot(0), bit32.band(-1), bit32.bor(2 ^ 31, 1), bit32.bxor(-1, 1)}, {4294967295, 4294967295, 2147483649, 4294967294})
  eq({bit32.band(), bit32.bor(), bit32.bxor(), bit32.btest()}, {4294967295, 0, 0, true})
  eq({bit32.btest(6, 1), bit32.btest(6, 2), bit32.btest(6, 2, 4)}, {false, true, false})
end)

test("identities of the manual", function()
  for b = 0, 1000, 37 do
    for disp = -31, 31 do
      eq(bit32.lshift(b, disp), math.floor(b * 2 ^ disp) % 2 ^ 32)
      eq(bit32.rshift(b, disp), math.floor(b % 2 ^ 32 / 2 ^ disp) % 2 ^ 32)
      eq(bit32.lrotate(b, disp), bit32.lrotate(b, disp % 32))
      eq(bit32.rrotate(b, disp), bit32.lrotate(b, -disp))
    end
  end
  eq(bit32.arshift(0x80000000, 31), 4294967295)
  eq(bit32.arshift(0x80000000, 100), 4294967295)
end)

test("fields", function()
  eq({bit32.extract(0xabcd, 4, 8), bit32.extract(0xabcd, 0), bit32.extract(0xffffffff, 0, 32)}, {0xbc, 1, 4294967295})
  eq({bit32.replace(0xabcd, 0x12, 4, 8), bit32.replace(0, 3, 31)}, {0xa12d, 2147483648})
  raises("bad argument #2 to 'extract' (field cannot be negative, got -1)", bit32.extract, 1, -1)
  raises("bad argument #3 to 'extract' (width must be positive, got 0)", bit32.extract, 1, 0, 0)
  raises("trying to access non-existent bits (30 to 34 of 0 to 31)", bit32.extract, 1, 30, 5)
  raises("bad argument #4 to 'replace' (width must be positive", bit32.replace, 1, 1, 0, -1)
end)

test("what is no number", function()
  raises("bad argument #2 to 'band' (number expected, got nil)", bit32.band, 1, nil)
  raises("bad argument #1 to 'bnot' (number expected, got no value)", bit32.bnot)
  raises("bad argument #1 to 'bor' (finite number expected, got nan or infinity)", bit32.bor, 0 / 0)
  raises("bad argument #2 to 'lshift' (number of bits expected, got nan or", bit32.lshift, 1, 1 / 0)
end)
