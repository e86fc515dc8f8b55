//go:build unix

package socket_test

import (
	"path/filepath"
	"testing"

	"wirelua/interp"
	"wirelua/interp/policy"
)

func TestCreateConnection(t *testing.T) {
	run(t, free, nil, `
local l = socket.create_server("127.0.0.1", 0)
local port = l:getsockname().port

test("every form of an address", function()
  for _, form in ipairs {{"127.0.0.1", port}, {"127.0.0.1", tostring(port)}, {{"127.0.0.1", port}},
    {{host = "127.0.0.1", port = port}}, {l:getsockname()}, {"", port}, {"localhost", port}} do
    local c = socket.create_connection(unpack(form))
    eq(c:getpeername(), l:getsockname())
    c:close()
    l:accept():close()
  end
end)

test("ports that are services", function()
  raises("EAI_SERVICE", socket.create_connection, "127.0.0.1", "no-such-service")
  local ok, err = pcall(socket.create_connection, {"127.0.0.1", "tcpmux"}, {timeout = 5})
  if ok then err:close() else eq(err.address, "127.0.0.1:1") end
end)

test("source binds the connection", function()
  for _, source in ipairs {{"127.0.0.1", 0}, {host = "localhost", port = 0}, {"", 0}} do
    local c = socket.create_connection("127.0.0.1", port, {source = source})
    local s, from = l:accept()
    eq(c:getsockname() == from, true)
    c:close() s:close()
  end
  local holder = socket.socket()
  holder:bind("127.0.0.1", 0)
  local free = holder:getsockname()
  holder:close()
  local c = socket.create_connection("localhost", port, {source = free})
  eq(c:getsockname() == free, true)
  c:close()
  l:accept():close()
end)

test("a source that does not fit", function()
  local err = raises("EAI_ADDRFAMILY", socket.create_connection, "127.0.0.1", port, {source = {"::1", 0}})
  eq({err.op, err.address}, {"create_connection", "127.0.0.1:" .. port})
  raises("EADDRNOTAVAIL", socket.create_connection, "127.0.0.1", port, {source = {"192.0.2.234", 0}})
  local taken = l:getsockname()
  err = raises("EADDRINUSE", socket.create_connection, "127.0.0.1", port, {source = taken})
  eq(err.address, tostring(taken), "the address that could not be had")
end)

test("options are checked", function()
  local function try(options) return socket.create_connection, "127.0.0.1", port, options end
  raises("bad argument #3 to 'create_connection' (unknown option 'timout', there are: source, timeout; did you mean 'timeout'?)", try {timout = 1})
  raises("unknown option '1', there are: source, timeout)", try {5})
  raises("unknown option 'x', there are: source, timeout)", try {x = 5})
  raises("option 'timeout' must be 0 or more seconds, got -1", try {timeout = -1})
  raises("option 'timeout' must be 0 or more seconds, got \"x\"", try {timeout = "x"})
  raises("option 'timeout' must be 0 or more seconds, got nan", try {timeout = 0 / 0})
  raises("option 'timeout' must be 0 or more seconds, got table", try {timeout = {}})
  for _, t in ipairs{1e-10, "1", 2.5, 1e300} do -- as settimeout: 1e-10 was 0, not to wait
    local c = socket.create_connection("127.0.0.1", port, {timeout = 1})
    c:settimeout(t)
    local ok, d = pcall(socket.create_connection, "127.0.0.1", port, {timeout = t})
    if ok then eq(d:gettimeout(), c:gettimeout()) d:close() else eq(d.code, "ETIMEDOUT") end
    c:close()
  end
  raises("host must be a string, got number", try {source = 5})
  raises("host must be a string, got nil", try {source = {}})
  raises("port must be a number, got nil", try {source = {"127.0.0.1"}})
  raises("port must be 0-65535, got 70000", try {source = {"127.0.0.1", 70000}})
  raises("bad argument #2 to 'create_connection' (table expected, got number)", socket.create_connection, {"127.0.0.1", port}, 5)
  raises("host must be a string, got boolean", socket.create_connection, true, 80)
  local unix = socket.socketpair()
  raises("no address of AF_INET or AF_INET6", socket.create_connection, unix:getsockname())
end)

test("no connection is made in no time", function()
  local err = raises("EINPROGRESS", socket.create_connection, "127.0.0.1", port, {timeout = 0})
  eq(err.timeout, false)
  socket.setdefaulttimeout(0)
  raises("EINPROGRESS", socket.create_connection, "127.0.0.1", port)
  local c = socket.create_connection("127.0.0.1", port, {timeout = math.huge})
  eq(c:gettimeout(), nil)
  socket.setdefaulttimeout(nil)
  c:close()
  l:accept():close()
end)

test("the default timeout", function()
  eq(socket.getdefaulttimeout(), nil)
  eq(socket.setdefaulttimeout(1.5), true)
  eq(socket.getdefaulttimeout(), 1.5)
  eq(socket.socket():gettimeout(), 1.5)
  socket.setdefaulttimeout(0)
  eq(socket.getdefaulttimeout(), 0)
  socket.setdefaulttimeout(nil)
  eq(socket.getdefaulttimeout(), nil)
  raises("seconds or nil expected", socket.setdefaulttimeout)
  raises("seconds must be 0 or more, got -1", socket.setdefaulttimeout, -1)
end)
`)
}

