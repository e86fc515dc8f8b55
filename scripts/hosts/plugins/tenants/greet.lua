-- A tenant as one wishes them. The host calls the function that this file returns with the path and the body of each
-- request, and sends what it returns.
local visits = 0

return function(path, body)
  visits = visits + 1
  return "hello " .. path .. ", visitor " .. visits .. "\n" .. body
end
