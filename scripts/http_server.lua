-- A small HTTP/1.1 server: GET and HEAD, connections kept alive, a thread for each client.
--
--   wirelua scripts/http_server.lua [host [port [connections]]]
--
-- With a number of connections it stops after that many.
local socket = require "socket"
local thread = require "thread"
local time = require "time"

local host, port, connections = ...
if host == "--help" then
  return print([=[
usage: http_server.lua [HOST [PORT [CONNECTIONS]]]

A small HTTP/1.1 server: GET and HEAD, connections kept alive, a thread for each client. It listens on
127.0.0.1 and a free port unless told otherwise, and stops after that many connections.]=])
end

local IDLE = 10           -- seconds that a client may be silent
local LONGEST_LINE = 8192 -- bytes
local MOST_HEADERS = 100

local PAGES = {
  ["/"] = "This page comes from wirelua. See also /about.\n",
  ["/about"] = "A thread for each client, and plain blocking calls in each thread.\n",
}

local REASONS = {
  [200] = "OK",
  [400] = "Bad Request",
  [404] = "Not Found",
  [405] = "Method Not Allowed",
  [505] = "HTTP Version Not Supported",
}

-- A line, nil at the end of the stream, or nil and 400 for one that is too long.
local function read_line(client)
  local ok, line = pcall(client.readline, client, LONGEST_LINE)
  if ok then return line end
  if line.code == "EMSGSIZE" then return nil, 400 end
  error(line, 0)
end

local function read_headers(client)
  local headers = {}
  for _ = 1, MOST_HEADERS do
    local line = read_line(client)
    if not line then return nil end
    if line == "" then return headers end
    local name, value = line:match("^([%w!#$%%&'*+.^_`|~-]+):[ \t]*(.-)[ \t]*$")
    if not name then return nil end
    headers[name:lower()] = value
  end
  return nil
end

-- A request; nil if the client is done; nil and a status if it makes no sense.
local function read_request(client)
  local line, status = read_line(client)
  if line == "" then line, status = read_line(client) end -- one stray empty line is forgiven
  if not line then return nil, status end

  local method, target, major, minor = line:match("^(%a+) (%S+) HTTP/(%d)%.(%d)$")
  if not method then return nil, 400 end
  if major ~= "1" then return nil, 505 end
  local headers = read_headers(client)
  if not headers then return nil, 400 end
  if minor ~= "0" and not headers.host then return nil, 400 end

  local option = (headers.connection or ""):lower()
  local keep = option:find("keep-alive", 1, true) or minor ~= "0"
  if option:find("close", 1, true) then keep = false end
  -- No page here wants a body. If one comes all the same, the connection ends with our answer.
  local length = headers["content-length"] or "0"
  if headers["transfer-encoding"] or length ~= "0" then keep = false end

  local path = target:gsub("^%a+://[^/?]*", ""):gsub("[?#].*", "")
  return { method = method, path = path == "" and "/" or path, keep = keep }
end

local function respond(client, status, body, keep, head_only)
  local lines = {
    ("HTTP/1.1 %d %s"):format(status, REASONS[status]),
    "Date: " .. os.date("!%a, %d %b %Y %H:%M:%S GMT"),
    "Content-Type: text/plain; charset=utf-8",
    "Content-Length: " .. #body,
    "Connection: " .. (keep and "keep-alive" or "close"),
  }
  if status == 405 then table.insert(lines, "Allow: GET, HEAD") end
  local head = table.concat(lines, "\r\n") .. "\r\n\r\n"
  client:sendall(head_only and head or head .. body)
end

-- Closing while data of the client lie unread would be a reset, and a reset may overtake our
-- answer. So: no more from us, then read what comes, for a moment.
local function hang_up(client)
  client:shutdown(socket.SHUT_WR)
  local deadline = time.monotonic() + 1
  repeat
    client:settimeout(math.max(deadline - time.monotonic(), 0.001))
  until client:recv(65536) == ""
end

local function serve(client)
  client:settimeout(IDLE)
  while true do
    local request, status = read_request(client)
    if not request then
      if not status then return end
      respond(client, status, REASONS[status] .. "\n", false)
      return hang_up(client)
    end
    local page = PAGES[request.path]
    local head_only = request.method == "HEAD"
    if request.method ~= "GET" and not head_only then
      respond(client, 405, "Only GET and HEAD here\n", request.keep)
    elseif page then
      respond(client, 200, page, request.keep, head_only)
    else
      respond(client, 404, "No page " .. request.path .. " here\n", request.keep, head_only)
    end
    if not request.keep then return hang_up(client) end
  end
end

-- A client that falls silent, resets or vanishes ends its thread and nothing else. An error of
-- ours is a string, not an object with a code, and shows up.
local function client_thread(client)
  local ok, err = pcall(client.with, client, serve)
  if not ok and type(err) == "string" then error(err, 0) end
end

local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
print("listening on " .. listener:getsockname())
local left = tonumber(connections) or math.huge
while left > 0 do
  thread.start(client_thread, (listener:accept()))
  left = left - 1
end
listener:close()
