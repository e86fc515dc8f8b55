-- json.decode: what comes out, and where a text is wrong.

test("values", function()
  eq({json.decode "true", json.decode "false", json.decode " 12 ", json.decode '"x"', json.decode "{}", json.decode "[]"}, {true, false, 12, "x", {}, {}})
  eq(json.decode '{"a": [1, 2.5, -3e2, {"b": "c"}], "d": ""}', {a = {1, 2.5, -300, {b = "c"}}, d = ""})
  eq(json.decode "\t\r\n[ 1 ,\n2 ]", {1, 2})
  eq(json.decode '{"a":1,"a":2}', {a = 2})
end)

test("null", function()
  eq({json.decode "null" == json.null, tostring(json.null), json.null == require "json".null}, {true, "null", true})
  local t = json.decode '[null,{"a":null}]'
  eq({t[1] == json.null, t[2].a == json.null, #t}, {true, true, 2})
  raises("json.null has no field 'x'", function() return json.null.x end)
  raises("cannot set field 'x' of a json.null", function() json.null.x = 1 end)
end)

test("strings", function()
  eq(json.decode [["\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00\u0000"]], '"\\/\b\f\n\r\tAé😀\0')
  eq(json.decode '"é日本😀"', "é日本😀")
  eq(json.decode [["\ud800"]], "\239\191\189") -- half a character: U+FFFD
end)

test("integers beyond 2^53 are rounded", function()
  eq({json.decode "9007199254740993", json.decode "18446744073709551615", json.decode "1e308", json.decode "1e-400"}, {2 ^ 53, 2 ^ 64, 1e308, 0})
end)

test("what is wrong, and where", function()
  for text, want in pairs {
    [""] = "line 1, column 1: unexpected end of JSON input",
    ["  "] = "line 1, column 3: unexpected end of JSON input",
    ['{"a":'] = "line 1, column 6: unexpected end of JSON input",
    ['{"a":1,\n "b":\n'] = "line 3, column 1: unexpected end",
    ["[1,2"] = "line 1, column 5: unexpected end of JSON input",
    ['["abc'] = "line 1, column 6: unexpected end of JSON input",
    ["[1,2]x"] = "line 1, column 6: invalid character 'x' after top-level value",
    ["[1,2] 3"] = "line 1, column 7: invalid character '3' after top-level value",
    ["[1,\n2,\n x]"] = "line 3, column 2: invalid character 'x' looking for beginning of value",
    ["[1,]"] = "line 1, column 4: invalid character ']'",
    ['{"a":1,}'] = "line 1, column 8: invalid character '}'",
    ["{a:1}"] = "line 1, column 2: invalid character 'a'",
    ["['a']"] = "line 1, column 2: invalid character '\\''",
    ["[01]"] = "line 1, column 3: invalid character '1'",
    ["[NaN]"] = "line 1, column 2: invalid character 'N'",
    ["nul"] = "line 1, column 4: unexpected end of JSON input",
    ["nulx"] = "line 1, column 4: invalid character 'x' in literal null (expecting 'l')",
    ['"\1"'] = "line 1, column 2: invalid character '\\x01' in string literal",
    ['"\\x"'] = "line 1, column 3: invalid character 'x' in string escape code",
    ['["é", é]'] = "line 1, column 7: invalid character",
    ["[1,\n 1e999]"] = "line 2, column 2: number 1e999 is too large",
    ['["a",\n"b\255"]'] = "line 2, column 3: byte 0xff is not UTF-8",
    ["\239\187\191[]"] = "line 1, column 1: a byte order mark (BOM), which JSON must not begin with",
  } do
    raises("invalid JSON at " .. want, json.decode, text)
  end
  raises("invalid JSON: nested more than 1000 deep", json.decode, ("["):rep(1002) .. ("]"):rep(1002))
  raises("nested more than 1000 deep", json.decode, ("["):rep(1e6) .. ("]"):rep(1e6))
  raises("bad argument #1 to 'decode' (string expected, got table)", json.decode, {})
end)

test("what was decoded encodes as it was", function()
  for _, text in ipairs {"[]", "{}", "[[],{}]", '{"a":[1,2,{"b":null}],"c":"\\u0001"}', "[1e+21,0.5,-0]", '"\239\191\189"'} do
    eq(json.encode(json.decode(text)), text)
  end
end)
