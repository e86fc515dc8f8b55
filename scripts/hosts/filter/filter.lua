-- A gate for a service that asks nobody who they are. A client's first line is "AUTH name word"; what follows is for
-- the service. Three wrong words, and the name has to wait for a minute. The host calls the function that this file
-- returns with each client, and closes those for which it returns nil.
local words = { -- as hash.sha256 has them
  ada = "d0c04f4b1951e4aeaaec8223ed2039e542f3aae805a6fa7f6d794e5afff5d272", -- sesame
}
local wrong = {} -- by name: how many, and when the last was; calls take turns, so that no lock is needed
for name in pairs(words) do wrong[name] = {count = 0, at = 0} end

local function known(name, word)
  local tries = wrong[name]
  if not words[name] or tries.count >= 3 and time.monotonic() < tries.at + 60 then return false end
  if words[name] == hash.sha256(word) then
    tries.count = 0
    return true
  end
  tries.count, tries.at = tries.count + 1, time.monotonic()
  return false
end

return function(client, hello)
  client:settimeout(10) -- for each call; the host limits the whole
  local name, word = (client:readline(200) or ""):match("^AUTH (%w+) (%S+)$")
  if not name or not known(name, word) then
    client:sendall("NO\n")
    return nil
  end
  client:sendall("WELCOME " .. name .. ", by " .. hello.version .. "\n")
  client:settimeout(nil)
  return client, name
end
