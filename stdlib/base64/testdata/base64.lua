-- base64: the rows of RFC 4648, both alphabets, what is wrong.

local rows = {[""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", fooba = "Zm9vYmE=", foobar = "Zm9vYmFy", ["\0\255\254"] = "AP/+"}

test("RFC 4648", function()
  for plain, text in pairs(rows) do
    eq(base64.encode(plain), text)
    eq(base64.decode(text), plain)
    eq(base64.decode((text:gsub("=", ""))), plain, "without padding")
  end
end)

test("the URL alphabet", function()
  eq({base64.encode("\251\255\254", "url"), base64.encode("\251\255\254"), base64.encode("\251\255\254", "standard")}, {"-__-", "+//+", "+//+"})
  eq({base64.decode("-__-"), base64.decode("+//+"), base64.encode("f", "url")}, {"\251\255\254", "\251\255\254", "Zg=="})
  raises([[bad argument #2 to 'encode' (alphabet must be "standard" or "url", got "URL")]], base64.encode, "x", "URL")
end)

test("every byte, every length", function()
  local all = {}
  for i = 0, 255 do all[i + 1] = string.char(i) end
  all = table.concat(all)
  for n = 0, 256 do
    local s = all:sub(256 - n + 1)
    eq(base64.decode(base64.encode(s)), s)
    eq(base64.decode((base64.encode(s, "url"):gsub("=+$", ""))), s)
  end
end)

test("line ends are passed over", function()
  eq(base64.decode("Zm9v\r\nYmFy\n"), "foobar")
  eq(base64.decode("Zm9vYg=\n="), "foob")
end)

test("what is wrong", function()
  raises([[bad argument #1 to 'decode' (not base64: "!" at position 5)]], base64.decode, "Zm9v!mFy")
  raises([[not base64: " " at position 3]], base64.decode, "Zm 9v")
  raises([[not base64: "\xff" at position 4]], base64.decode, "Zm9\255")
  raises("it ends in the middle, or is padded wrongly", base64.decode, "Zg==x")
  raises("it ends in the middle, or is padded wrongly", base64.decode, "Z")
  raises("it ends in the middle, or is padded wrongly", base64.decode, "Zg=")
  raises("it ends in the middle, or is padded wrongly", base64.decode, "Zm9v=")
  raises("it ends in the middle, or is padded wrongly", base64.decode, "====")
  raises("string expected, got nil", base64.encode, nil)
end)