func TestCreateConnectionLimits(t *testing.T) {
	config := free
	config.Limits.Sockets = 2
	run(t, config, nil, `
test("one address takes one descriptor", function()
  local l = socket.create_server("127.0.0.1", 0)
  local c = socket.create_connection("localhost", l:getsockname().port)
  raises("EMFILE", socket.create_connection, "127.0.0.1", l:getsockname().port)
  c:close()
  socket.create_connection("127.0.0.1", l:getsockname().port):close()
end)
`)
}

func TestCreateServer(t *testing.T) {
	run(t, free, map[string]any{"path": filepath.Join(t.TempDir(), "s")}, `
local S = socket
local function ipv6()
  if not pcall(function() S.create_server("::1", 0, {family = S.AF_INET6}):close() end) then skip("no IPv6 here") end
end

test("a Unix socket", function()
  local l = S.create_server(path, {family = S.AF_UNIX, backlog = 3, reuse_port = true})
  eq(l:getsockname().path, path)
  local err = raises("EADDRINUSE", S.create_server, path, {family = S.AF_UNIX})
  eq(err.address, path)
  l:close()
end)

test("an address object tells its family", function()
  ipv6()
  local l = S.create_server("::1", 0, {family = S.AF_INET6})
  local a = l:getsockname()
  l:close()
  l = S.create_server(a)
  eq(l:getsockname() == a, true)
  raises("of another family", S.create_server, a, {family = S.AF_INET})
  l:close()
end)

test("the family must fit", function()
  raises("EAI_ADDRFAMILY", S.create_server, "::1", 0)
  raises("no addresses of family 9999", S.create_server, {"x"}, {family = 9999})
end)

test("options are checked", function()
  local function try(options) return S.create_server, "127.0.0.1", 0, options end
  raises("bad argument #3 to 'create_server' (unknown option 'backlogs', there are: backlog, dualstack_ipv6, family, reuse_port; did you mean 'backlog'?)",
    try {backlogs = 1})
  raises("option 'backlog' must be an integer, got 1.5", try {backlog = 1.5})
  raises("option 'backlog' must be an integer, got \"x\"", try {backlog = "x"})
  raises("option 'backlog' must be an integer, got 4294967296", try {backlog = 2 ^ 32})
  raises("option 'reuse_port' must be true or false, got 1", try {reuse_port = 1})
  raises("option 'dualstack_ipv6' needs the family AF_INET6", try {dualstack_ipv6 = true})
  raises("port must be a number, got table", S.create_server, "127.0.0.1", {})
  S.create_server("127.0.0.1", 0, {backlog = -1}):close()
end)

test("a failure closes the socket", function()
  local function next_fd()
    local s = S.socket()
    local fd = s:fileno()
    s:close()
    return fd
  end
  local before = next_fd()
  for _ = 1, 20 do pcall(S.create_server, "192.0.2.234", 0) end
  assert(next_fd() < before + 10)
end)
`)
	run(t, interp.Config{Policy: policy.Policy{Listen: []string{"127.0.0.1:0"}}}, nil, `
test("the listen door", function()
  local l = socket.create_server("127.0.0.1", 0)
  local err = raises("EACCES", socket.create_server, "", 0)
  eq(tostring(err), "create_server 0.0.0.0:0: not allowed: listen on 0.0.0.0:0")
  l:close()
end)
`)
}
