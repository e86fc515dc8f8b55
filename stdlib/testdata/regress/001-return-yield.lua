-- A coroutine whose function ends in "return coroutine.yield(...)" has no frame left when it is
-- resumed, since gopher-lua takes the frame of a tail call away before it yields: the next resume
-- dereferenced nil, and the script was told of an "internal error".

test("return coroutine.yield(...) returns what it is resumed with", function()
  local yield = coroutine.yield
  local co = coroutine.create(function(...) return yield(...) end)
  eq({coroutine.resume(co, 1, 2)}, {true, 1, 2})
  eq(coroutine.status(co), "suspended")
  eq({coroutine.resume(co, 3, nil, 5)}, {true, 3, nil, 5})
  eq(coroutine.status(co), "dead")
  eq({coroutine.resume(co)}, {false, "cannot resume dead coroutine"})

  local wrapped = coroutine.wrap(function(...) return yield(...) end)
  eq({wrapped(1)}, {1})
  eq({wrapped()}, {})
  raises("cannot resume dead coroutine", wrapped)

  local function inner(...) return yield(...) end
  local outer = coroutine.wrap(function(...) local a = inner(...) return "end", a end)
  eq({outer(1)}, {1})
  eq({outer(2, 3)}, {"end", 2})
end)
