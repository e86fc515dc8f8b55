-- Addresses of the web: http://host:port/path?query
local url = {}

local PORTS = { http = 80, https = 443 }

-- A path as addresses spell it: "/a%20b" for "/a b"; and back.
function url.encode(path)
  return (path:gsub("[^%w/._~-]", function(c) return ("%%%02X"):format(c:byte()) end))
end

function url.decode(path)
  return (path:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- The parts of an address: scheme, authority ("host:port" as written), host, port, and path, which
-- includes the query.
function url.parse(text)
  local scheme, authority, path = text:match("^(%a+)://([^/?#]+)([^#]*)")
  scheme = scheme and scheme:lower()
  if not PORTS[scheme] then error("not an http:// or https:// address: " .. text, 0) end
  authority = authority:gsub("^.*@", "")
  local host, port = authority:match("^%[(.-)%]:?(%d*)$") -- [::1]:8080
  if not host then host, port = authority:match("^([^:]+):?(%d*)$") end
  if not host then error("not a host and port: " .. authority, 0) end
  if path:sub(1, 1) ~= "/" then path = "/" .. path end
  -- A space or line end would end the request's line, and what follows be a line of its own.
  path = path:gsub("[%c ]", function(c) return ("%%%02X"):format(c:byte()) end)
  port = tonumber(port) or PORTS[scheme]
  if port > 65535 then error("not a port: " .. port, 0) end
  return { scheme = scheme, authority = authority, host = host, port = port, path = path }
end

-- Where a link leads that is found at an address. It may leave out whatever stays the same.
function url.join(from, link)
  if link:find("^%a[%w+.-]*:") then return link end
  if link:sub(1, 2) == "//" then return from.scheme .. ":" .. link end
  local root = from.scheme .. "://" .. from.authority
  if link:sub(1, 1) == "/" then return root .. link end
  local path = from.path:gsub("%?.*", "")
  return root .. (link:sub(1, 1) == "?" and path or path:gsub("[^/]*$", "")) .. link
end

return url
