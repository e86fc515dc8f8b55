-- An echo server and its client over TLS. What the client trusts is the server's own certificate.
local socket = require "socket"
local thread = require "thread"
local tls = require "tls"
local cli = require "lib.cli"
local serve = require "lib.serve"

local o = cli.parse([=[
usage: tls_echo.lua [-s] [-cert FILE] [-key FILE] [-ca FILE] [HOST [PORT]]

With -s an echo server; with HOST and PORT a client, which sends the lines of standard input and
prints what comes back. With neither both of them, as a demonstration that ends by itself. Also
good as a client: openssl s_client -quiet -connect HOST:PORT -CAfile FILE

HOST           where to listen, or whom to connect to [default: 127.0.0.1]
PORT           and the port; 0, for a server, is one that is free [default: 0]
-s             be the server
-cert FILE     its certificate; without one it makes one, and prints it for clients to trust
-key FILE      and the key
-ca FILE       for a client: whom to trust, if not those that the system trusts. For a server:
               who may have signed the certificates that clients then have to have]=], ...)

local function echo(client)
  for line in client:lines() do client:sendall(line .. "\n") end
end

-- Listens with a certificate from files, or with one for this machine that is made on the spot.
local function listen(host, port)
  local cert, key = o.cert, o.key
  if not cert then cert, key = tls.self_signed { "localhost", "127.0.0.1", "::1", host ~= "" and host or nil } end
  return tls.create_server(host, port, { cert = cert, key = key, ca = o.ca, timeout = 300 }), cert
end

-- The handshake, and with it the check of names and certificates, is over when connect returns.
local function connect(host, port, ca)
  local conn = tls.connect(host, port, { ca = ca, cert = o.cert, key = o.key, timeout = 30 })
  local peer = conn:peer_certificate()
  print(("%s, %s, certificate of %s, good until %s"):format(conn:version(), conn:cipher(),
    peer.subject, os.date("!%Y-%m-%d", peer.not_after)))
  return conn
end

local function demonstrate()
  local server, cert = listen("127.0.0.1", 0)
  thread.daemon(serve, server, echo)
  local address = server:getsockname()

  connect("localhost", address.port, cert):with(function(conn)
    conn:sendall("hello, said in secret\n")
    print("echoed: " .. conn:readline())
  end)

  -- The server hears of this, too, and tells it on standard error; others are not disturbed.
  local ok, err = pcall(tls.connect, "localhost", address.port, { timeout = 30 })
  assert(not ok, "whom nobody vouches for should not be trusted")
  print("without the certificate: " .. err.message)
end

local function serve_for_ever()
  local server, cert = listen(o.host, o.port)
  print("listening on " .. server:getsockname())
  if not o.cert then print(cert) end
  serve(server, echo)
end

local function talk()
  connect(o.host, o.port, o.ca):with(function(conn)
    for line in io.lines() do
      conn:sendall(line .. "\n")
      print(conn:readline())
    end
    conn:shutdown(socket.SHUT_WR)
  end)
end

if rawget(o, "host") and o.port == 0 and not o.s then cli.wrong("missing PORT") end -- not the default
cli.main(o.s and serve_for_ever or o.port > 0 and talk or demonstrate)
