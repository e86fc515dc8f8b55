-- A UDP socket could be connected, and never be rid of that again: a resolver that asks one server
-- after another had to open a new one each time.

test("disconnect dissolves a datagram socket's connect", function()
  local a, b, c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  for _, s in ipairs{a, b, c} do s:bind("127.0.0.1", 0) s:settimeout(10) end
  a:connect(b:getsockname())
  eq(a:getpeername() == b:getsockname(), true)
  c:sendto("not heard", a:getsockname())
  eq(a:disconnect(), true)
  raises("ENOTCONN", a.getpeername, a)
  raises("EDESTADDRREQ", a.send, a, "x")
  c:sendto("heard", a:getsockname())
  eq(a:recv(), "heard")
  a:sendto("to c", c:getsockname())
  eq(c:recv(), "to c")
  a:connect(c:getsockname())
  a:send("again")
  eq(c:recv(), "again")
  for _, s in ipairs{a, b, c} do s:close() end
  raises("EBADF", a.disconnect, a)
end)

test("a socket that is not connected, IPv6, and one that is no datagram socket", function()
  local u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  eq(u:disconnect(), true)
  u:close()
  if socket.has_ipv6 then
    local v = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    if pcall(v.connect, v, "::1", 9) then
      eq(v:disconnect(), true)
      raises("ENOTCONN", v.getpeername, v)
    end
    v:close()
  end
  local t = socket.socket()
  raises("EOPNOTSUPP", t.disconnect, t)
  t:close()
end)

-- An ARP program had the packet, and no way to learn whose it was: the address had no fields.
test("addresses of AF_PACKET have Python's fields", function()
  if not socket.AF_PACKET then skip "no packet sockets here" end
  local proto = 0x88b5 -- for experiments, so that nobody else's packets come
  local ok, p = pcall(socket.socket, socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(proto))
  if not ok then skip(tostring(p)) end
  p:bind({"lo", proto})
  p:settimeout(10)
  local u = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
  u:sendto("a packet", {"lo", proto, 0, 0, ("\0"):rep(6)})
  local data, from
  repeat data, from = p:recvfrom(2000) until data:find("a packet", 1, true)
  eq({from[1], from[2], from[4], from[5]}, {"lo", proto, 772, ("\0"):rep(6)})
  eq({from.ifname, from.proto, from.hatype, from.addr}, {"lo", proto, 772, ("\0"):rep(6)})
  eq(from[3] == 4 or from[3] == 0, true, "from us, or to us")
  eq(from.pkttype, from[3])
  eq({from.host, from.port}, {})
  local me = p:getsockname()
  eq({me.ifname, me.proto}, {"lo", proto})
  raises("hardware address has 8 bytes at most", p.sendto, p, "x", {"lo", proto, 0, 0, ("x"):rep(9)})
  p:close() u:close()
end)
