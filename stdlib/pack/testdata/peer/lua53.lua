-- string.pack and its kin: what Lua 5.3 prints for these rows, ours must.
-- Integers beyond 2^53 are left out: there the two differ on purpose. So is a string of z that
-- nothing ends, which Lua 5.3 reads out of bounds and Lua 5.4 refuses, as ours does.

local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end

local function show(v)
  if type(v) == "number" then return ("%.17g"):format(v) end
  if type(v) == "string" then return "'" .. hex(v) .. "'" end
  return tostring(v)
end

local function row(name, f, ...)
  local r = {pcall(f, ...)}
  local out = {name}
  for i = 2, #r do out[i] = show(r[i]) end
  if not r[1] then out = {name, "error"} end
  print(table.concat(out, " "))
end

local function both(f, ...)
  row("pack " .. f, string.pack, f, ...)
  local ok, s = pcall(string.pack, f, ...)
  if ok then row("unpack " .. f, string.unpack, f, s) end
end

local numbers = {0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65535, 65536, 8388607, 8388608,
  -8388608, 2147483647, 2147483648, -2147483648, -2147483649, 4294967295, 4294967296, 1099511627775, 1099511627776, 0.5}
for _, order in ipairs {"<", ">"} do
  for _, code in ipairs {"b", "B", "h", "H", "i", "I", "l", "j", "f", "d", "n"} do
    for _, x in ipairs(numbers) do both(order .. code, x) end
  end
  for _, code in ipairs {"J", "T", "L"} do
    for _, x in ipairs(numbers) do
      if x >= 0 then both(order .. code, x) else row(order .. code, string.pack, order .. code, x) end
    end
  end
  for _, f in ipairs {"b", "B", "h", "H", "i", "I", "l", "L", "j", "J", "T", "f", "d", "n", "s", "z", "c"} do row("packsize " .. f, string.packsize, f) end
  for n = 0, 18 do
    for _, x in ipairs {0, 1, -1, 128, -129, 255, 65536, -8388608, 4294967296, 1099511627775} do
      both(order .. "i" .. n, x)
      if n < 8 or x >= 0 then both(order .. "I" .. n, x) else row(order .. "I" .. n, string.pack, order .. "I" .. n, x) end
    end
  end
  for _, f in ipairs {"e", "s", "s1", "s2", "s3", "s16", "s17", "z", "c0", "c1", "c3", "c10", "c", "cc"} do
    for _, s in ipairs {"", "a", "abc", "a\0b", ("x"):rep(256)} do both(order .. f, s) end
  end
end

for _, f in ipairs {"", " ", "!", "!0", "!1", "!16", "!17", "!3", "x", "xx", "X", "Xi", "XX", "X ", "Xx", "Xb", "Xc1", "Xz", "Xs", "X<", "X!4", "!4X!4",
  "!8Xj", "!8xXj", "!8xXd", "!4xXj", "!2xXs", "!xXi3", "!xXi16", "!16xXi16", "<!4xXf", "=x", "y", "i4x", "99999999999999999999", "c99999999999999999999"} do
  row("packsize " .. f, string.packsize, f)
end

local mixed = {"b", "h", "i", "l", "d", "f", "i3", "i5", "i8", "i16", "s2", "s4", "s", "z", "c3", "x", "Xi", "Xd", "Xh", "!", "!1", "!2", "!4", "!8", "!16", "<", ">", " "}
local seed = 1
local function random(n) -- the same in all Luas
  seed = (seed * 16807) % 2147483647
  return seed % n + 1
end
for _ = 1, 400 do
  local f, values = "<", {}
  for _ = 1, random(6) do
    local code = mixed[random(#mixed)]
    f = f .. code
    if code:find "^[sz]" or code == "c3" then
      values[#values + 1] = ("abc"):sub(1, random(4) - 1)
    elseif code:find "^[bhilfd]" then
      values[#values + 1] = random(256) - 129
    end
  end
  both(f, (table.unpack or unpack)(values))
end

local data = ("\1\2\3\4\5\6\7\0"):rep(2)
for pos = -18, 18 do -- 17: the end
  for _, f in ipairs {"", "b", "<i2", ">i3", "<!4i4", "c3", "z", "s1", "<!b h i", "x", "!4Xi4"} do
    if f ~= "z" or pos ~= 17 then row("unpack " .. f .. " at " .. pos, string.unpack, f, data, pos) end
  end
end
