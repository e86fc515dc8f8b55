-- A thread that waited in `for line in s:lines()` took four times the memory of one that waited in s:readline(): the VM
-- calls the iterator of a loop by calling itself. One that a method returns is called as other functions are, and the
-- loop has to be the same in all else: when it ends, what it sees, and what errors name.

local function pair()
  local a, b = socket.socketpair()
  a:settimeout(10)
  return a, b
end

-- slowly sends pieces, each when the reader has had the time to wait for it, and closes.
local function slowly(b, ...)
  for _, piece in ipairs{...} do
    thread.sleep(0.002)
    b:sendall(piece)
  end
  thread.sleep(0.002)
  b:close()
end

test("lines and chunks", function()
  for _, way in ipairs{"lines", "chunks"} do
    local a, b = pair()
    local t = thread.start(function()
      local got = {}
      for piece in a[way](a) do got[#got + 1] = piece end -- no method call: TFORLOOP
      return table.concat(got, "|")
    end)
    slowly(b, "one\n", "two\n")
    eq({t:join(10)}, {true, way == "lines" and "one|two" or "one\n|two\n"})
    a:close()
  end
  local a, b = pair()
  local t = thread.start(function()
    local got = {}
    for line in a:lines() do got[#got + 1] = line end
    for line in a:lines() do got[#got + 1] = line end -- at the end there is none
    return table.concat(got, "|")
  end)
  slowly(b, "o", "ne\ntwo\nth", "ree")
  eq({t:join(10)}, {true, "one|two|three"})
  a:close()
end)

test("clients, with their addresses, until the server is closed", function()
  local l = socket.create_server("127.0.0.1", 0)
  local t = thread.start(function()
    local seen = {}
    for client, address in l:clients() do
      seen[#seen + 1] = address.port == client:getpeername().port
      client:close()
    end
    return #seen, seen[1] and seen[2]
  end)
  for i = 1, 2 do
    local c = socket.create_connection(l:getsockname())
    eq(c:recv(1), "")
    c:close()
  end
  l:close()
  eq({t:join(10)}, {true, 2, true})
end)

test("items, nested, broken off, and with locals that closures keep", function()
  local q, inner = thread.queue(), thread.queue()
  local t = thread.start(function()
    local kept, sum = {}, 0
    for v in q:items() do
      kept[#kept + 1] = function() v = v + 1 return v end
      for w in inner:items() do
        if w == "next" then break end
        sum = sum + v * w
      end
    end
    return sum, kept[1](), kept[1](), kept[2]()
  end)
  for i = 1, 2 do
    thread.sleep(0.002)
    q:put(i)
    for w = 1, 3 do inner:put(w) thread.yield() end
    inner:put("next")
  end
  q:close()
  eq({t:join(10)}, {true, 18, 2, 3, 3})
end)

test("what fails names the loop's line, in pcall as outside", function()
  local function read(c)
    for line in c:lines(4) do -- here
    end
  end
  local here = debug.getinfo(read, "S").linedefined + 1
  local function protected(c)
    local ok, err = pcall(read, c)
    error(err, 0)
  end
  for _, body in ipairs{read, protected} do
    local a, b = pair()
    local t = thread.start(body, a)
    thread.sleep(0.002)
    b:sendall("too long")
    local ok, err = t:join(10)
    eq({ok, err.code, err.where:match(":(%d+)")}, {false, "EMSGSIZE", tostring(here)})
    a:close() b:close()
  end
end)

test("what is waited for is told", function()
  local a, b = pair()
  local t = thread.start(function() for line in a:lines() do end end)
  thread.sleep(0.002)
  local told = debug.threads()
  assert(told:find(": lines on", 1, true), told)
  b:close()
  eq({t:join(10)}, {true})
  a:close()
end)

test("iterators of methods that are no functions", function()
  local o = {none = function() end, number = function() return 5 end}
  function o:callable() return setmetatable({}, {__call = function(_, n, i) if i < n then return i + 1 end end}), 3, 0 end
  local sum = 0
  for i in o:callable() do sum = sum + i end
  eq(sum, 6)
  for name, want in pairs{none = "attempt to call a nil value", number = "attempt to call a number value"} do
    local ok, err = pcall(function() for x in o[name]() do end end)
    eq({ok, err:match("attempt.*")}, {false, want})
    ok, err = pcall(loadstring("local o, name = ... for x in o:" .. name .. "() do end"), o)
    eq({ok, err:match("attempt.*")}, {false, want})
  end
  local seen = {}
  for x in (function() return coroutine.wrap(function() for _, v in ipairs{1, false, 3} do coroutine.yield(v) end end) end)() do
    seen[#seen + 1] = tostring(x)
  end
  function o:wrapped() return coroutine.wrap(function() for _, v in ipairs{1, false, 3} do coroutine.yield(v) end end) end
  for x in o:wrapped() do seen[#seen + 1] = tostring(x) end
  eq(table.concat(seen, " "), "1 false 3 1 false 3")
end)
