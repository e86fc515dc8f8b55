-- Four routes. The host calls the function that this file returns with each request; a header's name is in lower case.
-- visit is the host's, and counts for all interpreters that run this.
-- wirelua: globals visit
local routes = {}

routes["GET /"] = function(path)
  return 200, {["content-type"] = "text/plain"}, "visit " .. visit(path) .. "\n"
end

routes["POST /shout"] = function(path, headers, body)
  return 200, {["content-type"] = headers["content-type"]}, body:upper()
end

routes["GET /agent"] = function(path, headers)
  return 200, {["content-type"] = "application/json"}, json.encode{agent = headers["user-agent"]}
end

routes["GET /wait"] = function() -- others are served meanwhile
  time.sleep(3600)
  return 204
end

return function(method, path, headers, body)
  local route = routes[method .. " " .. path]
  if not route then return 404, {["content-type"] = "text/plain"}, "nothing is at " .. path .. "\n" end
  return route(path, headers, body)
end
