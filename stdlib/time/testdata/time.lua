-- time: clocks and waiting.

test("clocks", function()
  local t = time.time()
  assert(t > 1.7e9 and t < 2 ^ 33, t)
  assert(math.abs(os.time() - t) < 2)
  local before = time.monotonic()
  for _ = 1, 1000 do
    local now = time.monotonic()
    assert(now >= before)
    before = now
  end
end)

test("sleep waits at least that long", function()
  for _, s in ipairs {0, 1e-9, 0.001, 0.03} do
    local start = time.monotonic()
    eq(time.sleep(s), true)
    local took = time.monotonic() - start
    assert(took >= s and took < s + 5, took)
  end
end)

test("sleep works inside coroutines and pcall", function()
  local co = coroutine.wrap(function() coroutine.yield(pcall(time.sleep, 0.001)) end)
  eq({co()}, {true, true})
end)

test("bad arguments", function()
  raises("bad argument #1 to 'sleep' (seconds must be 0 or more, got -1)", time.sleep, -1)
  raises("bad argument #1 to 'sleep' (seconds must be 0 or more", time.sleep, 0 / 0)
  raises("bad argument #1 to 'sleep' (number expected, got nil)", time.sleep, nil)
  raises("bad argument #1 to 'sleep' (number expected, got table)", time.sleep, {})
end)
