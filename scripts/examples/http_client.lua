-- Fetches a page by HTTP or HTTPS, following the servers that send us elsewhere.
local socket = require "socket"
local tls = require "tls"
local cli = require "lib.cli"
local http = require "lib.http"
local url = require "lib.url"

local o = cli.parse([=[
usage: http_client.lua [-i] [-o FILE] [-t SECONDS] [--ca FILE] URL

Prints the page. The exit status is 0 if the server answered with one, else 1.

-i             print the head of each answer, too
-o FILE        write the page to a file
-t SECONDS     how long to wait for each step [default: 10]
--ca FILE      certificates to trust instead of the system's]=], ...)

local MOST_REDIRECTS = 10

local function connect(there)
  if there.scheme == "http" then return socket.create_connection(there.host, there.port, { timeout = o.t }) end
  return tls.connect(there.host, there.port, { timeout = o.t, ca = o.ca })
end

-- The answer that counts. Interim ones, 100 Continue and the like, may come before it.
local function read_answer(s)
  while true do
    local first, headers = http.read_head(s)
    local status = tonumber((first or ""):match("^HTTP/1%.%d (%d%d%d)"))
    if not status then error("no answer in HTTP: " .. (first or "the server closed"), 0) end
    if o.i then
      print(first)
      for name, text in pairs(headers) do print(name .. ": " .. text) end
      print()
    end
    if status >= 200 then return status, headers end
  end
end

local function copy(s, count, out)
  while count > 0 do
    local piece = s:recv(math.min(count, 65536))
    if piece == "" then error(("the page ended %d bytes early"):format(count), 0) end
    assert(out:write(piece))
    count = count - #piece
  end
end

-- A chunk's length is on a line before it, a line's end behind it. Length 0 ends the page; what may
-- follow are headers once more, which nobody here needs.
local function copy_chunks(s, out)
  while true do
    local line = s:readline() or ""
    local size = tonumber(line:match("^%x+") or "", 16)
    if not size then error("not the length of a chunk: " .. line, 0) end
    if size == 0 then return end
    copy(s, size, out)
    s:readline()
  end
end

local function copy_page(s, headers, out)
  local length, coding = headers["content-length"], (headers["transfer-encoding"] or ""):lower()
  if coding:find("chunked", 1, true) then return copy_chunks(s, out) end
  if length then return copy(s, tonumber(length) or error("not a length: " .. length, 0), out) end
  for piece in s:chunks(65536) do assert(out:write(piece)) end -- it ends when the server closes
end

-- Gets one answer: the address it sends us on to, or the page.
local function fetch(s, there, out)
  s:settimeout(o.t)
  s:sendall(table.concat({ "GET " .. there.path .. " HTTP/1.1", "Host: " .. there.authority,
    "User-Agent: wirelua", "Accept: */*", "Connection: close", "", "" }, "\r\n"))
  local status, headers = read_answer(s)
  local elsewhere = status >= 301 and status <= 308 and headers.location
  if elsewhere then return url.join(there, elsewhere) end
  if status ~= 204 and status ~= 304 then copy_page(s, headers, out) end
  if status > 299 then error("the server answered " .. status, 0) end
end

cli.main(function()
  local out = o.o and assert(io.open(o.o, "wb")) or io.stdout
  local address = o.url
  for _ = 0, MOST_REDIRECTS do
    local there = url.parse(address)
    address = connect(there):with(fetch, there, out)
    if not address then return assert(out:flush()) end
  end
  error("redirected more than " .. MOST_REDIRECTS .. " times", 0)
end)
