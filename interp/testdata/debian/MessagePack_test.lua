-- MessagePack looks at string.dump's header while it loads, to know how numbers are kept,
-- and takes them apart with frexp and ldexp.

local mp = require "MessagePack"

local function bytes(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end

test("packed as the specification has it", function()
  for _, case in ipairs{
    {nil, "c0"}, {false, "c2"}, {1, "01"}, {-1, "ff"}, {127, "7f"}, {128, "cc80"}, {-32, "e0"}, {-33, "d0df"}, {65536, "ce00010000"},
    {2 ^ 32, "cf0000000100000000"}, {-2 ^ 31 - 1, "d3ffffffff7fffffff"}, {0.5, "cb3fe0000000000000"}, {-1 / 0, "cbfff0000000000000"},
    {"a", "a161"}, {("x"):rep(32), "da0020" .. ("78"):rep(32)}, {{}, "90"}, {{1, 2, 3}, "93010203"}, {{a = {true}}, "81a16191c3"},
  } do
    eq(bytes(mp.pack(case[1])), case[2])
  end
end)

test("what is packed is unpacked", function()
  for _, v in ipairs{0, -1, 1e300, 2 ^ 53, -2 ^ 53, 0.1, "", "\0\255", {1, {2, {x = "y"}}}, {[1] = "a", b = {}}} do
    eq(mp.unpack(mp.pack(v)), v)
  end
  local all = {}
  for _, v in mp.unpacker(mp.pack(1) .. mp.pack("two") .. mp.pack({3})) do all[#all + 1] = v end
  eq(all, {1, "two", {3}})
end)

test("what is broken is refused", function()
  raises("missing bytes", mp.unpack, "\147\1\2")
  raises("extra bytes", mp.unpack, "\1\2")
  raises("pack 'function' is unimplemented", mp.pack, print)
end)
