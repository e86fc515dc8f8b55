//go:build unix

package socket_test

import "testing"

func TestInet(t *testing.T) {
	run(t, free, nil, `
test("inet_aton takes every form of inet_aton(3)", function()
  for text, bytes in pairs {
    ["127.1"] = "\127\0\0\1", ["10.1.258"] = "\10\1\1\2", ["0x7f.0.0.1"] = "\127\0\0\1",
    ["0177.0.0.01"] = "\127\0\0\1", ["2130706433"] = "\127\0\0\1", ["4294967295"] = "\255\255\255\255",
  } do
    eq(socket.inet_aton(text), bytes, text)
  end
  for _, text in ipairs {"", "1.2.3.4.5", "1..2", "1.2.3.256", "256.1", "4294967296", "08.1.1.1", "1.2.3.4 ", "-1", "::1"} do
    local err = raises("EINVAL", socket.inet_aton, text)
    eq(tostring(err), "inet_aton: not an IPv4 address: " .. text)
  end
end)

test("inet_pton takes one form only", function()
  for _, text in ipairs {"127.1", "0x7f.0.0.1", "01.2.3.4", "1.2.3.4 ", "", "::1"} do
    raises("EINVAL", socket.inet_pton, socket.AF_INET, text)
  end
  for _, text in ipairs {"1.2.3.4", "::1%lo", "1::2::3", ":::", "12345::", ""} do
    local err = raises("EINVAL", socket.inet_pton, socket.AF_INET6, text)
    eq(tostring(err), "inet_pton: not an IPv6 address: " .. text)
  end
end)

test("wrong families and sizes", function()
  raises("EAFNOSUPPORT", socket.inet_pton, socket.AF_UNIX, "x")
  raises("EAFNOSUPPORT", socket.inet_ntop, socket.AF_UNIX, "x")
  raises("bad argument #2 to 'inet_ntop' (16 bytes expected, got 4)", socket.inet_ntop, socket.AF_INET6, "abcd")
  raises("bad argument #1 to 'inet_ntoa' (4 bytes expected, got 0)", socket.inet_ntoa, "")
end)

test("byte order is for integers of 16 and 32 bits", function()
  raises("bad argument #1 to 'htons' (number must be 0-65535, got 65536)", socket.htons, 65536)
  raises("bad argument #1 to 'htonl' (number must be 0-4294967295, got 0.5)", socket.htonl, 0.5)
  raises("bad argument", socket.ntohl, 0 / 0)
  raises("bad argument", socket.ntohs, math.huge)
  raises("number expected, got no value", socket.ntohs)
  eq(socket.ntohl(socket.htonl(0xfffffffe)), 0xfffffffe)
end)
`)
}
