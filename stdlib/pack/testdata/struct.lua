-- struct: Python's formats.

local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end

test("byte order", function()
  eq(hex(struct.pack(">H", 1)), "0001")
  eq(hex(struct.pack("!H", 1)), "0001")
  eq(hex(struct.pack("<H", 1)), "0100")
  eq(struct.pack("=H", 1), struct.pack("@H", 1))
  eq(struct.pack("H", 1), struct.pack("@H", 1))
  eq(hex(struct.pack(">I", 0x01020304)), "01020304")
  eq(hex(struct.pack("<q", -2)), "feffffffffffffff")
  eq(hex(struct.pack(">d", 1)), "3ff0000000000000")
  eq(hex(struct.pack(">f", -2)), "c0000000")
  eq(hex(struct.pack("<e", 1.5)), "003e")
end)

test("sizes", function()
  for code, size in ("x1 c1 b1 B1 ?1 h2 H2 i4 I4 l4 L4 q8 Q8 e2 f4 d8 s1 p1"):gmatch "(%S)(%d)" do
    eq(struct.calcsize("<" .. code), tonumber(size), code)
  end
  eq({struct.calcsize "", struct.calcsize "<", struct.calcsize "!HI8s", struct.calcsize "3I", struct.calcsize "<0I"}, {0, 0, 14, 12, 0})
end)

test("only @ aligns", function()
  eq({struct.calcsize "bi", struct.calcsize "@bi", struct.calcsize "=bi", struct.calcsize "<bi"}, {8, 8, 5, 5})
  eq({struct.calcsize "ib", struct.calcsize "ib0i", struct.calcsize "bhb"}, {5, 8, 5}) -- 0i: padding at the end
  eq(struct.pack("b0h", 1), "\1\0")
  eq({struct.unpack("b0h", "\1\0")}, {1})
end)

test("counts, white space", function()
  eq(struct.pack("<2H", 1, 2), struct.pack("<HH", 1, 2))
  eq(struct.pack("< H \t\n2B ", 1, 2, 3), "\1\0\2\3")
  eq(struct.pack("<2x B 3x", 7), "\0\0\7\0\0\0")
  eq({struct.unpack("<2xB3x", "abcdef")}, {99})
  eq({struct.unpack("<3B", "\1\2\3")}, {1, 2, 3})
end)

test("strings", function()
  eq(struct.pack("4s", "ab"), "ab\0\0")
  eq(struct.pack("4s", "abcdef"), "abcd")
  eq(struct.pack("s", "abc"), "a")
  eq(struct.pack("0s", "abc"), "")
  eq({struct.unpack("4s0s", "ab\0\0")}, {"ab\0\0", ""})
  eq(struct.pack("5p", "abcdefg"), "\4abcd")
  eq(struct.pack("5p", "a"), "\1a\0\0\0")
  eq({struct.unpack("5p", "\2abcd"), (struct.unpack("5p", "\255abcd"))}, {"ab", "abcd"})
  eq({struct.unpack("3c", "abc")}, {"a", "b", "c"})
  eq(struct.pack("cc", "\0", "\255"), "\0\255")
end)

test("booleans", function()
  eq(struct.pack("??", true, false), "\1\0")
  eq({struct.unpack("3?", "\0\1\200")}, {false, true, true})
  raises("bad argument #2 to 'pack' (boolean expected, got number)", struct.pack, "?", 0)
end)

test("the ends of the ranges", function()
  for code, range in pairs {
    b = {-128, 127}, B = {0, 255}, h = {-32768, 32767}, H = {0, 65535}, i = {-2 ^ 31, 2 ^ 31 - 1}, I = {0, 2 ^ 32 - 1},
    l = {-2 ^ 31, 2 ^ 31 - 1}, L = {0, 2 ^ 32 - 1}, q = {-2 ^ 53, 2 ^ 53}, Q = {0, 2 ^ 53},
  } do
    for _, order in ipairs {"<", ">"} do
      local min, max = struct.unpack(order .. "2" .. code, struct.pack(order .. "2" .. code, range[1], range[2]))
      eq({min, max}, range, code)
      if range[2] < 2 ^ 53 then
        raises("'" .. code .. "' takes integers from ", struct.pack, order .. code, range[1] - 1)
        raises("'" .. code .. "' takes integers from ", struct.pack, order .. code, range[2] + 1)
      end
    end
  end
  raises("bad argument #3 to 'pack' ('B' takes integers from 0 to 255, got 256)", struct.pack, "2B", 0, 256)
  raises("'q' takes integers from -9223372036854775808 to 9223372036854775807, got", struct.pack, "q", 2 ^ 63)
  raises("'Q' takes integers from 0 to 18446744073709551615, got", struct.pack, "Q", 2 ^ 64)
  raises("'Q' takes integers from 0", struct.pack, "Q", -1)
end)

