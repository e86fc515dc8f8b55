-- Penlight: classes, functional tables, templates, lexers, loadstring with environments,
-- debug.getinfo. Its suite is what found debug.gethook missing and levels counted wrong.

test("lists and tables", function()
  local List, tablex = require "pl.List", require "pl.tablex"
  local l = List{3, 1, 2}
  eq(tostring(l:sort()), "{1,2,3}")
  eq(tostring(l:map("+", 1):filter(function(x) return x > 2 end)), "{3,4}")
  eq(l:slice(-2), List{2, 3})
  eq(tablex.keys({a = 1}), List{"a"})
  assert(tablex.deepcompare(tablex.deepcopy({1, {2, x = 3}}), {1, {2, x = 3}}))
  eq(tablex.reduce("..", {"a", "b", "c"}), "abc")
end)

test("classes", function()
  local class = require "pl.class"
  local Animal = class()
  function Animal:_init(name) self.name = name end
  function Animal:__tostring() return self.name .. ": " .. self:speak() end
  local Cat = class(Animal)
  function Cat:speak() return "meow" end
  local felix = Cat "Felix"
  eq(tostring(felix), "Felix: meow")
  eq({felix:is_a(Animal), Cat:class_of(felix), Animal:class_of(felix)}, {true, true, true})
end)

test("strings", function()
  local stringx = require "pl.stringx"
  eq({stringx.partition("a=b=c", "=")}, {"a", "=", "b=c"})
  eq(stringx.split("  a b  c ").n, nil)
  eq(table.concat(stringx.split("a,b,,c", ","), "|"), "a|b||c")
  eq(stringx.Template("$who says ${what}"):substitute{who = "she", what = "hi"}, "she says hi")
  eq(require "pl.sip".match("$v{name}=$d{n}", "x=12", {}), true)
end)

test("what is written is read again", function()
  local pretty = require "pl.pretty"
  local t = {1, "two", {x = 0.5, ["a b"] = true}}
  eq(pretty.read(pretty.write(t)), t)
  eq(pretty.write({1, 2}, ""), "{1,2}")
  local v, err = pretty.read("{ os.exit() }")
  eq(v, nil)
  assert(err, "functions are refused")
end)

test("templates are chunks with an environment", function()
  local template = require "pl.template"
  local out = assert(template.substitute("# for i, name in ipairs(names) do\n$(i): $(name:upper())\n# end\n", {
    ipairs = ipairs, names = {"ann", "bob"},
  }))
  eq(out, "1: ANN\n2: BOB\n")
end)

test("the lexer yields its tokens", function()
  local kinds = {}
  for kind, text in require "pl.lexer".lua("local s = 'x' -- done\n") do kinds[#kinds + 1] = kind .. ":" .. text end
  eq(table.concat(kinds, " "), "keyword:local iden:s =:= string:x")
end)

test("comprehensions, sequences, ordered maps", function()
  local squares = require "pl.comprehension".new() "x^2 for x if x % 2 == 1"
  eq(squares{1, 2, 3, 4, 5}, {1, 9, 25})
  local seq = require "pl.seq"
  eq(tostring(seq{1, 2, 3}:map("*", 10):copy()), "{10,20,30}")
  local map = require "pl.OrderedMap" {{z = 1}, {a = 2}, {m = 3}}
  eq(table.concat(map:keys(), ""), "zam")
end)

test("data and XML", function()
  local data = require "pl.data".read(require "pl.stringio".open("name,age\nann,30\nbob,25\n"))
  eq(data:column_by_name("age"), {30, 25})
  local doc = require "pl.xml".parse("<a x='1'><b>t</b><c/></a>", false, true)
  eq({doc.tag, doc.attr.x, doc[1][1], doc[2].tag}, {"a", "1", "t", "c"})
end)

test("strict tables refuse what was not declared", function()
  local strict = require "pl.strict".module("test", {})
  raises("not declared", function() return strict.missing end)
end)
