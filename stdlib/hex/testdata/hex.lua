-- hex: digits and dumps. The Go test compares dumps with hexdump -C.

test("encode, decode", function()
  eq({hex.encode "", hex.encode "\0\1\254\255 A"}, {"", "0001feff2041"})
  eq({hex.decode "", hex.decode "0001fEFF2041", hex.decode " de ad\n\tbe ef "}, {"", "\0\1\254\255 A", "\222\173\190\239"})
  for i = 0, 255 do eq(hex.decode(hex.encode(string.char(i))), string.char(i)) end
end)

test("what is wrong", function()
  raises("bad argument #1 to 'decode' (odd number of hexadecimal digits)", hex.decode, "abc")
  raises([[not a hexadecimal digit: "g" at position 2]], hex.decode, "0g")
  raises([[not a hexadecimal digit: " " at position 2]], hex.decode, "0 0")
  raises([[not a hexadecimal digit: "@"]], hex.decode, "@0")
  raises([[not a hexadecimal digit: "`"]], hex.decode, "`0")
  raises("string expected, got no value", hex.dump)
end)

test("dump", function()
  eq(hex.dump(""), "")
  eq(hex.dump("GET / HTTP/1.0\r\n\r\n"), [[
00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 30 0d 0a  |GET / HTTP/1.0..|
00000010  0d 0a                                             |..|
00000012
]])
  eq(hex.dump(("\0"):rep(64) .. "x"), [[
00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
00000040  78                                                |x|
00000041
]])
end)
