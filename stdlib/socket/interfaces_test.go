//go:build unix

package socket_test

import (
	"net"
	"testing"
)

func TestInterfaces(t *testing.T) {
	list, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	run(t, free, map[string]any{"name": list[0].Name, "index": list[0].Index, "count": len(list)}, `
test("the system's interfaces", function()
  eq(#socket.if_nameindex(), count)
  eq(socket.if_nameindex()[1], {name = name, index = index})
  eq(socket.if_nametoindex(name), index)
  eq(socket.if_indextoname(index), name)
end)

test("interfaces that are none", function()
  eq(tostring(raises("ENODEV", socket.if_nametoindex, "nope0")), "if_nametoindex: no interface of this name: nope0")
  eq(tostring(raises("ENXIO", socket.if_indextoname, 999999)), "if_indextoname: no interface of this index: 999999")
  raises("ENXIO", socket.if_indextoname, -1)
  raises("bad argument", socket.if_indextoname, "x")
end)

test("has_dualstack_ipv6 leaves no socket behind", function()
  local before = socket.socket()
  local fd = before:fileno()
  before:close()
  for _ = 1, 20 do socket.has_dualstack_ipv6() end
  local after = socket.socket()
  assert(after:fileno() < fd + 10)
  after:close()
end)
`)
}
