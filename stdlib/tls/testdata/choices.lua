-- What servers and clients rewritten from Python's ssl could not say: check_hostname = False,
-- CERT_OPTIONAL, set_ciphers, maximum_version, a certificate by the name that the client asks for;
-- and what they could not ask: cipher() with protocol and bits, the fields of a subject.

local cert, key = tls.self_signed {"localhost"}
local cert2, key2 = tls.self_signed {"a.example"}
local cert3, key3 = tls.self_signed {"*.b.example"}

-- Both ends of a handshake; what failed is nil, error.
local function shake(copts, sopts)
  local a, b = socket.socketpair()
  sopts.server_side, sopts.timeout, copts.timeout = true, 10, 10
  local t = thread.start(function() local ok, s = pcall(tls.wrap, b, sopts) return ok and s, not ok and s end)
  local ok, client = pcall(tls.wrap, a, copts)
  if not ok then a:close() end
  local _, server, err = t:join(10)
  return ok and client, server, not ok and client, err
end

local function with(t, more) for k, v in pairs(more) do t[k] = v end return t end
local function server(more) return with({cert = cert, key = key}, more or {}) end
local function client(more) return with({server_name = "localhost", ca = cert}, more or {}) end

test("check_name = false takes a certificate for somebody else, if it is trusted", function()
  local c, s, err = shake(client {server_name = "other.example"}, server())
  eq(c, false)
  assert(tostring(err):find("certificate is not for other.example"), tostring(err))
  c = shake(client {server_name = "other.example", check_name = false}, server())
  eq(c:version(), "TLSv1.3")
  local o = client {check_name = false} o.server_name = nil
  eq(shake(o, server()):version(), "TLSv1.3")
  c, s, err = shake({server_name = "localhost", check_name = false, ca = cert2}, server())
  eq(c, false)
  assert(tostring(err):find("certificate not trusted"), tostring(err))
  raises("option 'check_name' is for clients", tls.wrap, (socket.socketpair()), server {server_side = true, check_name = false})
end)

test("verify = \"optional\" asks for a client's certificate, and takes none, too", function()
  local function optional() return server {ca = cert2, verify = "optional"} end
  local _, s = shake(client(), optional())
  eq(s:peer_certificate(), nil)
  _, s = shake(client {cert = cert2, key = key2}, optional())
  eq(s:peer_certificate().dns_names, {"a.example"})
  local _, s, _, err = shake(client {cert = cert3, key = key3}, optional())
  eq(s, false)
  assert(tostring(err):find("not trusted"), tostring(err))
  raises("needs 'ca'", tls.create_server, "127.0.0.1", 0, server {verify = "optional"})
  raises("must be true or false for a client", tls.connect, "127.0.0.1", 1, {verify = "optional"})
  raises("option 'verify' must be true or false", tls.connect, "127.0.0.1", 1, {verify = "maybe"})
end)

test("ciphers and max_version", function()
  local name = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
  for _, ciphers in ipairs {{name}, {"ECDHE-ECDSA-AES256-GCM-SHA384"}, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"} do
    local c, s = shake(client {ciphers = ciphers, max_version = "TLSv1.2"}, server())
    eq({c:cipher()}, {name, "TLSv1.2", 256})
    eq({s:cipher()}, {name, "TLSv1.2", 256})
  end
  local c = shake(client(), server {max_version = "TLSv1.2", ciphers = {"ECDHE-ECDSA-CHACHA20-POLY1305"}})
  eq({c:cipher()}, {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLSv1.2", 256})
  local c, s, err = shake(client {ciphers = {name}, max_version = "TLSv1.2"}, server {ciphers = {"ECDHE-ECDSA-AES128-GCM-SHA256"}})
  eq({c, s, err.code}, {false, false, "ETLS"})
  c = shake(client(), server())
  eq(select(2, c:cipher()), "TLSv1.3")
  raises("no cipher is called 'NOPE'", tls.connect, "127.0.0.1", 1, {ciphers = "NOPE"})
  raises("is one of TLSv1.3", tls.connect, "127.0.0.1", 1, {ciphers = {"TLS_AES_128_GCM_SHA256"}})
  raises("option 'ciphers' must be an array", tls.connect, "127.0.0.1", 1, {ciphers = true})
  raises("must name one at least", tls.connect, "127.0.0.1", 1, {ciphers = {}})
  raises("'max_version' is below min_version, which is TLSv1.2", tls.connect, "127.0.0.1", 1, {max_version = "TLSv1.1"})
  eq(shake(client {max_version = "TLSv1.1", min_version = "TLSv1"}, server {min_version = "TLSv1"}):version(), "TLSv1.1")
end)

test("certificates by the name that the client asks for", function()
  local all = {{cert = cert, key = key}, {cert = cert2 .. key2}, {cert = cert3, key = key3}, {cert = cert3, key = key3, names = {"odd.example", "*.wild.example"}}}
  local function names(name)
    local c = shake({server_name = name, verify = false}, {certificates = all})
    return c:peer_certificate().dns_names[1]
  end
  eq(names(nil), "localhost")
  eq(names("localhost"), "localhost")
  eq(names("a.example"), "a.example")
  eq(names("A.Example"), "a.example")
  eq(names("x.b.example"), "*.b.example")
  eq(names("odd.example"), "*.b.example")
  eq(names("any.wild.example"), "*.b.example")
  eq(names("unknown.example"), "localhost", "the first is for all others")
  eq(shake({server_name = "a.example", ca = cert2}, {certificates = all}):version(), "TLSv1.3")
  local l = tls.create_server("127.0.0.1", 0, {certificates = all})
  local t = thread.start(function() local c = l:accept() c:do_handshake() c:close() end)
  local c = tls.connect("127.0.0.1", l:getsockname().port, {server_name = "a.example", ca = cert2})
  eq({c:recv(), (t:join(10))}, {"", true})
  c:close() l:close()
  local function wrong(text, certificates) raises(text, tls.create_server, "127.0.0.1", 0, {certificates = certificates}) end
  wrong("a server needs", {})
  wrong("each must have a cert", {{}})
  wrong("got name = string", {{cert = cert, key = key, name = "x"}})
  wrong("names must be an array", {{cert = cert, key = key, names = {}}})
  wrong("got number in it", {1})
  wrong("cert and key", {{cert = cert, key = key2}})
  raises("is for servers", tls.wrap, (socket.socketpair()), client {certificates = all})
end)

test("a subject has fields, and is one line as text", function()
  local c = shake(client(), server())
  local p = c:peer_certificate()
  eq({p.subject.CN, p.subject.O, p.issuer.CN}, {"localhost", nil, "localhost"})
  eq({tostring(p.subject), "for " .. p.subject, ("%s"):format(p.issuer)}, {"CN=localhost", "for CN=localhost", "CN=localhost"})
  eq(p.subject == p.issuer, true)
end)
