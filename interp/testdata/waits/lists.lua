-- interp.WaitList and Mutex, by which all of wirelua waits for what another thread does: first
-- come, first served; who gave up is not on the list any more; and nothing is lost that was
-- handed to who was cancelled at the same time.

-- waiting starts n threads one after the other that run fn(i), and returns once all of them wait.
local function waiting(n, fn)
    local threads = {}
    for i = 1, n do
        local began = thread.event()
        threads[i] = thread.start(function() began:set() return fn(i) end)
        threads[i].name = "w" .. i
        began:wait()
        thread.yield()
    end
    return threads
end

-- waits reports, for what a thread that waits would show only by not ending.
local function waits(t) return not t:join(0) and t:alive() end

test("who came first is woken first", function()
    local order = {}
    local threads = waiting(5, function(i) lists.wait() order[#order + 1] = i end)
    eq(lists.wake(), "w1")
    eq(lists.wake(), "w2")
    threads[1]:join() threads[2]:join()
    eq(waits(threads[3]), true)
    lists.wakeall()
    for _, t in ipairs(threads) do eq(t:join(10), true) end
    eq(#order, 5)
    eq(lists.wake(), nil, "nobody waits")
end)

test("who gave up is not woken, and the others stand as they stood", function()
    local ended = {}
    local threads = waiting(4, function(i)
        local results = {pcall(lists.wait, i == 1 and 0.01 or i == 4 and 0.02 or nil)}
        ended[i] = results[1] and (results[3] or "woken") or results[2].code
    end)
    threads[1]:join() threads[4]:join()
    threads[2]:cancel()
    threads[2]:join()
    eq(lists.wake(), "w3")
    eq(threads[3]:join(10), true)
    eq(ended, {"timeout", "ECANCELED", "woken", "timeout"})
    eq(lists.wake(), nil)
end)

test("who is woken and cancelled at once has what it was woken for", function()
    local t = waiting(1, function()
        local got = lists.with("mine")
        local ok, err = pcall(thread.sleep, 10) -- the cancellation is for the next wait
        return got, err.code
    end)[1]
    local ok, held = lists.exchange("yours")
    t:cancel()
    eq({ok, held}, {true, "mine"})
    eq({t:join(10)}, {true, "yours", "ECANCELED"})
end)

test("who is cancelled first is handed nothing", function()
    local t = waiting(1, function() local ok, err = pcall(lists.with, "mine") return ok, err.code end)[1]
    t:cancel()
    t:join(10)
    eq({lists.exchange("yours")}, {false})
    eq({t:join(10)}, {true, false, "ECANCELED"})
end)

test("waking everybody does not wake again who waits again", function()
    local flag, rounds = {}, 0
    local threads = waiting(3, function() lists.await(flag) end)
    lists.wakeall() -- in vain
    for _ = 1, 10 do thread.yield() end
    for _, t in ipairs(threads) do eq(waits(t), true) end
    flag.done = true
    lists.wakeall()
    for _, t in ipairs(threads) do eq(t:join(10), true) end
end)

test("a wait of no length lets others run, and one that is over does not wait", function()
    local ran = false
    thread.start(function() ran = true end)
    local answer
    for _ = 1, 1000 do
        local _, why = lists.wait(0)
        answer = why
        if ran then break end
    end
    eq({answer, ran}, {"timeout", true})
    eq(lists.await({done = true}, 0), true)
    eq({lists.await({}, 0)}, {nil, "timeout"})
end)

test("a mutex goes to who waits longest, and is not free in between", function()
    lists.lock()
    local order = {}
    local threads = waiting(3, function(i) lists.lock() order[#order + 1] = i lists.unlock() end)
    eq(lists.unlock(), "w1")
    lists.lock() -- w1, which has not run yet, has it, and the others stand before this one
    eq(order, {1, 2, 3})
    eq(lists.unlock(), nil)
end)

test("what is called outside the turn is told to end early", function()
    eq(lists.outside(0.001), false)
    local t = waiting(1, function() return lists.outside(3600) end)[1]
    thread.sleep(0.001)
    t:cancel()
    eq({t:join(10)}, {true, true})
end)
