-- t[20260101] = "x" made a list of twenty million places, 320 MB of them, since gopher-lua's
-- tables put whatever number below 2^26 into their array. The array ends at 2^24 now.

test("a number as key makes no list of what is below it", function()
  local t = {}
  t[20260101] = "x"
  eq({#t, t[20260101], (next(t))}, {0, "x", 20260101})
  t[2^24], t[2^25], t[2^31], t[2^52] = 1, 2, 3, 4
  eq({#t, t[2^24], t[2^25], t[2^31], t[2^52]}, {0, 1, 2, 3, 4})
  for _, k in ipairs{2^24, 2^25, 2^31, 2^52, 20260101} do t[k] = nil end
  eq(next(t), nil)
end)
