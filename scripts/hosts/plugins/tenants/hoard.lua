-- A tenant that takes all the memory there is.
local held = {}

return function()
  while true do
    held[#held + 1] = ("x"):rep(100000) .. #held
  end
end
