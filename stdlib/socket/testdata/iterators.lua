-- The iterators of a socket: lines, chunks, clients.

local function join(t)
  local r = {t:join(10)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

-- A socket from which `data` can be read; then the end, unless `open` is true. The other end comes second.
local function source(data, open)
  local a, b = socket.socketpair()
  a:sendall(data)
  if not open then a:shutdown(socket.SHUT_WR) end
  return b, a
end

local function collect(next_one, state, first)
  local t = {}
  for x in next_one, state, first do t[#t + 1] = x end
  return t
end

test("lines and lines(max)", function()
  local s, a = source("one\r\ntwo\n\nlast")
  eq(collect(s:lines()), {"one", "two", "", "last"})
  s:close() a:close()
  s, a = source("ok\ntoo long\n")
  local got = {}
  raises("EMSGSIZE", function() for line in s:lines(4) do got[#got + 1] = line end end)
  eq(got, {"ok"})
  s:close() a:close()
end)

test("chunks gives what recv would", function()
  local s, a = source(("x"):rep(10))
  local pieces = collect(s:chunks(4))
  eq(table.concat(pieces), ("x"):rep(10))
  for _, piece in ipairs(pieces) do assert(#piece >= 1 and #piece <= 4, "a piece of " .. #piece) end
  s:close() a:close()
  s, a = source("head\nbody")
  eq(s:readline(), "head")
  eq(table.concat(collect(s:chunks())), "body")
  s:close() a:close()
end)

test("clients gives each client with its address, until the listener closes", function()
  local l = socket.create_server("127.0.0.1", 0)
  local got = thread.queue()
  local server = thread.start(function()
    for client, from in l:clients() do
      got:put(tostring(from) == tostring(client:getpeername()))
      client:close()
    end
    return "ended"
  end)
  for _ = 1, 3 do
    local c = socket.create_connection("127.0.0.1", l:getsockname().port)
    eq(got:get(5), true)
    c:close()
  end
  l:close()
  eq(join(server), "ended")
end)

test("lines waits for what has not come yet", function()
  local s, a = source("", true)
  local t = thread.start(function() return collect(s:lines()) end)
  for _, piece in ipairs {"on", "e\ntw", "o\n", "three"} do
    a:sendall(piece)
    thread.yield()
  end
  a:close()
  eq(join(t), {"one", "two", "three"})
  s:close()
end)

test("a loop left early leaves the rest to be read", function()
  local s, a = source("one\ntwo\nthree")
  for line in s:lines() do
    eq(line, "one")
    break
  end
  eq(s:readline(), "two")
  for piece in s:chunks(2) do
    eq(piece, "th")
    break
  end
  eq(s:recv(100), "ree")
  s:close() a:close()
end)

test("a limit that passes is the loop's error", function()
  local s, a = source("one\nhalf", true)
  s:settimeout(0.02)
  local got = {}
  eq(raises("ETIMEDOUT", function() for line in s:lines() do got[#got + 1] = line end end).timeout, true)
  eq(got, {"one"})
  eq(s:recv(10), "half")
  raises("ETIMEDOUT", function() for _ in s:chunks() do end end)
  s:close() a:close()
end)

test("clients keeps to the listener's limit", function()
  local l = socket.create_server("127.0.0.1", 0)
  l:settimeout(0.02)
  raises("ETIMEDOUT", function() for _ in l:clients() do end end)
  l:close()
end)
