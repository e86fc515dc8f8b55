-- Many at once: threads and descriptors by the thousand, far beyond the 1,024 of select(2).

local N = 2000

local function join(t)
  local r = {t:join(20)}
  if r[1] ~= true then error(r[2], 0) end
  return unpack(r, 2)
end

-- n pairs, or a skip where the system does not grant as many descriptors.
local function pairs_of_sockets(n)
  local left, right = {}, {}
  for i = 1, n do
    local ok, a, b = pcall(socket.socketpair)
    if not ok then
      for j = 1, i - 1 do left[j]:close() right[j]:close() end
      if a.code == "EMFILE" or a.code == "ENFILE" then skip("only " .. 2 * i .. " descriptors here") end
      error(a, 0)
    end
    left[i], right[i] = a, b
  end
  return left, right
end

test("2,000 threads wait on a socket each, and all are answered", function()
  local left, right = pairs_of_sockets(N)
  local before = thread.count()
  local threads, waiting = {}, 0
  for i = 1, N do
    threads[i] = thread.start(function()
      waiting = waiting + 1
      local line = left[i]:readline()
      left[i]:sendall(line:upper() .. "\n")
      left[i]:close()
      return i
    end)
  end
  while waiting < N do thread.yield() end
  eq(thread.count() - before, N)
  for i = N, 1, -1 do right[i]:sendall("answer " .. i .. "\n") end
  for i = 1, N do eq(right[i]:readline(), "ANSWER " .. i) end
  for i = 1, N do
    eq(join(threads[i]), i)
    right[i]:close()
  end
  eq(thread.count(), before)
end)

test("descriptors above 1,024 work in select", function()
  local left, right = pairs_of_sockets(600)
  local highest = right[600]
  assert(highest:fileno() > 1024, "fd " .. highest:fileno())
  eq(#select.select(right, nil, nil, 0), 0)
  left[600]:sendall("x")
  left[7]:sendall("x")
  local r = select.select(right, nil, nil, 5)
  eq(#r, 2)
  eq(r[1] == right[7] and r[2] == highest, true, "in the order given")
  local _, w = select.select(nil, left, nil, 0)
  eq(#w, 600)
  for i = 1, 600 do left[i]:close() right[i]:close() end
end)

test("a thread for each of 300 TCP clients", function()
  local l = socket.create_server("127.0.0.1", 0, {backlog = 512})
  local server = thread.start(function()
    local threads = {}
    for client in l:clients() do
      threads[#threads + 1] = thread.start(function()
        client:with(function(s)
          for line in s:lines() do s:sendall(line .. "\n") end
        end)
      end)
    end
    for _, t in ipairs(threads) do join(t) end
    return #threads
  end)
  local clients = {}
  for i = 1, 300 do clients[i] = socket.create_connection(l:getsockname()) end
  for round = 1, 3 do
    for i, c in ipairs(clients) do c:sendall(("client %d round %d\n"):format(i, round)) end
    for i, c in ipairs(clients) do eq(c:readline(), ("client %d round %d"):format(i, round)) end
  end
  for _, c in ipairs(clients) do c:close() end
  l:close()
  eq(join(server), 300)
end)

test("a chain of 500 threads passes a message on", function()
  local left, right = pairs_of_sockets(501)
  local threads = {}
  for i = 1, 500 do
    threads[i] = thread.start(function() left[i + 1]:sendall(tonumber(right[i]:readline()) + 1 .. "\n") end)
  end
  left[1]:sendall("0\n")
  eq(right[501]:readline(), "500")
  for i = 1, 500 do join(threads[i]) end
  for i = 1, 501 do left[i]:close() right[i]:close() end
end)

test("opening and closing ten thousand sockets leaves nothing", function()
  for _ = 1, 5000 do
    local a, b = socket.socketpair()
    a:close() b:close()
  end
  local a, b = socket.socketpair()
  assert(a:fileno() < 1000, "descriptors are used again")
  a:close() b:close()
end)
