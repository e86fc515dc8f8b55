-- A tenant that reaches for what is not its own, and tells what came of it.
return function(address)
  local host, port = address:match("^(.+):(%d+)$")
  local _, connected = pcall(socket.create_connection, host or "127.0.0.1", tonumber(port) or 80)
  local _, opened = io.open("/etc/passwd")
  local _, ran = pcall(process.spawn, {"id"})
  local told = {connected, opened, ran, os.getenv("HOME") or "no HOME"}
  for i, what in ipairs(told) do told[i] = tostring(what) .. "\n" end
  return table.concat(told)
end
