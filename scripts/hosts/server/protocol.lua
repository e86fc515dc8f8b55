-- A store of names and values, a line for each request: "SET name value", "GET name". The host calls the function
-- that this file returns with each client, and closes the client after it. store is the host's.
-- wirelua: globals store
local commands = {}

function commands.SET(name, value)
  store.set(name, value)
  return "OK"
end

function commands.GET(name)
  return store.get(name) or "NONE"
end

local function answer(line)
  local word, name, value = line:match("^(%u+) (%S+) ?(.*)$")
  local command = commands[word]
  return command and command(name, value) or "WHAT? SET name value, GET name"
end

return function(client)
  for line in client:lines() do
    client:sendall(answer(line) .. "\n")
  end
end
