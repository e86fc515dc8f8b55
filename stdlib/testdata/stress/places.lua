-- Programs that wait in all kinds of places: tail calls, loops, pcall, arguments, assignments, recursion. A thread that
-- waits with nothing but Lua's calls below is left, and gone on with later; in xpcall or a metamethod it is not. Each
-- program has to give the same in all ways to run it: results, errors with their lines, and the reports of who waits.
-- A seed chooses the program; WIRELUA_SEED begins with another, and its source is told when it fails.

local R = math.random
local function pick(list) return list[R(#list)] end

-- What a program sees waits for what another thread brings, of which D tells it.
local waits = {
  "q:get(D())", "q:get(D())", "get(q)", "deep(q, 1, 2)", "object(D())", "object2()", "select('#', q:get(D()))",
  "s:readline(D('line'))", "s:readexactly(3, D('three'))", "s:readuntil('\\n', D('line'))", "s:recvfrom(1, D('one'))",
  "thread.sleep(0)", "time.sleep(0)", "never:get(0.0005)", "closed:get()", "event:wait(D('event'))", "lock:acquire(D('lock'))",
  "held:acquire(0.0003)", "full:put(4, D('room'))", "semaphore:acquire(D('sem'))", "joined()", "joined(1, nil, 3)",
}
local calls = {
  "q.get, q, D()", "s.readline, s, D('line')", "pcall, q.get, q, D()", "thread.sleep, 0", "error, 'e'", "error, {code = 1}",
  "pcall, pcall, error, 5", "object, D()", "object2", "get, q", "over.readexactly, over, 2", "nothing", "closed.get, closed",
}
local loops = {
  "items(%d):items()", "lines(%d):lines()", "lines(%d):lines(4)", "lines(%d):chunks()", "other(%d):wrapped()",
  "other(%d):lua()", "other(%d):called()", "other(%d).each(items(%d))",
}
local preamble = [[
local function get(q, ...) return q:get(D()) end
local function deep(q, n, ...) if n == 0 then return q:get(D()) end return deep(q, n - 1, ...) end
local object = setmetatable({}, {__call = function(_, ...) return q:get(...) end})
local object2 = setmetatable({}, {__call = function() return get(q) end})
local function nothing() thread.sleep(0) end
local function main(...)
]]

-- generate returns a program. Each block's names are known in it alone.
local function generate()
  local out, count = {preamble}, 0
  local vars, funcs, looping = {}, {}, false
  local block
  local function emit(text, ...) out[#out + 1] = text:format(...) .. "\n" end
  local function new(list, prefix)
    count = count + 1
    list[#list + 1] = prefix .. count
    return list[#list]
  end
  local function scope(body, loop)
    local v, f, l = #vars, #funcs, looping
    if loop ~= nil then looping = loop end
    body()
    looping = l
    for i = #vars, v + 1, -1 do vars[i] = nil end
    for i = #funcs, f + 1, -1 do funcs[i] = nil end
  end
  local function wait() return R(60) == 1 and "over:readexactly(2)" or pick(waits) end
  local function expr(d)
    local k = R(18)
    if k <= 6 then return wait() end
    if k <= 8 then return "(" .. wait() .. ")" end
    if k <= 10 and #vars > 0 then return pick(vars) end
    if k == 11 then return "..." end
    if k == 12 and #funcs > 0 then return pick(funcs) .. "(" .. wait() .. ")" end
    if d > 2 then return "nil" end
    if k == 13 then return "pcall(" .. pick(calls) .. ")" end
    if k == 14 and #funcs > 0 then return "pcall(" .. pick(funcs) .. ", " .. expr(d + 1) .. ")" end
    if k == 15 then return "{" .. expr(d + 1) .. ", " .. expr(d + 1) .. "}" end
    if k == 16 then return "select('#', " .. expr(d + 1) .. ")" end
    if k == 17 then return "xpcall(function(...) return " .. expr(d + 1) .. " end, tostring)" end
    return tostring(R(9))
  end
  local function returns()
    local k = R(8)
    if k <= 3 then emit("return %s", wait())
    elseif k <= 5 then emit("return %s, %s", expr(1), expr(1))
    elseif k <= 6 and #funcs > 0 then emit("return %s(%s)", pick(funcs), expr(1))
    elseif k <= 7 then emit("return pcall(%s)", pick(calls))
    else emit("return pcall(function(...) return %s end, %s)", expr(1), expr(1)) end
  end
  local function loop(d)
    local names = {}
    for i = 1, R(4) do new(names, "v") end
    emit("for %s in %s do", table.concat(names, ", "), (pick(loops):gsub("%%d", R(0, 4))))
    scope(function()
      for _, name in ipairs(names) do vars[#vars + 1] = name end
      local v = names[1]
      if R(3) == 1 then emit("log((function() %s = tostring(%s) return %s end)())", v, v, v) end
      emit("log(%s)", table.concat(names, ", "))
      if R(4) == 1 then emit("if count() %% 3 == 0 then goto on end") end
      emit("do")
      scope(function() block(d + 1) end)
      emit("end ::on:: end")
    end, true)
  end
  local function statement(d)
    local k = R(20)
    if k <= 3 then local e = expr(1) emit("local %s = %s", new(vars, "a"), e)
    elseif k <= 5 then local e, f = expr(1), expr(1) emit("local %s, %s, %s = %s, %s", new(vars, "a"), new(vars, "a"), new(vars, "a"), e, f)
    elseif k == 6 then
      local x, y, z = new(vars, "a"), new(vars, "a"), new(vars, "a")
      emit("local %s, %s, %s = pcall(%s)", x, y, z, pick(calls))
      emit("log(%s, %s, %s)", x, y, z)
    elseif k == 7 then emit("log(%s)", expr(1))
    elseif k == 8 then emit("%s", wait())
    elseif k == 9 and #vars > 1 then emit("%s, %s = %s", pick(vars), pick(vars), expr(1))
    elseif k <= 12 and d < 4 then
      local param, made = {}, {}
      emit("local function %s(%s, ...)", new(made, "f"), new(param, "p"))
      scope(function() vars[#vars + 1] = param[1] block(d + 1) returns() end, false)
      emit("end")
      funcs[#funcs + 1] = made[1]
    elseif k <= 15 and d < 4 then loop(d)
    elseif k == 16 and d < 4 then
      emit("if count() %% %d == 0 then", R(2, 3))
      scope(function() block(d + 1) returns() end)
      emit("end")
    elseif k == 17 then emit("log(traceback())")
    elseif k == 18 and looping then emit("if count() %% 3 == 0 then break end")
    elseif k == 19 then emit("if count() %% 7 == 0 then error(%s) end", pick{"'oops'", "{code = 7}", "'x', 0", "'y', 2"})
    else emit("log(pcall(%s))", pick(calls)) end
  end
  function block(d)
    for i = 1, R(d == 0 and 8 or 4) do
      if #out < 120 then statement(d) end
    end
  end
  block(0)
  returns()
  return table.concat(out) .. "end\nlocal r = pack(main(1, nil, 'va'))\nreturn r\n"
end

-- shown is v in words that do not differ from run to run.
local function shown(v)
  if type(v) == "userdata" then v = table.concat({tostring(v.code), tostring(v.where), tostring(v.op), tostring(v.partial), tostring(v)}, "|") end
  if type(v) ~= "table" then return (tostring(v):gsub("0x%x+", ""):gsub("%b()", "()")) end
  local all = {}
  for i = 1, v.n or table.maxn(v) do all[i] = shown(v[i]) end
  return "{" .. table.concat(all, ",") .. "}" .. tostring(v.code)
end

-- places are the program's own calls in a traceback, or in what a report says of a thread.
local function places(text)
  return (text:gsub("[^\n]*\n?", function(line) return line:find("PROGRAM", 1, true) and line or "" end))
end

local function pack(...) return {n = select("#", ...), ...} end

-- world is what the program sees, serve what brings it what it waits for, and log what has happened.
local function world(demand)
  local serve, log, opened, n = {}, {}, {}, 0
  local e = setmetatable({pack = pack}, {__index = _G})
  local function pair()
    local a, b = socket.socketpair()
    a:settimeout(20)
    opened[#opened + 1], opened[#opened + 2] = a, b
    return a, b
  end
  e.q, e.never, e.closed, e.full, e.event = thread.queue(), thread.queue(), thread.queue(), thread.queue(1), thread.event()
  e.lock, e.held, e.semaphore = thread.lock(), thread.lock(), thread.semaphore(0)
  e.closed:close() e.full:put(0) e.held:acquire()
  local far, gone
  e.s, far = pair()
  e.over, gone = pair()
  gone:sendall("z") gone:close()
  function e.count() n = n + 1 if n > 300 then error("long enough", 0) end return n end
  function e.log(...) log[#log + 1] = shown(pack(...)) end
  function e.traceback() return places(debug.traceback()) end
  function e.D(what)
    e.count()
    if what == "event" then e.event:clear() end
    if what == "lock" then
      if e.lock:locked() then e.lock:release() end
      thread.start(e.lock.acquire, e.lock):join()
    end
    demand:put(what or "item")
  end
  function serve.item() n = n + 1 e.q:put(n) end
  function serve.line() far:sendall("line " .. n .. "\n") end
  function serve.three() far:sendall("abc") end
  function serve.one() far:sendall("1") end
  function serve.event() e.event:set() end
  function serve.lock() e.lock:release() end
  function serve.room() e.full:get(0) end
  function serve.sem() e.semaphore:release() end
  function e.joined(...) return thread.start(function(...) thread.yield() return ... end, ...):join() end
  function e.method(o, name, ...) return o[name](o, ...) end
  local function slowly(k, put, close)
    thread.daemon(function()
      for i = 1, k do thread.yield() thread.yield() pcall(put, i) end
      close()
    end)
  end
  function e.items(k)
    local q = thread.queue()
    slowly(k, function(i) q:put(i ~= 3 and i) end, function() q:close() end)
    return q
  end
  function e.lines(k)
    local a, b = pair()
    slowly(k, function(i) b:sendall(("x"):rep(i) .. "\n") end, function() b:close() end)
    return {lines = function(_, max) return a:lines(max) end, chunks = function() return a:lines() end}
  end
  function e.other(k)
    local q = e.items(k)
    return {each = q.items,
      wrapped = function() return coroutine.wrap(function() for v in q:items() do coroutine.yield(v) end end) end,
      lua = function() return function(s, i) return q:get(), i, s end, 1, 2 end,
      called = function() return setmetatable({}, {__call = function(_, s, i) return q:get() end}) end}
  end
  return e, serve, log, opened
end

local ways = {
  xpcall = function(fn) return select(2, assert(xpcall(fn, function(err) return err end))) end,
  index = function(fn) return setmetatable({}, {__index = fn}).x end,
  plain = function(fn) return fn() end,
  pcall = function(fn)
    local ok, r = pcall(fn)
    if not ok then error(r, 0) end
    return r
  end,
}

-- run returns what the program does in one of the ways; odd is what befalls it meanwhile.
local function run(source, way, odd)
  local demand, served = thread.queue(), 0
  local e, serve, log, opened = world(demand)
  local program = setfenv(assert(loadstring(source, "=PROGRAM")), e)
  local t = thread.start(function()
    if odd == "hook" then debug.sethook(function() end, "l") end
    return ways[way](program)
  end)
  local server = thread.start(function()
    for what in demand:items() do
      for i = 1, 3 do thread.yield() end
      served = served + 1
      local report = debug.threads():match("\n" .. t.name:gsub("%-", "%%-") .. ":.-\n%f[^%s]") or ""
      e.log(served, places(report))
      if odd == "garbage" then collectgarbage() end
      if odd == "cancel" and served % 4 == 3 then t:cancel() else serve[what]() end
    end
  end)
  local ok, r = t:join(20)
  if ok == nil then log[#log + 1] = debug.threads() end
  demand:close()
  server:join(20)
  for _, s in ipairs(opened) do s:close() end
  log[#log + 1] = tostring(ok) .. " " .. shown(r)
  return table.concat(log, "\n")
end

-- unlike has the loops call their iterators as those of functions do, which the VM does.
local function unlike(source)
  return (source:gsub("in (%w+%(%d%)):(%w+)%((%d*)%) do", "in method(%1, '%2', tonumber '%3') do"))
end

local began, seed = time.monotonic(), tonumber(os.getenv("WIRELUA_SEED") or "") or 1
for i = seed, seed + 29 do
  if time.monotonic() - began > 3 then break end
  test("seed " .. i, function()
    math.randomseed(i)
    local source, odd = generate(), ({"hook", "garbage", "cancel", "none"})[i % 4 + 1]
    local want = run(unlike(source), "xpcall", odd)
    for way in pairs(ways) do eq(run(source, way, odd), want, way .. ", " .. odd .. ":\n" .. source) end
  end)
end
