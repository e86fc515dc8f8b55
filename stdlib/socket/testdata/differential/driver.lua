-- Runs sequences of socket operations and answers their results; driver.py is its twin for
-- Python's socket. The Go test calls sequence(settle, ops, dir), all in JSON.

local function number(v) return type(v) == "string" and socket[v] or v end

local function flags(names)
  local sum = 0
  for _, name in ipairs(names) do sum = sum + socket[name] end
  return sum
end

local function null(v) if v == json.null then return nil end return v end

local none = {} -- raised: no socket in that register

local World = {}
World.__index = World

function World:reg(r) return self.regs[r] or error(none, 0) end

function World:put(r, s, timeout)
  s:settimeout(null(timeout))
  if self.regs[r] then self.regs[r]:close() end
  self.regs[r] = s
end

-- addr returns an address: "unix:name", "inet:host", "reg:n", whose name it is, or a literal.
function World:addr(spec)
  if type(spec) ~= "string" then return spec end
  local kind, rest = spec:match("^(%a+):(.*)$")
  if kind == "unix" then return self.dir .. "/" .. rest end
  if kind == "inet" then return {rest, 0} end
  if kind == "reg" then
    local s = self:reg(tonumber(rest))
    return s:fileno() >= 0 and s:getsockname() or self.dir .. "/gone"
  end
  return spec
end

function World:show(a)
  if a == nil then return "" end
  if a.family == socket.AF_UNIX then
    if a.path:sub(1, 1) == "\0" then return "abstract" end
    local at, to = a.path:find(self.dir, 1, true)
    return at and "D" .. a.path:sub(to + 1) or a.path
  end
  if a.port == 0 then return a.host .. " 0" end
  if not self.ports[a.port] then
    self.count = self.count + 1
    self.ports[a.port] = self.count
  end
  return a.host .. " P" .. self.ports[a.port]
end

-- answer passes a call's results on; nil and a code is what cannot go on.
local function answer(v, code, ...)
  if v == nil and type(code) == "string" then error({code = code}, 0) end
  return v, code, ...
end

local Ops = {}

function Ops.socket(w, r, fam, typ, t) w:put(r, socket.socket(socket[fam], socket[typ]), t) end

function Ops.pair(w, r, q, typ, t)
  local a, b = socket.socketpair(socket.AF_UNIX, socket[typ])
  w:put(r, a, t) w:put(q, b, t)
end

function Ops.bind(w, r, a) w:reg(r):bind(w:addr(a)) end
function Ops.listen(w, r, n) w:reg(r):listen(n) end
function Ops.connect(w, r, a) answer(w:reg(r):connect(w:addr(a))) end

function Ops.connect_ex(w, r, a)
  local n, name = w:reg(r):connect_ex(w:addr(a))
  return n == 0 and "0" or name
end

function Ops.accept(w, r, q, t)
  local s, a = answer(w:reg(r):accept())
  local shown = w:show(a)
  w:put(q, s, t)
  return shown
end

function Ops.send(w, r, d, f) return (answer(w:reg(r):send(d, flags(f)))) end
function Ops.sendall(w, r, d) answer(w:reg(r):sendall(d)) end
function Ops.sendto(w, r, d, f, a) return (answer(w:reg(r):sendto(d, flags(f), w:addr(a)))) end
function Ops.recv(w, r, n, f) return (answer(w:reg(r):recv(n, flags(f)))) end

function Ops.recvfrom(w, r, n, f)
  local d, a = answer(w:reg(r):recvfrom(n, flags(f)))
  return {d, w:reg(r).type == socket.SOCK_STREAM and "" or w:show(a)}
end

function Ops.sendmsg(w, r, pieces, fds, f)
  local list = {}
  for i, x in ipairs(fds) do list[i] = struct.pack("i", w:reg(x):fileno()) end
  local anc = #fds > 0 and {{socket.SOL_SOCKET, socket.SCM_RIGHTS, table.concat(list)}} or nil
  return (answer(w:reg(r):sendmsg(pieces, anc, flags(f))))
