-- require, package, module files, dofile.

local function with_file(content, fn)
  local path = os.tmpname()
  local f = assert(io.open(path, "w"))
  f:write(content)
  f:close()
  local ok, err = pcall(fn, path)
  os.remove(path)
  if not ok then error(err, 0) end
end

test("the libraries are modules and globals", function()
  for _, name in ipairs {"string", "table", "math", "io", "os", "coroutine", "debug", "package"} do
    eq(require(name) == _G[name], true, name)
    eq(package.loaded[name] == _G[name], true, name)
  end
  eq(package.loaded._G == _G, true)
end)

test("package.preload runs once and gets the name", function()
  local calls = {}
  package.preload["conformance.a"] = function(...)
    calls[#calls + 1] = {...}
    return {value = 42}
  end
  local m = require "conformance.a"
  eq(m.value, 42)
  eq(require "conformance.a" == m, true)
  eq(package.loaded["conformance.a"] == m, true)
  eq(#calls, 1)
  eq(calls[1][1], "conformance.a")
  package.loaded["conformance.a"] = nil
  require "conformance.a"
  eq(#calls, 2)
  package.loaded["conformance.a"], package.preload["conformance.a"] = nil, nil
end)

test("a module that returns nothing is true, and one that sets package.loaded is that", function()
  package.preload["conformance.b"] = function() end
  eq(require "conformance.b", true)
  package.preload["conformance.c"] = function(name) package.loaded[name] = "its own" end
  eq(require "conformance.c", "its own")
  for _, n in ipairs {"b", "c"} do package.loaded["conformance." .. n], package.preload["conformance." .. n] = nil, nil end
end)

test("a module that is not there", function()
  local err = raises("no.such.module", require, "no.such.module")
  assert(tostring(err):find("not found", 1, true), tostring(err))
  assert(tostring(err):find("no%.such%.module.*no[./]such[./]module"), "says where it looked: " .. tostring(err))
  eq(package.loaded["no.such.module"], nil)
  raises("bad argument #1", require)
end)

test("a module that fails says so, and may be tried again", function()
  local fail = true
  package.preload["conformance.d"] = function()
    if fail then error("broken inside") end
    return "whole"
  end
  raises("broken inside", require, "conformance.d")
  package.loaded["conformance.d"] = nil
  fail = false
  eq(require "conformance.d", "whole")
  package.loaded["conformance.d"], package.preload["conformance.d"] = nil, nil
end)

test("an error object goes through require unharmed", function()
  local thrown = {}
  package.preload["conformance.e"] = function() error(thrown) end
  local ok, err = pcall(require, "conformance.e")
  eq({ok, err == thrown}, {false, true})
  package.loaded["conformance.e"], package.preload["conformance.e"] = nil, nil
end)

test("modules that require each other are an error, not a hang", function()
  package.preload["conformance.f"] = function() return require "conformance.g" end
  package.preload["conformance.g"] = function() return require "conformance.f" end
  raises("loop", require, "conformance.f")
  for _, n in ipairs {"f", "g"} do package.loaded["conformance." .. n], package.preload["conformance." .. n] = nil, nil end
end)

test("dofile runs a file and gives its results", function()
  with_file("return 1, nil, ...", function(path)
    eq({dofile(path)}, {1, nil})
  end)
  with_file("#!/usr/bin/env wirelua\nreturn 'after the first line'", function(path)
    eq(dofile(path), "after the first line")
  end)
end)

test("dofile raises what the file raises", function()
  with_file("\n\nerror('third line')", function(path)
    local ok, err = pcall(dofile, path)
    eq(ok, false)
    assert(err:find(":3: third line$"), err)
  end)
  with_file("error({code = 'object'})", function(path)
    local ok, err = pcall(dofile, path)
    eq({ok, err.code}, {false, "object"})
  end)
  with_file("x = = 1", function(path) eq(pcall(dofile, path), false) end)
  eq(pcall(dofile, "/no/such/file.lua"), false)
end)

test("loadfile", function()
  with_file("return ...", function(path)
    eq({assert(loadfile(path))(1, 2)}, {1, 2})
  end)
  with_file("x = = 1", function(path)
    local f, err = loadfile(path)
    eq({f, type(err)}, {nil, "string"})
  end)
  local f, err = loadfile("/no/such/file.lua")
  eq({f, type(err)}, {nil, "string"})
end)

test("module()", function()
  package.preload["conformance.h"] = assert(loadstring [[
    module(..., package.seeall)
    function greet() return "hello from " .. _NAME end
  ]])
  local m = require "conformance.h"
  eq(m.greet(), "hello from conformance.h")
  package.loaded["conformance.h"], package.preload["conformance.h"] = nil, nil
  conformance = nil
end)
