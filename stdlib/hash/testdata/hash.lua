-- hash: the rows that the standards give.

test("the digests of abc and of nothing", function()
  eq(hash.md5("abc"), "900150983cd24fb0d6963f7d28e17f72")
  eq(hash.md5(""), "d41d8cd98f00b204e9800998ecf8427e")
  eq(hash.sha1("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d")
  eq(hash.sha1(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709")
  eq(hash.sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  eq(hash.sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  eq(hash.sha512("abc"), "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
end)

test("raw or hex", function()
  for name, size in pairs {md5 = 16, sha1 = 20, sha256 = 32, sha512 = 64} do
    local raw = hash[name]("abc", "raw")
    eq(#raw, size)
    eq((raw:gsub("[%z\1-\255]", function(c) return ("%02x"):format(c:byte()) end)), hash[name]("abc"))
    eq(hash[name]("abc", "hex"), hash[name]("abc"))
  end
end)

test("hmac: RFC 4231, 2202", function()
  eq(hash.hmac("sha256", ("\11"):rep(20), "Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
  eq(hash.hmac("sha256", "Jefe", "what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  eq(hash.hmac("sha512", "Jefe", "what do ya want for nothing?"), "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737")
  eq(hash.hmac("sha256", ("\170"):rep(131), "Test Using Larger Than Block-Size Key - Hash Key First"), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  eq(hash.hmac("md5", "Jefe", "what do ya want for nothing?"), "750c783e6ab0b503eaa86e310a5db738")
  eq(hash.hmac("sha1", "Jefe", "what do ya want for nothing?"), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
  eq(#hash.hmac("sha1", "", "", "raw"), 20)
  eq(hash.hmac("SHA256", "k", "s"), hash.hmac("sha256", "k", "s"))
  eq(hash.hmac("Md5", "k", "s"), hash.hmac("md5", "k", "s"))
end)

test("crc32", function()
  eq({hash.crc32(""), hash.crc32("123456789"), hash.crc32("\0\0\0\0")}, {0, 0xcbf43926, 0x2144df1c})
end)

test("bad arguments", function()
  raises([[bad argument #2 to 'md5' (form must be "hex" or "raw", got "base64")]], hash.md5, "x", "base64")
  raises([[bad argument #1 to 'hmac' (digest must be "md5", "sha1", "sha256" or "sha512", got "sha3")]], hash.hmac, "sha3", "k", "s")
  raises([[bad argument #4 to 'hmac' (form must be]], hash.hmac, "sha1", "k", "s", "bin")
  raises("bad argument #3 to 'hmac' (string expected, got no value)", hash.hmac, "sha1", "k")
  raises("string expected, got nil", hash.sha256, nil)
end)
