-- split(usage, words): of a program's arguments, "127.0.0.1:45061" in the place of HOST, as servers print
-- it, becomes host and port, where the usage has a PORT after that HOST.
return function(usage, words)
  local at = 0
  for name in usage:gsub("%[%-.-%]", ""):gmatch(" %[?(%u+)%]?") do
    at = at + 1
    local host, port = (words[at] or ""):match("^%[(.-)%]:(%d+)$") -- [::1]:8080
    if not host then host, port = (words[at] or ""):match("^([^:/]*):(%d+)$") end
    if host and name:find("HOST$") and usage:find(name .. " %[?" .. name:gsub("HOST$", "PORT")) then
      words[at] = host
      table.insert(words, at + 1, port)
    end
  end
end
