-- A thread that waited in a tail call, `return s:recv()`, took four times the memory of one that waited in a plain
-- call. Since it does not, the caller's frame, which gopher-lua takes away, has to be there again when it goes on:
-- for the results, which are as many as were asked for, and for the places that errors name.

local function pair()
  local a, b = socket.socketpair()
  a:settimeout(10)
  return a, b
end

-- gives returns what body(a) does in a thread of its own, when b does something later.
local function gives(body, later)
  local a, b = pair()
  local t = thread.start(body, a)
  thread.sleep(0.005)
  later(b)
  local results = {t:join(10)}
  a:close() b:close()
  return results
end

local function sends(data) return function(b) b:sendall(data) end end

test("the thread's own function", function()
  eq(gives(function(c) return c:recv(10) end, sends "hello"), {true, "hello"})
  eq(gives(socket.recv, sends "hello"), {true, "hello"})
end)

test("as many results as are wanted", function()
  local function two(c) return c:recvfrom(10) end
  local function get(q) return q:get() end
  eq(gives(function(c)
    local one = two(c)
    local x, y, z = two(c)
    local t = {two(c), (two(c))}
    return select("#", two(c)), one, x, y, z, #t
  end, function(b) for i = 1, 5 do b:send("a") thread.sleep(0.005) end end), {true, 2, "a", "a", nil, nil, 2})
  eq(gives(function(c)
    local q = thread.queue()
    thread.start(function() q:put("x") end)
    return "first", get(q), "last"
  end, sends ""), {true, "first", "x", "last"})
end)

test("at any depth, and below other frames", function()
  local function deep(c, n)
    if n == 0 then return c:readline() end
    local line = deep(c, n - 1)
    return line
  end
  local function tail(c, n)
    if n == 0 then return c:readline() end
    return tail(c, n - 1)
  end
  for n = 0, 20 do
    eq(gives(function(c) return deep(c, n) end, sends "line\n"), {true, "line"})
    eq(gives(function(c) return (tail(c, n)) end, sends "line\n"), {true, "line"})
  end
end)

test("waiting twice, for the other reader and for data", function()
  local a, b = pair()
  local read = {}
  local function reader()
    while true do
      local ok, data = pcall(function() return a:recv(3) end)
      eq(ok, true)
      if data == "" then return end
      read[#read + 1] = data
    end
  end
  local t1, t2 = thread.start(reader), thread.start(reader)
  for i = 1, 20 do b:sendall("abc") thread.yield() end
  b:close()
  eq({{t1:join(10)}, {t2:join(10)}}, {{true}, {true}})
  eq(table.concat(read), ("abc"):rep(20))
  a:close()
end)

test("return pcall(...)", function()
  local function protected(c) return pcall(c.recv, c, 10) end
  eq(gives(protected, sends "hello"), {true, true, "hello"})
  local function within(c)
    return pcall(function() return c:recv(10) end)
  end
  eq(gives(within, sends "hello"), {true, true, "hello"})
  eq(gives(function(c)
    local ok, err = (function() return pcall(c.readexactly, c, 10) end)()
    return ok, err.code
  end, function(b) b:close() end), {true, false, "EOF"})
end)

test("an object that is called", function()
  local called = setmetatable({}, {__call = socket.recv})
  local a, b = pair()
  local object = setmetatable({}, {__call = function(_, c) return c:recv(10) end})
  eq(gives(function(c) return object(c) end, sends "hello"), {true, "hello"})
  local t = thread.start(function() return called(10) end)
  eq(t:join(10), false) -- the table is no socket
  a:close() b:close()
end)

test("an error names the line of the call", function()
  local a, b = pair()
  local function read(c)
    return c:readexactly(10) -- here
  end
  local t = thread.start(function()
    local data = read(a)
    return data
  end)
  thread.sleep(0.005)
  b:close()
  local ok, err = t:join(10)
  local here = debug.getinfo(read, "S").linedefined + 1
  eq({ok, err.code, (err.where or ""):match(":(%d+)")}, {false, "EOF", tostring(here)})
  a:close()
end)

test("upvalues of the caller stay with who has them", function()
  local get, set
  eq(gives(function(c)
    local x = 1
    get, set = function() return x end, function(v) x = v end
    return c:recv(10)
  end, function(b) set(2) b:send("x") end), {true, "x"})
  eq(get(), 2)
end)

test("xpcall, whose handler is called where the error was raised, and may wait", function()
  local where
  local function read(c)
    where = debug.getinfo(1, "l").currentline + 1
    local data = c:readexactly(10)
    return data
  end
  local function handler(err)
    local q = thread.queue()
    thread.start(function() thread.sleep(0.005) q:put("waited") end)
    return {err.code, q:get(), debug.traceback():find(":" .. where .. ": in function", 1, true) ~= nil}
  end
  local function closes(b) b:close() end
  eq(gives(function(c) return xpcall(read, handler, c) end, closes), {true, false, {"EOF", "waited", true}})
  eq(gives(function(c)
    local ok, told = xpcall(read, handler, c)
    return told, ok
  end, closes), {true, {"EOF", "waited", true}, false})
  eq(gives(function(c) return xpcall(c.recv, handler, c, 10) end, sends "hello"), {true, true, "hello"})
  eq(gives(function(c) return xpcall(read, function() error("no") end, c) end, closes), {true, false, "error in error handling"})
  eq(gives(function(c) return xpcall(function() return xpcall(read, handler, c) end, handler) end, closes),
    {true, true, false, {"EOF", "waited", true}})
  eq(gives(function(c) return xpcall(nil, function(err) return "told: " .. err end) end, closes),
    {true, false, "told: attempt to call a nil value"})
  eq(gives(function(c)
    local function forever(n) return 1 + forever(n) end
    return xpcall(forever, function(err) return err:match("stack overflow") end, 1)
  end, closes), {true, false, "stack overflow"})
end)

test("at the greatest depth of calls, where there is no room for the caller's frame", function()
  local function ends(leaf, depth)
    local function nest(n)
      if n == 0 then return leaf() end
      local result = nest(n - 1)
      return result
    end
    return (thread.start(nest, depth):join(10))
  end
  local fit, deep = 0, 0
  for depth = 380, 404 do
    local fits = ends(function() return math.abs(1) end, depth)
    eq({depth, ends(function() return thread.sleep(0.0001) end, depth)}, {depth, fits})
    if fits then fit = fit + 1 else deep = deep + 1 end
  end
  assert(fit > 0 and deep > 0)
end)
