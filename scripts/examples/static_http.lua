-- Serves the files of a folder by HTTP/1.1: GET and HEAD, ranges, connections kept alive. The kernel
-- copies the files to the sockets (sendfile); they never come into Lua.
local errno = require "errno"
local process = require "process"
local socket = require "socket"
local cli = require "lib.cli"
local http = require "lib.http"
local listen = require "lib.listen"
local serve = require "lib.serve"
local url = require "lib.url"

local o = cli.parse([=[
usage: static_http.lua [FOLDER [HOST [PORT]]]

A folder without index.html is listed. Names that begin with a dot are not served.

FOLDER     what to serve [default: .]
HOST       the address to listen on [default: 127.0.0.1]
PORT       and the port; 0 is one that is free [default: 0]]=], ...)

local IDLE = 30      -- seconds that a client may be silent, or take for a piece of a file
local PIECE = 2 ^ 20 -- bytes

local function send_file(file, client, request, kind)
  local size = file:seek("end")
  local first, last = http.range(request.headers.range, size)
  if not first then
    local fields = ("Content-Range: bytes */%d\r\n"):format(size)
    return http.send_page(client, request, "416 Range Not Satisfiable", fields)
  end

  local status, fields, length = "200 OK", "Accept-Ranges: bytes\r\n", last - first + 1
  if length < size then
    status = "206 Partial Content"
    fields = fields .. ("Content-Range: bytes %d-%d/%d\r\n"):format(first, last, size)
  end
  local head = http.head(request, status, kind, length, fields)
  if request.method == "HEAD" or length == 0 then return client:sendall(head) end
  client:sendall(head, socket.MSG_MORE) -- where it exists: the head waits, and travels with the file
  while first <= last do
    local sent = client:sendfile(file, first, math.min(last - first + 1, PIECE))
    if sent == 0 then error("a file became shorter while it was sent", 0) end
    first = first + sent
  end
end

local function send_list(client, request, path)
  local command = { "ls", "-p", "--", o.folder .. path }
  local ls = process.spawn(command, { stdout = "pipe", stderr = "null" })
  local page = { "<!DOCTYPE html><title>" .. http.escape(path) .. "</title><ul>" }
  for name in ls.stdout:lines() do
    page[#page + 1] = ('<li><a href="./%s">%s</a>'):format(url.encode(name), http.escape(name))
  end
  ls.stdout:close()
  if ls:wait() ~= 0 then return http.send_page(client, request, "404 Not Found", "") end
  http.send_page(client, request, "200 OK", "", table.concat(page, "\n") .. "</ul>\n")
end

local function answer(client, request)
  local path = request.path
  if request.method ~= "GET" and request.method ~= "HEAD" then
    return http.send_page(client, request, "405 Method Not Allowed", "Allow: GET, HEAD\r\n")
  elseif path:find("/.", 1, true) then -- hidden; or "..", however it was spelled
    return http.send_page(client, request, "404 Not Found", "")
  end

  local name = path:gsub("/$", "/index.html")
  local file, _, code = io.open(o.folder .. name)
  if file and select(3, file:read(0)) == errno.EISDIR then
    file:close()
    local location = "Location: " .. url.encode(path) .. "/\r\n"
    http.send_page(client, request, "301 Moved Permanently", location)
  elseif file then
    file:with(send_file, client, request, http.type_of(name))
  elseif code == errno.ENOENT and name ~= path then
    send_list(client, request, path)
  else
    http.send_page(client, request, code == errno.EACCES and "403 Forbidden" or "404 Not Found", "")
  end
end

local folder = io.open(o.folder)
if not folder or select(3, folder:read(0)) ~= errno.EISDIR then cli.fail("no such folder: " .. o.folder) end
folder:close()
local listener = listen(o.host, o.port)
print("listening on " .. listener:getsockname())
serve(listener, function(client)
  client:settimeout(IDLE)
  repeat
    local ok, request, status, why = pcall(http.read_request, client)
    if not ok then return request.code or error(request, 0) end -- silent for too long, or gone
    if status then
      http.send_page(client, {}, status, "")
      error(why, 0) -- to be logged
    end
    if request then answer(client, request) end
  until not request or not request.keep
end)
