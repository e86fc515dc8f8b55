-- Every UDP server keeps what it knows of its clients by their addresses: clients[address]. Address
-- objects were a new one each time, equal by == alone, so that no client was ever found again.

local function udp()
  local s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  s:bind("127.0.0.1", 0)
  return s
end

test("a server finds its clients again by their addresses", function()
  local server, clients = udp(), {}
  local a, b = udp(), udp()
  for _, from in ipairs {a, b, a, a} do
    from:sendto("x", server:getsockname())
    local _, address = server:recvfrom(10)
    clients[address] = (clients[address] or 0) + 1
  end
  eq({clients[a:getsockname()], clients[b:getsockname()]}, {3, 1})
  assert(rawequal(a:getsockname(), a:getsockname()))
  assert(a:getsockname() ~= b:getsockname())
end)

test("an address that is held stays the one, whatever is collected meanwhile", function()
  local s = udp()
  local held, t = s:getsockname(), {}
  t[held] = "here"
  for i = 1, 1000 do
    local other = socket.getaddrinfo("127.0.0." .. i % 200 + 1, i)[1].address
    if i % 250 == 0 then collectgarbage() end
  end
  eq(t[s:getsockname()], "here")
  local six = socket.getaddrinfo("::1", 80, socket.AF_INET6)[1].address
  assert(six == socket.getaddrinfo("::1", 80, socket.AF_INET6)[1].address)
  assert(six ~= socket.getaddrinfo("::1", 81, socket.AF_INET6)[1].address)
end)

test("addresses of Unix sockets, too", function()
  local a, b = socket.socketpair()
  assert(rawequal(a:getsockname(), b:getpeername()))
  eq({#a:getsockname(), (a:getsockname():unpack())}, {1, ""})
end)

test("unpack, # and the text of it", function()
  local s = udp()
  local a = s:getsockname()
  local host, port = a:unpack()
  eq({host, port, #a}, {a.host, a.port, 2})
  eq(a:match("^(.-):"), "127.0.0.1")
  eq({a:find(":", 1, true)}, {10, 10})
  eq(table.concat({"<", a, ">"}), "<" .. tostring(a) .. ">")
  eq(string.upper(a), tostring(a))
  eq(("x"):gsub("x", a), tostring(a))
  raises("address has no field 'prt'; did you mean 'port'?", function() return a.prt end)
  eq({a.path, a.scope_id, a[3]}, {})
end)

test("errors go wherever a string goes", function()
  local _, err = pcall(socket.create_connection, "127.0.0.1", 1)
  eq(err:match("refused"), "refused")
  eq({err:gsub("127%.0%.0%.1", "here")}, {"create_connection here:1: connection refused", 1})
  eq(table.concat({err, "\n"}), tostring(err) .. "\n")
  eq(#err, #tostring(err))
  eq(json.decode(json.encode({err = err})).err, tostring(err))
  local s, a = udp(), udp()
  s:sendto(err, a:getsockname())
  eq(a:recv(100), tostring(err))
end)
