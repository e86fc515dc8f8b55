-- Errors name the line that Lua 5.1 names, and debug.* shows the variables that are in sight.

local function line(source)
  local _, err = pcall(assert(loadstring(source, "=l")))
  return tonumber(err:match("^l:(%d+):"))
end

test("the line of an error", function()
  eq(line("local a\n for i=1,'a' do \n print(i) \n end"), 2)
  eq(line("\n local a \n for k,v in 3 \n do \n print(k) \n end"), 3)
  eq(line("\n\n for k,v in \n 3 \n do \n print(k) \n end"), 4)
  eq(line("function a.x.y ()\na=a+1\nend"), 1)
  eq(line("local a = {}\na.b\n.c\n.d = 1"), 3)
  eq(line("local a\nlocal b = 1 +\n2 +\na"), 4)
  eq(line("local a\nprint(1,\na(),\n2)"), 3)
  eq(line("local a\na(\n1,\n2)"), 2)
  eq(line("local s = 'x'\ns:no(\n1)\n"), 2)
  eq(line("local a\nreturn 'x' ..\n'y' ..\na"), 4)
  eq(line("local a\nreturn 1 <\n a"), 3)
  eq(line("local a\nif a.b then\n end"), 2)
  eq(line("local a\nwhile a\n.b do\n end"), 3)
  eq(line("local t = setmetatable({}, {__newindex = function() error('e', 2) end})\nt.x =\n5"), 3)
  eq(line("local function f()\n error('e', 2)\nend\n\nf()\n"), 5)
  eq(line("local t = {\n1,\n2 + nil,\n3}"), 3)
  eq(line("return function()\nend\n+ 1"), 3)
end)

test("where functions begin and end", function()
  local fs = loadstring("return {\nfunction()\n\nend,\nfunction(a,\nb) return a end\n}", "=l")()
  local i, j = debug.getinfo(fs[1], "SL"), debug.getinfo(fs[2], "SL")
  eq({i.linedefined, i.lastlinedefined, j.linedefined, j.lastlinedefined}, {2, 4, 5, 6})
  eq({i.activelines, j.activelines}, {{[4] = true}, {[6] = true}})
end)

test("the variables in sight", function()
  local function locals()
    local names = {}
    for n = 1, 99 do
      local name, value = debug.getlocal(2, n)
      if not name then break end
      if name:sub(1, 1) ~= "(" then names[#names + 1] = name .. "=" .. tostring(value) end
    end
    return table.concat(names, " ")
  end
  local function f(a, ...)
    local b = 2
    do local c = 3 eq(locals(), "a=1 arg=nil b=2 c=3") end
    local d = locals()
    for i = 4, 4 do local e = i + 1 eq(locals(), "a=1 arg=nil b=2 d=a=1 arg=nil b=2 i=4 e=5") end
    for k, v in pairs {6} do eq(locals(), "a=1 arg=nil b=2 d=a=1 arg=nil b=2 k=1 v=6") end
    return d, ...
  end
  eq(f(1), "a=1 arg=nil b=2")
  eq({debug.getlocal(1, 1)}, {"locals", locals})
end)

test("names in tracebacks", function()
  local t = {}
  function t.field() return debug.traceback("m"), 1 end
  function t:method() return t.field(), 1 end
  local function upvalue() local s = t:method() return s end
  global_of_this_test = function() local s = upvalue() return s end
  local s = global_of_this_test()
  assert(s:find("in function 'field'.*in function 'method'.*in function 'upvalue'.*in function 'global_of_this_test'"), s)
  global_of_this_test = nil
end)

test("levels count no function that compiled code calls by itself", function()
  local mt = {}
  local o = setmetatable({}, mt)
  mt.__concat = function() error("bad", 2) end
  mt.__add = mt.__concat
  raises("lines.lua:" .. debug.getinfo(1, "l").currentline .. ": bad", function() return o .. "x" end)
  raises("lines.lua:" .. debug.getinfo(1, "l").currentline .. ": bad", function() return "x" + o end)
  local env = {}
  mt.__concat = function() return getfenv(2) end
  eq(setfenv(function(o) local e = o .. "x" return e end, env)(o), env)
  mt.__concat = function() return debug.getinfo(2, "f").func end
  local function f() local g = o .. "x" return g end
  eq(f(), f)
  mt.__concat = function() return debug.traceback("m") end
  assert(not (o .. "x"):find("[Go]: in a function", 1, true))
end)
