-- Fetches a page by HTTP/1.1 and prints status, headers and body.
--
--   wirelua scripts/http_get.lua http://127.0.0.1:8080/about
--   wirelua scripts/http_get.lua 127.0.0.1 8080 /about
--
-- Exit status: 0 if the server answered 2xx, else 1.
local socket = require "socket"

local where, port, path = ...
if where == "--help" then
  return print([=[
usage: http_get.lua URL | HOST [PORT [PATH]]

Fetches a page by HTTP/1.1 and prints status, headers and body. Exit status: 0 if the server answered 2xx.]=])
end
if not where then
  io.stderr:write("usage: http_get.lua URL | HOST [PORT [PATH]]\n")
  os.exit(2)
end

local function parse(url)
  local scheme, authority, rest = url:match("^(%a+)://([^/?#]+)([^#]*)")
  if not scheme then return url end
  if scheme:lower() ~= "http" then error("only http:// URLs, not " .. scheme .. "://", 0) end
  authority = authority:gsub("^.*@", "")
  local host, number = authority:match("^%[(.-)%]:?(%d*)$") -- [::1]:8080
  if not host then host, number = authority:match("^([^:]*):?(%d*)$") end
  if not host then error("no host and port: " .. authority, 0) end
  if rest:sub(1, 1) ~= "/" then rest = "/" .. rest end
  return host, tonumber(number), rest
end

local function read_headers(s)
  local headers, lines = {}, {}
  while true do
    local line = s:readline()
    if not line then error("the connection ended within the headers", 0) end
    if line == "" then return headers, lines end
    lines[#lines + 1] = line
    local name, value = line:match("^([^:]+):[ \t]*(.-)[ \t]*$")
    if name then headers[name:lower()] = value end
  end
end

-- Interim answers (100 Continue and the like) come before the one that counts.
local function read_head(s)
  while true do
    local status_line = s:readline()
    if not status_line then error("the server closed without an answer", 0) end
    local status = status_line:match("^HTTP/1%.%d (%d%d%d)")
    if not status then error("not an answer in HTTP: " .. status_line, 0) end
    local headers, lines = read_headers(s)
    if status >= "200" then return tonumber(status), status_line, headers, lines end
  end
end

-- Each chunk has its size, in hexadecimal, on a line before it. Size 0 is the last; after it
-- there may be more headers.
local function write_chunked(s)
  while true do
    local line = s:readline() or ""
    local size = tonumber(line:match("^%x+") or "", 16)
    if not size then error("no size of a chunk: " .. line, 0) end
    if size == 0 then break end
    io.write(s:readexactly(size))
    s:readline()
  end
  read_headers(s)
end

local function write_body(s, status, headers)
  if status == 204 or status == 304 then return end
  if (headers["transfer-encoding"] or ""):lower():find("chunked", 1, true) then
    return write_chunked(s)
  end
  local length = tonumber(headers["content-length"])
  if length then
    while length > 0 do
      local piece = s:recv(math.min(length, 65536))
      if piece == "" then error(("the body ended %d bytes early"):format(length), 0) end
      io.write(piece)
      length = length - #piece
    end
    return
  end
  for piece in s:chunks(65536) do io.write(piece) end -- a body that ends by closing
end

local function fetch(s, host, path)
  s:sendall(table.concat({
    "GET " .. path .. " HTTP/1.1",
    "Host: " .. host,
    "User-Agent: wirelua",
    "Accept: */*",
    "Connection: close",
  }, "\r\n") .. "\r\n\r\n")
  local status, status_line, headers, lines = read_head(s)
  print(status_line)
  for _, line in ipairs(lines) do print(line) end
  print()
  write_body(s, status, headers)
  return status
end

local host, url_port, url_path = parse(where)
port = tonumber(port) or url_port or 80
path = path or url_path or "/"
local name = host:find(":", 1, true) and "[" .. host .. "]" or host
if port ~= 80 then name = name .. ":" .. port end

local s = socket.create_connection(host, port, { timeout = 10 })
local status = s:with(fetch, name, path)
if status < 200 or status > 299 then os.exit(1) end
