-- What programs that speak HTTP have in common.
local url = require "lib.url"

local http = {}

local LONGEST_LINE, MOST_HEADERS = 8192, 100

local function read_line(s) return s:readline(LONGEST_LINE) end

local function read_headers(s)
  local headers = {}
  for _ = 1, MOST_HEADERS do
    local line = read_line(s)
    if line == "" then return headers end
    local name, value = (line or ""):match("^([^%s:]+):[ \t]*(.-)[ \t]*$")
    if not name then error("not a header: " .. (line or "the connection ended"), 0) end
    name = name:lower()
    headers[name] = headers[name] and headers[name] .. ", " .. value or value
  end
  error("too many headers", 0)
end

-- The head of a message: its first line, and the headers by their names in small letters. Nothing if
-- the other end is done. What is no head raises a string, or EMSGSIZE for a line too long.
function http.read_head(s)
  local first = read_line(s)
  if first then return first, read_headers(s) end
end

-- Reads a part of a request. If that is none: nil, the status that says so to the client, and why.
local function attempt(read, client, too_long)
  local ok, part = pcall(read, client)
  if ok then return part end
  if type(part) == "string" then return nil, "400 Bad Request", part end
  if part.code == "EMSGSIZE" then return nil, too_long, tostring(part) end
  error(part, 0) -- it is not the client's words, but the network
end

-- The head of a request: method, path (decoded, and without its query), headers, and keep: whether the
-- connection goes on. Nothing if the client is done; nil, a status and a reason if it makes no sense.
function http.read_request(client)
  local first, status, why = attempt(read_line, client, "414 URI Too Long")
  if not first then return nil, status, why end
  local method, target, minor = first:match("^(%u+) (%S+) HTTP/1%.(%d)$")
  local path = (target or ""):gsub("^%a+://[^/?#]*", ""):gsub("[?#].*", "")
  path = url.decode(path):gsub("/+", "/")
  if not path:find("^/%Z*$") then return nil, "400 Bad Request", "not a request: " .. first end

  local headers, fault, reason = attempt(read_headers, client, "431 Request Header Fields Too Large")
  if not headers then return nil, fault, reason end
  local option = (headers.connection or minor == "0" and "close" or ""):lower()
  -- No server here takes a body. If one comes all the same, it must not be read as a request.
  local body = headers["transfer-encoding"] or (headers["content-length"] or "0") ~= "0"
  return { method = method, path = path, headers = headers, keep = not body and not option:find("close") }
end

-- The head of an answer. fields are more headers, each with its end of line.
function http.head(request, status, kind, length, fields)
  return table.concat({ "HTTP/1.1 " .. status,
    "Date: " .. os.date("!%a, %d %b %Y %H:%M:%S GMT"),
    "Connection: " .. (request.keep and "keep-alive" or "close"),
    "Content-Type: " .. kind,
    "Content-Length: " .. ("%d"):format(length),
    fields .. "\r\n",
  }, "\r\n")
end

-- Sends a page of ours; without one, the page says what the status is.
function http.send_page(client, request, status, fields, page)
  page = page or "<!DOCTYPE html><title>" .. status .. "</title>" .. status .. "\n"
  local head = http.head(request, status, "text/html; charset=utf-8", #page, fields)
  client:sendall(request.method == "HEAD" and head or head .. page)
end

-- The first and the last byte that a Range header asks for, counted from 0; nil if there are no such.
-- Several ranges, and what is no range, are passed over: all of it is a right answer to those.
function http.range(header, size)
  local first, last = (header or ""):match("^bytes=(%d*)%-(%d*)$")
  first, last = tonumber(first), tonumber(last)
  if not first and not last or first and last and last < first then return 0, size - 1 end
  if not first then first, last = math.max(size - last, 0), size end -- "-500": the last 500
  if first < size then return first, math.min(last or size, size - 1) end
end

-- What a file holds, by how its name ends.
local TYPES = {
  html = "text/html; charset=utf-8", txt = "text/plain; charset=utf-8", css = "text/css",
  lua = "text/plain", js = "text/javascript", json = "application/json", svg = "image/svg+xml",
  png = "image/png", jpg = "image/jpeg", gif = "image/gif", pdf = "application/pdf",
}

function http.type_of(name) return TYPES[name:match("%.(%w+)$")] or "application/octet-stream" end

-- Text as a page shows it.
function http.escape(text)
  return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

return http
