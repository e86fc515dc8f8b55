-- json.encode: what is written, and what is refused.

test("values", function()
  eq({json.encode(true), json.encode(false), json.encode(json.null), json.encode(nil)}, {"true", "false", "null", "null"})
  eq({json.encode "", json.encode "a", json.encode {}, json.encode {1, 2, {3}}, json.encode {a = 1}}, {'""', '"a"', "{}", "[1,2,[3]]", '{"a":1}'})
end)

test("numbers", function()
  for text, x in pairs {["0"] = 0, ["1"] = 1, ["-7"] = -7, ["0.1"] = 0.1, ["80"] = 80.0, ["9007199254740992"] = 2 ^ 53, ["1000000"] = 1e6,
    ["100000000000000000000"] = 1e20, ["1e+21"] = 1e21, ["1e-7"] = 1e-7, ["0.000001"] = 1e-6, ["1.5e+300"] = 1.5e300,
    ["0.30000000000000004"] = 0.1 + 0.2, ["5e-324"] = 5e-324} do
    eq(json.encode(x), text)
    eq(json.decode(text), x)
  end
  raises("bad argument #1 to 'encode' (nan and infinity have no form in JSON)", json.encode, 0 / 0)
  raises("(.load[2]: nan and infinity have no form in JSON)", json.encode, {load = {1, 1 / 0}})
end)

test("strings", function()
  eq(json.encode('"\\/\b\f\n\r\t\0\1\31\127'), [["\"\\/\b\f\n\r\t\u0000\u0001\u001f]] .. '\127"')
  eq(json.encode("<&>é日本😀\226\128\168"), '"<&>é日本😀\226\128\168"')
  eq(json.encode {['"'] = 1}, [[{"\"":1}]])
  raises("(the string is not UTF-8 (byte 0xff at position 3); bytes can go as base64 or hex)", json.encode, "ab\255")
  raises("(.rows[1].data: the string is not UTF-8 (byte 0xc3 at position 1)", json.encode, {rows = {{data = "\195("}}})
  raises("byte 0xed at position 1", json.encode, "\237\160\128") -- half a character
  raises("not UTF-8 (byte 0x80", json.encode, {["\128"] = 1})
end)

test("keys are in order", function()
  eq(json.encode {b = 1, a = 2, C = 3, [""] = 4, aa = 5, ["1"] = 6}, '{"":4,"1":6,"C":3,"a":2,"aa":5,"b":1}')
end)

test("arrays and objects", function()
  eq({json.encode {}, json.encode(json.array()), json.encode(json.array {}), json.encode {json.array(), {}}}, {"{}", "[]", "[]", "[[],{}]"})
  local list = json.array()
  list[1] = "x"
  eq(json.encode(list), '["x"]')
  list[1] = nil
  eq(json.encode(list), "[]")
  eq(json.array(list) == list, true)
  eq(json.encode(json.decode '{"a":[],"b":{}}'), '{"a":[],"b":{}}')
  eq(json.encode(setmetatable({}, {__jsontype = "array"})), "[]")
  raises("bad argument #1 to 'array' (the table has a metatable", json.array, setmetatable({}, {}))
  local holes = {}
  holes[3], holes[2], holes[1] = 3, 2, 1 -- an array however it was filled
  eq(json.encode(holes), "[1,2,3]")
  eq(json.encode {json.null, 1, json.null}, "[null,1,null]")
end)

test("tables that are neither", function()
  raises("(the array has a gap: [2] is nil, but there is [3]; json.null can fill it", json.encode, {1, nil, 3})
  raises("the array has a gap: [1] is nil, but there is [100]", json.encode, {[100] = 1})
  raises("(.t: the array has the key \"n\", too", json.encode, {t = {1, 2, n = 2}})
  raises("the array has the key \"x\", too", json.encode, (function() local t = json.array() t.x = 1 return t end)())
  raises("(the key true has no form in JSON: keys are strings, or 1 to n)", json.encode, {[true] = 1})
  raises("the key 1.5 has no form", json.encode, {[1.5] = 1})
  raises("the key 0 has no form", json.encode, {[0] = 1})
  raises("the key -1 has no form", json.encode, {[-1] = 1})
end)

test("values without a form", function()
  raises("bad argument #1 to 'encode' (values of type function have no form in JSON)", json.encode, print)
  raises("(.users[2].name: values of type function have no form in JSON)", json.encode, {users = {{name = "x"}, {name = print}}})
  raises([[(["a b"][1][""]: values of type thread have no form in JSON)]], json.encode, {["a b"] = {{[""] = coroutine.create(print)}}})
  raises("bad argument #1 to 'encode' (value expected)", json.encode)
end)

test("tables that contain themselves", function()
  local t = {a = {b = {}}}
  t.a.b[1] = t
  raises("(.a.b[1]: the table contains itself: it is the same as the whole)", json.encode, t)
  t.a.b[1] = t.a
  raises("(.a.b[1]: the table contains itself: it is the same as .a)", json.encode, t)
  local twice = {1}
  eq(json.encode {twice, twice}, "[[1],[1]]") -- twice is no circle
end)

test("depth is bounded", function()
  local t = {}
  for _ = 1, 999 do t = {t} end
  eq(#json.encode(t), 2000)
  eq(json.encode(json.decode(json.encode(t))), json.encode(t))
  raises("(nested more than 1000 tables deep, at [1][1][1][1][1][1][1][1][1][1]...)", json.encode, {t})
end)

test("what would not fit in memory is refused", function()
  local t = {("x"):rep(2 ^ 20)}
  for _ = 1, 100 do t = {t, t} end -- 2^100 times the text
  raises("string too large", json.encode, t)
end)

test("indent", function()
  local t = {list = {1, {}, json.array()}, name = "x"}
  eq(json.encode(t, {indent = 2}), [[
{
  "list": [
    1,
    {},
    []
  ],
  "name": "x"
}]])
  eq(json.encode({{1}}, {indent = "\t"}), "[\n\t[\n\t\t1\n\t]\n]")
  eq(json.encode({1}, {indent = 0}), "[\n1\n]")
  eq({json.encode({1}, {}), json.encode({1}, nil), json.encode(1, {indent = 4})}, {"[1]", "[1]", "1"})
  raises("bad argument #2 to 'encode' (option 'indent' must be 0-100, or at most 100 spaces and tabs, got -1)", json.encode, 1, {indent = -1})
  raises("option 'indent' must be 0-100, or at most 100 spaces and tabs, got \"x\"", json.encode, 1, {indent = "x"})
  raises("spaces and tabs, got true", json.encode, 1, {indent = true})
  raises("unknown option 'indents', there are: indent; did you mean 'indent'?", json.encode, 1, {indents = 2})
  raises("table expected, got number", json.encode, 1, 2)
end)
