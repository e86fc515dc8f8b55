-- load, loadstring, loadfile and dofile: what they take beside the source.

local function pieces(...)
  local list, i = { ... }, 0
  return function() i = i + 1 return list[i] end
end

test("load puts a chunk together from pieces", function()
  eq(load(pieces("return ", 1, "+", "2"))(), 3)
  eq(load(pieces("return 1", "", "+ 2"))(), 1)
  local f, err = load(pieces("return 1 +"))
  eq({ f, err:match("^%(load%):1: ") }, { nil, "(load):1: " }, err)
  eq({ load(pieces("x", {})) }, { nil, "reader function must return a string" })
  f, err = load(pieces("return +"), "=named")
  eq({ f, err:match("^named:1: ") }, { nil, "named:1: " }, err)
end)

-- The error went through load, to whoever had called that.
test("a reader that raises gives nil and what it raised", function()
  eq({ load(function() error("no more", 0) end) }, { nil, "no more" })
  local thrown = {}
  local f, err = load(function() error(thrown) end)
  eq(f == nil and err == thrown, true)
  eq(select("#", load(function() error() end)), 2)
end)

-- Both were ignored: a chunk that was to see one table alone had all globals.
test("load takes a mode and an environment", function()
  local env = {}
  assert(load("x = 1", "c", "t", env))()
  assert(load(pieces("y = ", "2"), "c", "bt", env))()
  eq({ env.x, env.y, x, y }, { 1, 2, nil, nil })
  eq(getfenv(load("return 1", "c", "t", env)) == env, true)
  eq(getfenv(load("return 1", "c", nil, nil)) == _G, true)
  eq({ load("x = 1", "c", "b") }, { nil, "attempt to load a text chunk (mode is 'b')" })
  eq({ load(pieces("x = 1"), "c", "b") }, { nil, "attempt to load a text chunk (mode is 'b')" })
  raises("bad argument #3 to 'load' (mode must be", load, "x = 1", "c", "x")
  raises("bad argument #4 to 'load' (table expected, got number)", load, "x = 1", "c", "t", 5)
end)

test("so does loadfile; a mark of the byte order, and a first line with #, are skipped", function()
  local name = os.tmpname()
  local f = assert(io.open(name, "w"))
  f:write("\239\187\191#!/usr/bin/env wirelua\nfound = where return 7")
  f:close()
  local env = { where = "here" }
  eq(assert(loadfile(name, "t", env))(), 7)
  eq({ env.found, found }, { "here", nil })
  eq({ loadfile(name, "b") }, { nil, "attempt to load a text chunk (mode is 'b')" })
  eq(dofile(name), 7)
  found = nil
  os.remove(name)
  eq(loadstring("\239\187\191return 1")(), 1)
end)

test("package.loadlib says that there is nothing to load", function()
  local f, message, where = package.loadlib("libm.so", "luaopen_m")
  eq({ f, type(message), where }, { nil, "string", "absent" })
end)
