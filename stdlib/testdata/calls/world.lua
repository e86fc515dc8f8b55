-- What the fuzzer of calls (calls_test.go) begins a sequence with: F has every function that a
-- script can find, by name, V live values of every kind, by number. A step is a line such as
--
--     step(41, "plain", F["socket:recv"], V[3], 10)
--
-- which calls the function and keeps what it returns as V[41] and V[42]. All that this file
-- itself uses is local: a step may set any global to anything.
local dir, ip, memory = ...
local methods, manual, hosts = fuzz_methods, fuzz_manual, fuzz_hosts
local listed = fuzz_functions
for name in pairs(listed) do require(string.match(name, "(.*)%.")) end
fuzz_methods, fuzz_manual, fuzz_hosts, fuzz_functions, begin_world = nil
local _G, V, F = _G, {}, {}
local pcall, xpcall, type, select, tostring, pairs, ipairs, next, error = pcall, xpcall, type, select, tostring, pairs, ipairs, next, error
local loadstring, setfenv, setmetatable, getmetatable, rawget, unpack = loadstring, setfenv, setmetatable, debug.getmetatable, rawget, unpack
local create, resume, yield, wrap = coroutine.create, coroutine.resume, coroutine.yield, coroutine.wrap
local sub, rep, gsub, traceback, sort = string.sub, string.rep, string.gsub, debug.traceback, table.sort
local concat = table.concat
local socket, thread, tls, process, selectors = socket, thread, tls, process, selectors
local start, sleep, join = thread.start, thread.sleep, nil

-- kind names a value as the fuzzer chooses arguments: "socket", "file", "table".
local function kind(v)
  local mt = type(v) == "userdata" and getmetatable(v)
  return type(mt) == "string" and mt or type(v)
end

-- Functions: those of the globals, of all modules, and of tables and metatables in them.
local seen = {[V] = true, [F] = true, [package.loaded] = true}
local function walk(path, t)
  if seen[t] then return end
  seen[t] = true
  for k, v in pairs(t) do
    local name = path .. tostring(k)
    if type(v) == "function" and not F[name] then
      F[name] = v
      manual(name, v)
    elseif type(v) == "table" and v ~= _G then
      walk(name .. ".", v)
    end
  end
  if type(getmetatable(t)) == "table" then walk(path, getmetatable(t)) end
end
for name, t in pairs(package.loaded) do if t ~= _G and type(t) == "table" then walk(name .. ".", t) end end
walk("", _G)
for name in pairs(listed) do -- select is a function, and has fields that no walk finds
  if not F[name] then
    local module, field = string.match(name, "(.*)%.(.*)")
    F[name] = package.loaded[module][field]
    manual(name, F[name])
  end
end

-- Live values. What the fence, or the platform, does not have is not there.
local function live(make, ...)
  local made = {pcall(make, ...)}
  if not made[1] or made[2] == nil then return end -- io's functions do not raise
  for i = 2, #made do V[#V + 1] = made[i] end
  return unpack(made, 2)
end
pcall(socket.setdefaulttimeout, 0.02)
package.path = dir .. "/?.lua;" .. package.path
local function listener(at)
  local l = socket.create_server(at or ip, 0)
  return l, l:getsockname()
