-- string.pack, string.unpack, string.packsize: Lua 5.3's.

local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end

test("they are there from the start, and methods of strings", function()
  eq({type(string.pack), type(string.unpack), type(string.packsize)}, {"function", "function", "function"})
  eq({(">I2"):pack(258), (">I2"):unpack("\1\2"), (">I2"):packsize()}, {"\1\2", 258, 2}) -- Lua keeps the first result
  eq({(">I2"):unpack("\1\2")}, {258, 3})
  eq({("x"):rep(2), string.format("%d", 1)}, {"xx", "1"})
  eq(require "string" == string, true)
end)

test("integers of all sizes", function()
  for n = 1, 16 do
    for _, order in ipairs {"<", ">", "="} do
      for _, x in ipairs {0, 1, 127, -1, -128} do
        local f = order .. "i" .. n
        local s = f:pack(x)
        eq({#s, f:unpack(s)}, {n, x, n + 1})
      end
    end
  end
  eq(hex((">i3"):pack(-2)), "fffffe")
  eq(hex(("<I3"):pack(0x010203)), "030201")
  eq(hex((">i10"):pack(-2)), "fffffffffffffffffffe")
  eq(hex((">I10"):pack(2)), "00000000000000000002")
  eq({("b B h H i I j J"):packsize(), ("<!8"):packsize(), ("L"):packsize() == ("l"):packsize()}, {1 + 1 + 2 + 2 + 4 + 4 + 8 + 8, 0, true})
end)

test("out of range", function()
  raises("bad argument #2 to 'pack' ('i1' takes integers from -128 to 127, got 128)", string.pack, "i1", 128)
  raises("'I3' takes integers from 0 to 16777215, got -1", string.pack, "I3", -1)
  raises("takes integers, got 0.5", string.pack, "i", 0.5)
  raises("'j': 9007199254740993 is more than a Lua number can hold exactly", string.unpack, ">j", "\0\32\0\0\0\0\0\1")
  raises("16-byte integer of 'i16' does not fit", string.unpack, "<i16", ("\0"):rep(15) .. "\1")
  raises("does not fit", string.unpack, "<i9", ("\255"):rep(8) .. "\0" )
  eq(string.unpack("<i9", ("\255"):rep(9)), -1)
  eq(hex(string.pack(">J", -1)), ("f"):rep(16)) -- as Lua 5.3
end)

test("floats", function()
  for _, f in ipairs {"f", "d", "n", ">f", "<d", ">n"} do
    eq({f:unpack(f:pack(-1.5))}, {-1.5, f:packsize() + 1})
  end
end)

test("strings", function()
  eq((">s2"):pack("text"), "\0\4text")
  eq({(">s2"):unpack("\0\4text")}, {"text", 7})
  eq(("<s"):pack("ab"), "\2" .. ("\0"):rep(("T"):packsize() - 1) .. "ab")
  eq({("z"):pack("a"), ("zz"):unpack("a\0bc\0")}, {"a\0", "a", "bc", 6})
  eq({("c4"):pack("ab"), ("c4"):unpack("ab\0\0")}, {"ab\0\0", "ab\0\0", 5})
  eq({("c0"):pack(""), ("c0"):unpack("")}, {"", "", 1})
  raises("string longer than 'c2': 3 bytes", string.pack, "c2", "abc")
  raises("string contains zeros", string.pack, "z", "a\0b")
  raises("string length 300 does not fit in the 1 bytes of 's1'", string.pack, "s1", ("x"):rep(300))
  raises("data string too short: 's1' needs 5 bytes at position 2, there are 2", string.unpack, "s1", "\5ab")
  raises("data string too short", string.unpack, "<s8", "\0\0\0\0\0\0\0\64")
  raises("unfinished string for format 'z' at position 1", string.unpack, "z", "abc")
end)

test("padding and alignment", function()
  eq(hex((">!4 b i4"):pack(1, 2)), "0100000000000002")
  eq(hex((">b i4"):pack(1, 2)), "0100000002")
  eq(hex((">!2 b i4"):pack(1, 2)), "010000000002")
  eq(hex((">!b d"):pack(1, 1)), "01000000000000003ff0000000000000")
  eq(("!8 b Xd"):packsize(), 8)
  eq(hex(("b x b"):pack(1, 2)), "010002")
  eq({(">!4 b i4"):unpack("\1\9\9\9\0\0\0\2")}, {1, 2, 9})
  -- Alignment counts from the beginning of the string, not from pos.
  eq({(">!4 b i4"):unpack("...\1\0\0\0\2", 4)}, {1, 2, 9})
  raises("not a power of 2", string.packsize, "!4 i3")
  raises("invalid next option for option 'X'", string.packsize, "X")
  raises("invalid next option for option 'X'", string.packsize, "Xz")
  raises("invalid next option for option 'X'", string.packsize, "!4Xc4")
end)

test("positions", function()
  local s = ("<I2"):rep(3):pack(1, 2, 3)
  eq({("<I2"):unpack(s, 3)}, {2, 5})
  eq({("<I2"):unpack(s, -2)}, {3, 7})
  eq({(""):unpack(s, 7)}, {7})
  raises("bad argument #3 to 'unpack' (position 8 is outside the string, which has 6 bytes)", string.unpack, "b", s, 8)
  raises("position 0 is outside", string.unpack, "b", s, 0)
  raises("data string too short: 'I2' needs 2 bytes at position 6, there are 1", string.unpack, "<I2", s, 6)
end)

test("bad formats", function()
  raises([[bad argument #1 to 'pack' (invalid option "y" in format 'iy')]], string.pack, "iy", 1)
  raises("integral size (17) out of limits [1,16]", string.pack, "i17", 1)
  raises("integral size (0) out of limits [1,16]", string.packsize, "!0")
  raises("missing size for option 'c'", string.packsize, "c")
  raises("variable-size option 's'", string.packsize, "s")
  raises("variable-size option 'z'", string.packsize, "z")
  raises("more than 268435456 bytes", string.packsize, ("c200000000"):rep(2))
  raises("more than", string.pack, "c" .. ("9"):rep(40), "")
  raises("number expected, got no value", string.pack, "i")
end)
