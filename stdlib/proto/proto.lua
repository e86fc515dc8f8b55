-- The helpers of module proto. Go's part gives expect, and tells whether somebody typed what runs.
local expect, typed = ...
local proto = {}

local function module(name) return require("wirelua." .. name) end

-- Runs fn on what it is given; an error is told with the address that it was about.
local function guarded(address, fn, ...)
  local ok, err = pcall(fn, ...)
  if not ok then io.stderr:write(tostring(address), ": ", tostring(err), "\n") end
end

-- The arguments ([host,] port, fn) of function name.
local function where(name, host, port, fn)
  local n = 3
  if fn == nil then host, port, fn, n = "127.0.0.1", host, port, 2 end
  if type(fn) ~= "function" then
    error(("bad argument #%d to '%s' (function expected, which is called for each, got %s)"):format(n, name, type(fn)), 3)
  end
  return host, port, fn
end

-- Runs loop: beside what is typed at a prompt, else until it ends. Gives what it works on.
local function go(object, loop)
  if typed() then
    module("thread").daemon(loop)
  else
    loop()
  end
  return object
end

function proto.serve(host, port, fn)
  host, port, fn = where("serve", host, port, fn)
  local thread, server = module("thread"), module("socket").create_server(host, port)
  return go(server, function()
    for conn, address in server:clients() do
      thread.start(guarded, address, conn.with, conn, fn, address)
    end
  end)
end

function proto.udp(host, port, fn)
  host, port, fn = where("udp", host, port, fn)
  local socket = module("socket")
  local family = tostring(host):find(":", 1, true) and socket.AF_INET6 or socket.AF_INET
  local sock = socket.socket(family, socket.SOCK_DGRAM)
  sock:bind(host, port)
  return go(sock, function()
    while sock:fileno() >= 0 do
      local ok, data, address = pcall(sock.recvfrom, sock, 65535)
      if ok then
        guarded(address, fn, data, address, function(text) return sock:sendto(text, address) end)
      elseif data.code ~= "ECONNREFUSED" then -- that is of an answer to somebody who has gone
        if data.code == "EBADF" then return end
        error(data, 0)
      end
    end
  end)
end

-- The host and port in "host:port", "[::1]:port".
local function split(text)
  local host, port = text:match("^%[(.-)%]:(%d+)$")
  if not host then host, port = text:match("^(.-):(%d+)$") end
  if not host or host == "" then
    error(("bad argument #1 to 'dial' (host:port, unix:/path or tls://host:port expected, got '%s')"):format(text), 3)
  end
  return host, tonumber(port)
end

function proto.dial(where, options)
  where = tostring(where)
  options = options or {}
  if type(options) ~= "table" then
    error(("bad argument #2 to 'dial' (table expected, got %s)"):format(type(options)), 2)
  end
  for name in pairs(options) do
    if name ~= "tls" and name ~= "timeout" then
      error(("bad argument #2 to 'dial' (unknown option '%s', there are: tls, timeout)"):format(tostring(name)), 2)
    end
  end
  local socket = module("socket")
  local path = where:match("^unix:(.+)$")
  if path then
    local conn = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    conn:settimeout(options.timeout)
    conn:connect((path:gsub("^@", "\0")))
    return conn
  end
  local secure = where:match("^tls://(.+)$")
  local host, port = split(secure or where:gsub("^tcp://", ""))
  if not (secure or options.tls) then
    local conn = socket.create_connection(host, port, {timeout = options.timeout})
    conn:settimeout(options.timeout)
    return conn
  end
  local opts = {timeout = options.timeout}
  for k, v in pairs(type(options.tls) == "table" and options.tls or {}) do opts[k] = v end
  local conn = module("tls").connect(host, port, opts)
  conn:settimeout(options.timeout)
  return conn
end

-- The connection that function name was given: an object, or a table that has such methods.
local function connection(name, conn)
  if type(conn) ~= "userdata" and type(conn) ~= "table" then
    error(("bad argument #1 to '%s' (socket expected, got %s)"):format(name, type(conn)), 3)
  end
  return conn
end

function proto.sendline(conn, text) return connection("sendline", conn):sendall(text, "\n") end

function proto.interact(conn)
  connection("interact", conn)
  local thread, socket = module("thread"), module("socket")
  local typing = thread.daemon(pcall, function() -- what fails here, the cancellation apart, the other side tells
    for line in io.stdin:lines() do conn:sendall(line, "\n") end
    conn:shutdown(socket.SHUT_WR)
  end)
  for data in conn:chunks() do
    io.stdout:write(data)
    io.stdout:flush()
  end
  typing:cancel()
  pcall(typing.join, typing)
  return true
end

proto.expect = expect

return proto