end
local l, address = live(listener)
live(function()
  local c = socket.create_connection(address)
  local s = l:accept()
  s:sendall(rep("line\n", 100))
  return c, s
end)
live(listener, "::1")
live(socket.socket)
live(socket.socket, socket.AF_INET6)
live(socket.socket, socket.AF_UNIX)
live(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
live(function() -- each has datagrams, some longer than what anybody asks for
  local a, b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  a:bind(ip, 0) b:bind(ip, 0) a:connect(b:getsockname())
  for _, n in ipairs{1, 60000, 0, 9000, 70, 500} do a:send(rep("u", n)) b:sendto(rep("w", n), a:getsockname()) end
  return a, b, b:getsockname()
end)
for _, typ in ipairs{"SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET"} do
  live(function()
    local a, b = socket.socketpair(socket.AF_UNIX, socket[typ])
    for _, n in ipairs{1, 60000, 9000, 70, 500} do
      a:send(rep("a", n), socket.MSG_DONTWAIT) b:send(rep("b\n", n / 2), socket.MSG_DONTWAIT)
    end
    return a, b
  end)
end
live(function() -- descriptors under way
  local a, b = socket.socketpair()
  for n = 1, 3 do socket.send_fds(a, rep("f", n), {a:fileno(), b:fileno(), a:fileno()}) end
  return a, b
end)
live(function()
  local u = socket.socket(socket.AF_UNIX)
  u:bind(dir .. "/s1") u:listen()
  return u
end)
live(function()
  local u = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
  u:bind(dir .. "/d1")
  return u
end)
live(function()
  local s = socket.socketpair()
  s:close()
  return s
end)
local cert, key = live(tls.self_signed, {"localhost", ip})
live(function()
  local a, b = socket.socketpair()
  local t = start(tls.wrap, b, {server_side = true, cert = cert, key = key, timeout = 1})
  local c = tls.wrap(a, {verify = false, timeout = 1})
  local _, s = t:join(1)
  s:sendall(rep("secret\n", 50))
  return c, s
end)
live(function()
  local a, b = socket.socketpair()
  a:setblocking(false)
  return tls.wrap(a, {verify = false}), b
end)
local ts = live(tls.create_server, ip, 0, {cert = cert, key = key, timeout = 0.02})
if ts then ts:settimeout(0.02) end
live(function() return l:clients() end)
live(function() return V[2] and V[2].lines and V[2]:lines() end)
live(function() local a, b = socket.socketpair() return a:makefile("rw"), b:makefile("r") end)
live(process.pipe)
live(function()
  local p = process.spawn({"cat"}, {stdin = "pipe", stdout = "pipe"})
  p.stdin:settimeout(0.02) p.stdout:settimeout(0.02)
  return p, p.stdin, p.stdout
end)
live(process.spawn, {"true"})
live(process.shared_memory, {name = memory, create = true, size = 4096})
live(io.open, dir .. "/data", "r+")
live(io.open, dir .. "/new", "w")
live(io.tmpfile)
live(io.popen, "cat", "w")
live(io.popen, "echo", "r")
live(io.lines, dir .. "/data")
live(function() return io.stdin, io.stdout, io.stderr end)
live(selectors.new)
live(select.poll)
live(function()
  local s, a = selectors.new(), socket.socketpair()
  s:register(a, 3, "data")
  return s, s:get_key(a)
end)
live(thread.lock)
live(function() local k = thread.lock() k:acquire() return k end)
live(thread.event)
live(thread.semaphore, 1)
live(thread.queue)
live(function() local q = thread.queue(1) q:put(1) return q, q:items() end)
live(thread.current)
live(thread.new, function() return 1 end)
live(thread.daemon, sleep, 0.2)
live(channel.make)
live(channel.make, 1)
live(function() return json.null, json.array(), json.array{1, {2}} end)
live(function() return select(2, pcall(socket.connect, socket.socket(socket.AF_UNIX), dir .. "/none")) end)
live(function() return select(2, pcall(io.open)) end)
live(string.gmatch, "a b c", "%a")
live(ipairs, {1, 2, 3})

-- Functions to be called back. What they do besides depends on what they get.
live(function() return
  function(...) return ... end,
  function() end,
  function() return 1, 2, 3 end,
  function() error("raised") end,
  function() error({}) end,
  function() error(setmetatable({}, {__tostring = function() return nil end})) end,
  function() error() end,
  function(...) sleep(0.001) return ... end,
  function(...) return yield(...) end,
  function(a) if kind(a) == "table" then for k in pairs(a) do a[k] = nil end end return a end,
  function(a) return a and a.close and a:close() end,
  function() for _, v in pairs(V) do if kind(v) == "socket" then v:close() return v end end end,
  function() return _G.print end
end)
local function deep(...) return (deep(...)) end
local function each(...) return pcall(each, ...) end
live(function() return deep, each end)
live(function() return create(function(...) while true do yield(...) end end), create(deep), wrap(function(a) yield(a) error("in it") end) end)
live(function() local co = create(function() end) resume(co) return co end)
live(function() local co = create(function() sleep(0.5) end) start(resume, co) return co end)

-- Tables.
local function metatable(...)
  local mt = {}
  for _, event in ipairs{...} do mt["__" .. event] = function(a, b) return b end end
  return mt
end
live(function()
  local circle, kids, nest = {}, {}, {}
  circle[1], circle.self = circle, circle
  for _ = 1, 24 do kids = {kids, kids} end
  local inner = nest
  for _ = 1, 2000 do inner[1] = {} inner = inner[1] end
  local big = {}
  for i = 1, 3000 do big[i] = rep("x", i % 7) end
  return {}, {1, 2, 3}, {1, nil, 3, n = 3}, {"a", "b", 1.5, -1}, circle, kids, nest, big,
    {[0] = 0, [-1] = 1, [0.5] = 2, [true] = 3, x = {y = {z = 1}}, [1e300] = 1},
    setmetatable({}, metatable("index", "newindex", "call", "concat", "eq", "lt", "le", "add", "unm", "len")),
    setmetatable({1, 2}, {__index = function() error("index") end, __newindex = error, __tostring = function() return 1 end}),
    setmetatable({}, {__index = _G, __metatable = false, __mode = "kv", __gc = error}),
    setmetatable({}, {__call = function(_, ...) return ... end, __tostring = function() return "\0" end}),
    {host = ip, port = address and address.port}, {ip, address and address.port}, {ip, "80"}, {dir .. "/s1"},
    {fileno = function() return 0 end, close = error, read = function() return "" end, write = function() return nil end}
end)
for _, v in pairs(hosts) do live(function() return v end) end

-- The methods of all these, by the name of their type.
for _, v in ipairs(V) do
  local owner = kind(v)
  for _, name in ipairs(methods(v)) do
    local full = owner .. ":" .. name
    if not F[full] then F[full] = v[name] manual(full, v[name]) end
  end
  join = join or owner == "thread" and type(v) ~= "thread" and v.join
end

-- What operators do is a metamethod's, and so a function like the others.
local operators = {
  [".."] = "a .. b", ["+"] = "a + b", ["-"] = "a - b", ["%"] = "a % b", ["^"] = "a ^ b", ["unary -"] = "-a", ["#"] = "#a",
  ["=="] = "a == b", ["<"] = "a < b", ["<="] = "a <= b", ["a[b]"] = "a[b]", ["a()"] = "a(b, c)", ["a.b()"] = "a[b](a, c)",
}
for name, code in pairs(operators) do
  F["operator " .. name] = loadstring("local a, b, c = ... return " .. code, "=operator")
end
F["operator a[b] = c"] = function(a, b, c) if a ~= F and a ~= V then a[b] = c end return a end
F["operator for"] = function(a, b, c) local n = 0 for k in a, b, c do n = n + 1 if n > 5 then return k end end end
F["operator pairs"] = function(a) local n = 0 for k, v in pairs(a) do n = n + 1 if n > 5 then return k, v end end end
for name in pairs(F) do if sub(name, 1, 9) == "operator " then manual(name, F[name]) end end
-- "export" has the host get the value, as a script's result: see the host's side.
F["export"] = function(...) return ... end
manual("export", F["export"])

-- Ways to call a function. A call that waits may be made in all of them.
local function finish(co, ok, ...)
  if ok and F["coroutine.status"](co) == "suspended" then return finish(co, resume(co, ...)) end
  if not ok then error((...), 0) end
  return ...
end
local ways = {}
function ways.plain(f, ...) return f(...) end
function ways.coroutine(f, ...)
  local co = create(f)
  local results = {resume(co, ...)}
  if not results[1] then error(results[2], 0) end
  return unpack(results, 2, 4)
end
function ways.wrap(f, ...) return wrap(f)(...) end
function ways.xpcall(f, ...)
  local args, n = {...}, select("#", ...)
  local _, a, b = xpcall(function() return f(unpack(args, 1, n)) end, function(e) return {e, traceback(tostring(e))} end)
  if not _ and type(a) == "table" then V.trace = rawget(a, 2) error(rawget(a, 1), 0) end
  return a, b
end
function ways.thread(f, ...)
  local t = start(f, ...)
  local ok, a, b = join(t, 0.01)
  if ok == false then error(a, 0) end
  return a or t, b
end
function ways.background(f, ...) return start(f, ...) end
function ways.sort(f, ...)
  local args, n, a, b = {...}, select("#", ...), nil, nil
  sort({1, 2}, function() a, b = f(unpack(args, 1, n)) return false end)
  return a, b
end
function ways.gsub(f, ...)
  local args, n, a, b = {...}, select("#", ...), nil, nil
  gsub("x", "x", function() a, b = f(unpack(args, 1, n)) end)
  return a, b
end
function ways.index(f, ...)
  local args, n, a, b = {...}, select("#", ...), nil, nil
  local _ = setmetatable({}, {__index = function() a, b = f(unpack(args, 1, n)) end}).x
  return a, b
end

-- text is a value as an error message, or an uncaught error's, would show it.
local function text(v)
  local ok, s = pcall(tostring, v)
  if not ok then return "tostring: " .. text(s) end
  if kind(v) == "error" then s = s .. "\n" .. tostring(v.message) .. "\n" .. tostring(v.op) .. " " .. tostring(v.code) end
  return sub(s, 1, 2000)
end

local function note(slot, ok, a, b, ...)
  local said = {}
  if not ok then said[1] = text(a) end
  if ok and not a and type(b) == "string" then said[1] = sub(b, 1, 2000) end
  if ok and type(a) ~= "string" and type(a) ~= "table" then said[#said + 1] = text(a) end
  if V.trace then said[#said + 1] = V.trace V.trace = nil end
  if ok and slot then
    if a ~= nil then V[slot] = a end
    if b ~= nil then V[slot + 1] = b end
  end
  return ok, kind(V[slot]), kind(V[slot + 1]), concat(said, "\n")
end

local E = {V = V, F = F, dir = dir, ip = ip, cert = cert, key = key, memory = memory, less = function(a, b) return tostring(a) < tostring(b) end, nan = 0 / 0, inf = 1 / 0, rep = rep, null = json.null,
  socket = socket, select = _G.select, selectors = selectors}
function E.step(slot, way, f, ...) return note(slot, pcall(ways[way], f, ...)) end
function E.bare(_, _, f, ...) return f(...) end
function E.fd(v) local ok, n = pcall(function() return v:fileno() end) return ok and n or -1 end
function E.port(v) local ok, n = pcall(function() return v:getsockname().port end) return ok and n or 0 end
function E.self(f) f.self = f return f end

-- run does a step, and returns whether it succeeded, what kinds of values V[slot] and V[slot+1] are
-- now, and what was said.
function _G.run_step(line)
  return setfenv(assert(loadstring(line, "=step")), E)()
end
function _G.get_value(i) return V[i] end
local kinds, names = {}, {}
for i = 1, #V do kinds[i] = kind(V[i]) end
for name in pairs(F) do names[#names + 1] = name end
sort(names)
return kinds, names
