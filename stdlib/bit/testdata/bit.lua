-- bit: the examples of BitOp's manual; testdata/peer has the rows compared with LuaJIT itself.

test("results are signed", function()
  eq({bit.tobit(0xffffffff), bit.tobit(2 ^ 40 + 1234), bit.bnot(0), bit.bnot(0x12345678)}, {-1, 1234, -1, -305419897})
  eq({bit.bor(1, 2, 4, 8), bit.band(0x12345678, 0xff), bit.bxor(0xa5a5f0f0, 0xaa55ff00)}, {15, 0x78, 0x0ff00ff0})
end)

test("shifts", function()
  eq({bit.lshift(1, 0), bit.lshift(1, 8), bit.lshift(1, 40), bit.rshift(256, 8), bit.rshift(-256, 8)}, {1, 256, 256, 1, 16777215})
  eq({bit.arshift(256, 8), bit.arshift(-256, 8), bit.lshift(0x87654321, 12), bit.rshift(0x87654321, 12)}, {1, -1, 0x54321000, 0x87654})
  eq({bit.tohex(bit.rol(0x12345678, 12)), bit.tohex(bit.ror(0x12345678, 12))}, {"45678123", "67812345"})
end)

test("bswap, tohex", function()
  eq({bit.tohex(bit.bswap(0x12345678)), bit.bswap(0x78563412)}, {"78563412", 0x12345678})
  eq({bit.tohex(1), bit.tohex(-1), bit.tohex(0xffff), bit.tohex(-1, -8), bit.tohex(0x21, 4), bit.tohex(1, 20), bit.tohex(1, 0), bit.tohex(0x87654321, 4)},
    {"00000001", "ffffffff", "0000ffff", "FFFFFFFF", "0021", "00000001", "", "4321"})
end)

test("what is no number", function()
  raises("bad argument #1 to 'band' (number expected, got no value)", bit.band)
  raises("bad argument #2 to 'bor' (number expected, got table)", bit.bor, 1, {})
  raises("bad argument #2 to 'lshift' (number expected, got no value)", bit.lshift, 1)
  raises("bad argument #1 to 'tobit' (finite number expected, got nan or infinity)", bit.tobit, 1 / 0)
end)
