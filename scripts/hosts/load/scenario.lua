-- What one user does in one visit: connect, set a value, read it ten times, leave. The host calls the function that
-- this file returns for each user, again and again, and report is its: a name, and the seconds that it took.
-- wirelua: globals report
local function timed(name, fn, ...)
  local began = time.monotonic()
  local result = fn(...)
  report(name, time.monotonic() - began)
  return result
end

return function(id, host, port)
  local s = timed("connect", socket.create_connection, host, port)
  s:settimeout(10)
  s:with(function()
    local function ask(line)
      s:sendall(line .. "\n")
      return s:readline()
    end
    local key = "user-" .. id
    assert(timed("SET", ask, "SET " .. key .. " value of " .. id) == "OK")
    for _ = 1, 10 do
      local answer = timed("GET", ask, "GET " .. key)
      assert(answer == "value of " .. id, "that was for somebody else: " .. tostring(answer))
      time.sleep(0.01) -- it thinks
    end
  end)
end
