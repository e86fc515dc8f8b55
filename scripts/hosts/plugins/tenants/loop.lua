-- A tenant that computes without end, and catches what it can.
return function()
  while true do
    pcall(function() while true do end end)
  end
end