test("what is no integer is no guess", function()
  raises("bad argument #2 to 'pack' ('H' takes integers, got 1.5)", struct.pack, "H", 1.5)
  raises("'H' takes integers", struct.pack, "H", 0 / 0)
  raises("'H' takes integers from", struct.pack, "H", 1 / 0)
  raises("number expected, got boolean", struct.pack, "H", true)
  raises("number expected, got nil", struct.pack, "H", nil)
  eq(struct.pack(">H", "258"), "\1\2")
end)

test("integers that a number cannot hold are errors", function()
  eq(struct.unpack(">Q", "\0\32\0\0\0\0\0\0"), 2 ^ 53)
  raises("'Q': 9007199254740993 is more than a Lua number can hold exactly", struct.unpack, ">Q", "\0\32\0\0\0\0\0\1")
  raises("'Q': 18446744073709551615 is more", struct.unpack, ">Q", ("\255"):rep(8))
  raises("'q': -9007199254740993 is more", struct.unpack, ">q", "\255\223\255\255\255\255\255\255")
  eq(struct.unpack(">q", "\255\224\0\0\0\0\0\0"), -2 ^ 53)
  -- What pack takes unpack gives back.
  for _, x in ipairs {2 ^ 53 + 2, 2 ^ 60, 2 ^ 63, 2 ^ 64 - 2 ^ 11} do eq(struct.unpack("<Q", struct.pack("<Q", x)), x) end
  eq(struct.unpack("<q", struct.pack("<q", -2 ^ 63)), -2 ^ 63)
end)

test("floats", function()
  for _, x in ipairs {0, 1, -1, 0.5, 65504, 2 ^ -24, -2 ^ -14, 1 / 0, -1 / 0} do
    for _, f in ipairs {"<e", ">f", "<d", "d"} do eq(struct.unpack(f, struct.pack(f, x)), x) end
  end
  local nan = struct.unpack("<e", struct.pack("<e", 0 / 0))
  eq(nan ~= nan, true)
  eq(1 / struct.unpack("<e", struct.pack("<e", -1e-9)), -1 / 0) -- too small: zero, which keeps its sign
  eq(struct.unpack("<d", struct.pack("<d", 0.1)), 0.1)
  raises("bad argument #2 to 'pack' (float too large to pack as 'e': 65520)", struct.pack, "e", 65520)
  eq(struct.unpack("e", struct.pack("e", 65519)), 65504)
  raises("float too large to pack as 'f': 1e+39", struct.pack, "f", 1e39)
end)

test("unpack wants the very size", function()
  raises("unpack requires a buffer of 8 bytes for '<q', got 7", struct.unpack, "<q", ("x"):rep(7))
  raises("unpack requires a buffer of 8 bytes for '<q', got 9", struct.unpack, "<q", ("x"):rep(9))
  eq({struct.unpack("", "")}, {})
end)

test("unpack_from", function()
  local s = "\1\2\3\4\5\6"
  eq({struct.unpack_from(">HH", s)}, {258, 772})
  eq({struct.unpack_from(">HH", s, 3)}, {772, 1286})
  eq({struct.unpack_from(">H", s, -2)}, {1286})
  eq({struct.unpack_from("", s, 7)}, {})
  raises("unpack_from requires a buffer of at least 7 bytes for unpacking 4 bytes at position 4 (actual buffer size is 6)", struct.unpack_from, ">I", s, 4)
  raises("bad argument #3 to 'unpack_from' (position 8 is outside the string, which has 6 bytes)", struct.unpack_from, "B", s, 8)
  raises("position 0 is outside", struct.unpack_from, "B", s, 0)
  raises("position -7 is outside", struct.unpack_from, "B", s, -7)
end)

test("as many values as the format has", function()
  raises("pack expected 2 items for packing with '!HI' (got 1)", struct.pack, "!HI", 1)
  raises("pack expected 1 items for packing with '4s' (got 4)", struct.pack, "4s", 1, 2, 3, 4)
end)

test("bad formats", function()
  raises([[bad argument #1 to 'calcsize' (bad char in struct format 'iy': "y" at position 2)]], struct.calcsize, "iy")
  raises("the byte order comes first", struct.calcsize, "i<i")
  raises("the byte order comes first", struct.calcsize, " <i")
  raises("it goes with @ only", struct.calcsize, "<n")
  raises("the letter follows its count at once", struct.calcsize, "2 i")
  raises("repeat count given without format specifier in '12'", struct.calcsize, "12")
  raises("total struct size too long", struct.calcsize, ("9"):rep(50) .. "x")
  raises("total struct size too long", struct.pack, "200000000x200000000x")
  raises("string expected, got no value", struct.calcsize)
  raises("too many results to unpack", struct.unpack, "100000B", ("x"):rep(100000))
  raises("'c' takes a string of 1 byte, got 2 bytes", struct.pack, "c", "ab")
end)
