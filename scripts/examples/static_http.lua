-- Serves the files of a folder by HTTP/1.1: GET and HEAD, ranges, connections kept alive. The kernel
-- copies the files to the sockets (sendfile); they never come into Lua.
local errno = require "errno"
local process = require "process"
local socket = require "socket"
local cli = require "lib.cli"
local serve = require "lib.serve"

local o = cli.parse([=[
usage: static_http.lua [FOLDER [HOST [PORT]]]

A folder without index.html is listed. Names that begin with a dot are not served.

FOLDER     what to serve [default: .]
HOST       the address to listen on [default: 127.0.0.1]
PORT       and the port; 0 is one that is free [default: 0]]=], ...)

local IDLE, LONGEST_LINE, MOST_HEADERS, PIECE = 30, 8192, 100, 2 ^ 20
local REASONS = {
  [200] = "OK", [206] = "Partial Content", [301] = "Moved Permanently", [400] = "Bad Request", [403] = "Forbidden",
  [404] = "Not Found", [405] = "Method Not Allowed", [416] = "Range Not Satisfiable",
}
local TYPES = {
  html = "text/html", css = "text/css", js = "text/javascript", txt = "text/plain", lua = "text/plain",
  json = "application/json", svg = "image/svg+xml", png = "image/png", jpg = "image/jpeg", pdf = "application/pdf",
}

local function escape(name) return (name:gsub("[^%w/._~-]", function(c) return ("%%%02X"):format(c:byte()) end)) end

-- The path that a request means, nil if it makes no sense. Whether it is allowed is judged after
-- decoding, or %2e%2e would lead out of the folder where .. does not.
local function path_of(target)
  local path, strange = target:gsub("[?#].*", ""):gsub("%%(%x%x)", function(x) return string.char(tonumber(x, 16)) end)
  ...
end