end

function Ops.recvmsg(w, r, n, m, f)
  local d, anc, fl = answer(w:reg(r):recvmsg(n, m, flags(f)))
  local count = 0
  for _, item in ipairs(anc) do
    for i = 1, #item[3], 4 do
      socket.close((struct.unpack_from("i", item[3], i)))
      count = count + 1
    end
  end
  return {d, count, bit32.band(fl, socket.MSG_TRUNC + socket.MSG_CTRUNC + socket.MSG_EOR)}
end

function Ops.shutdown(w, r, how) w:reg(r):shutdown(number(how)) end
function Ops.close(w, r) w:reg(r):close() end

function Ops.detach(w, r)
  local fd = w:reg(r):detach()
  if fd >= 0 then socket.close(fd) end
  return fd >= 0
end

function Ops.dup(w, r, q, t) w:put(q, w:reg(r):dup(), t) end
function Ops.fromfd(w, r, q, t) w:put(q, socket.fromfd(w:reg(r):fileno(), w:reg(r).family, w:reg(r).type), t) end
function Ops.fileno(w, r) return w:reg(r):fileno() >= 0 end
function Ops.settimeout(w, r, t) w:reg(r):settimeout(null(t)) end
function Ops.gettimeout(w, r) return w:reg(r):gettimeout() end
function Ops.setblocking(w, r, b) w:reg(r):setblocking(b) end
function Ops.getblocking(w, r) return w:reg(r):getblocking() end
function Ops.getsockopt(w, r, level, name) return w:reg(r):getsockopt(number(level), number(name)) end
function Ops.getsockbytes(w, r, level, name, n) return hex.encode(w:reg(r):getsockopt(number(level), number(name), n)) end
function Ops.setsockopt(w, r, level, name, v) w:reg(r):setsockopt(number(level), number(name), v) end
function Ops.getsockname(w, r) return w:show(w:reg(r):getsockname()) end
function Ops.getpeername(w, r) return w:show(w:reg(r):getpeername()) end
function Ops.kind(w, r) local s = w:reg(r) return {s.family, s.type, s.proto} end

function Ops.select(w, rs, ws)
  local r, x = {}, {}
  for i, n in ipairs(rs) do r[i] = w:reg(n) end
  for i, n in ipairs(ws) do x[i] = w:reg(n) end
  local can_read, can_write = select.select(r, x, nil, 0)
  return {#can_read, #can_write}
end

function Ops.poll(w, rs, masks)
  local p = select.poll()
  for i, n in ipairs(rs) do p:register(w:reg(n), masks[i]) end
  local seen = {}
  for i, item in ipairs(p:poll(0)) do seen[i] = item[2] end
  return table.concat(seen, " ")
end

function Ops.disconnect(w, r)
  if w:reg(r).type == socket.SOCK_DGRAM then w:reg(r):disconnect() end
end

function Ops.readline(w, r)
  if w:reg(r).type ~= socket.SOCK_STREAM then return "no lines" end
  return answer(w:reg(r):readline()) or "end"
end

function Ops.makefile(w, r, d)
  local f = w:reg(r):makefile("w")
  f:write(d)
  f:close()
end

local function code(err)
  if type(err) == "string" then
    return err:match("bad argument") and "ARG" or "BUG " .. err
  end
  return err.code
end

local function act(w, o)
  local ok, v = pcall(Ops[o[1]], w, unpack(o, 2, table.maxn(o)))
  time.sleep(w.settle)
  if ok then return v == nil and {"ok"} or {"ok", v} end
  if v == none then return {"none"} end
  return {"error", code(v)}
end

function sequence(settle, ops, dir)
  local w = setmetatable({settle = settle, regs = {}, ports = {}, count = 0, dir = dir}, World)
  local results = {}
  for i, o in ipairs(json.decode(ops)) do results[i] = act(w, o) end
  for _, s in pairs(w.regs) do s:close() end
  return json.encode(results)
end
