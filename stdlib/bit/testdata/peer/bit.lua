-- What LuaJIT prints for these rows, ours must.
local bit = require "bit"
local numbers = {0, 1, 2, 3, 0xff, 0x1234, 0x7fffffff, 0x80000000, 0xdeadbeef, 0xffffffff, 2 ^ 32, 2 ^ 32 + 5, 2 ^ 50 + 3,
  -1, -2, -0x80000000, -0x80000001, -2 ^ 40 - 7, 0.5, 1.5, 2.5, 3.7, -0.5, -1.5, -3.7, "12", "0x1F"}
local function show(ok, v)
  if not ok then return "error" end
  return type(v) == "number" and ("%.0f"):format(v) or tostring(v)
end
local function text(x) return type(x) == "number" and ("%.17g"):format(x) or x end
for _, name in ipairs {"band", "bor", "bxor"} do
  print(name, show(pcall(bit[name])))
  print(name, show(pcall(bit[name], 7, 14, 0xf5)))
  print(name, show(pcall(bit[name], 1, nil)))
  print(name, show(pcall(bit[name], 1, {})))
  for _, a in ipairs(numbers) do
    print(name, text(a), show(pcall(bit[name], a)))
    for _, b in ipairs(numbers) do print(name, text(a), text(b), show(pcall(bit[name], a, b))) end
  end
end
for _, a in ipairs(numbers) do
  for _, name in ipairs {"tobit", "bnot", "bswap", "tohex"} do print(name, text(a), show(pcall(bit[name], a))) end
  -- More than 8 digits are not in the manual: BitOp and LuaJIT 2.0 give 8, as ours, LuaJIT 2.1 more.
  for _, digits in ipairs {0, 1, 2, 7, 8, -1, -4, -8, 2 ^ 32 + 2, "3"} do
    print("tohex", text(a), digits, show(pcall(bit.tohex, a, digits)))
  end
end
for _, name in ipairs {"lshift", "rshift", "arshift", "rol", "ror"} do
  print(name, show(pcall(bit[name], 1)))
  for _, a in ipairs {0, 1, 0x1234, 0x7fffffff, 0x80000000, 0xdeadbeef, 0xffffffff, -1, 2 ^ 32 + 1} do
    for _, by in ipairs {0, 1, 2, 4, 8, 15, 16, 30, 31, 32, 33, 63, 64, 65, 100, -1, -2, -8, -31, -32, -33, -64, -65, 1.5, 2.7, -1.5, "3"} do
      print(name, text(a), text(by), show(pcall(bit[name], a, by)))
    end
  end
end
