-- require, where there is more than one thread.
local thread = require "thread"

test("who requires what another thread is loading waits for it", function()
  local go, loads = thread.event(), 0
  package.preload.slow = function()
    loads = loads + 1
    go:wait()
    return { name = "slow" }
  end
  local threads = {}
  for i = 1, 10 do threads[i] = thread.start(require, "slow") end
  thread.sleep(0.005)
  go:set()
  local first
  for i = 1, 10 do
    local ok, m = threads[i]:join()
    assert(ok and m.name == "slow" and m == (first or m), m)
    first = m
  end
  eq(loads, 1)
end)

test("when loading fails, each tries for itself", function()
  local go, loads = thread.event(), 0
  package.preload.bad = function()
    loads = loads + 1
    go:wait()
    error("no luck", 0)
  end
  local threads = {}
  for i = 1, 3 do threads[i] = thread.start(pcall, require, "bad") end
  thread.sleep(0.005)
  go:set()
  for i = 1, 3 do eq({ threads[i]:join() }, { true, false, "no luck" }) end
  eq(loads, 3)
  eq(package.loaded.bad, nil)
end)

test("a circle is found, in one thread and across several", function()
  package.preload.a = function() return require "b" end
  package.preload.b = function() return require "a" end
  raises("loop or previous error loading module 'a'", require, "a")

  local both, held = thread.event(), 0
  local function other(name)
    return function()
      held = held + 1
      if held == 2 then both:set() end
      both:wait()
      return require(name)
    end
  end
  package.preload.c, package.preload.d = other "d", other "c"
  local t, u = thread.start(pcall, require, "c"), thread.start(pcall, require, "d")
  local _, ok1, err1 = t:join()
  local _, ok2, err2 = u:join()
  assert(not ok1 and not ok2, "one of them must have failed, and the other with it")
  assert((err1 .. err2):find("loop or previous error", 1, true), err1)
end)

test("an error's traceback goes through it", function()
  package.preload.deep = function()
    local function inner() error("in mod") end
    inner()
  end
  local _, trace = xpcall(require, debug.traceback, "deep")
  assert(trace:find("in function 'inner'", 1, true), trace)
end)

test("what is on the way to no file is no file", function()
  local path = package.path
  package.path = "/etc/passwd/?.lua;/dev/null/?.lua"
  raises("no file '/etc/passwd/x.lua'", require, "x")
  package.path = path
end)

-- What marked a module as being loaded stood in package.loaded, where a script could take it, and
-- put it in another's place: who required that waited without end, and nothing stopped it.
test("scripts do not see what require notes of a module being loaded", function()
  local function keys()
    local n = 0
    for _ in pairs(package.loaded) do n = n + 1 end
    return n
  end
  local before, within, seen = keys(), nil, 1
  package.preload.marked = function() within, seen = keys(), package.loaded.marked return true end
  require "marked"
  eq({ within - before, seen }, { 0, nil })
end)

test("a module may be in package.loaded before it is done, and take itself away", function()
  package.preload.early = function(name)
    package.loaded[name] = "early"
    eq(require(name), "early")
    package.loaded[name] = nil
    raises("loop or previous error loading module 'early'", require, name)
  end
  eq({ require "early", package.loaded.early }, { true, true })
  package.preload.early = function(name) package.loaded[name] = "early" error("late", 0) end
  package.loaded.early = nil
  eq({ pcall(require, "early") }, { false, "late" })
  eq(package.loaded.early, nil)
end)

test("two threads look for one module, and one of them loads it", function()
  local loads, looks = 0, 0
  table.insert(package.loaders, 1, function(name)
    if name ~= "sought" then return nil end
    looks = looks + 1
    thread.sleep(0.005)
    return function() loads = loads + 1 return { } end
  end)
  local t, u = thread.start(require, "sought"), thread.start(require, "sought")
  local _, a = t:join()
  local _, b = u:join()
  table.remove(package.loaders, 1)
  eq({ a == b, loads, looks }, { true, 1, 1 })
end)
