-- What Lua 5.2 prints for these rows, ours must.
local numbers = {0, 1, 2, 3, 0xff, 0x1234, 0x7fffffff, 0x80000000, 0xdeadbeef, 0xffffffff, 2 ^ 32, 2 ^ 32 + 5, 2 ^ 50 + 3,
  -1, -2, -0x80000000, -0x80000001, -2 ^ 40 - 7, 0.5, 1.5, 2.5, 3.7, -0.5, -1.5, -3.7, "12", "0x1F"}
local function show(ok, v)
  if not ok then return "error" end
  return type(v) == "number" and ("%.0f"):format(v) or tostring(v)
end
local function text(x) return type(x) == "number" and ("%.17g"):format(x) or x end
for _, name in ipairs {"band", "bor", "bxor", "btest"} do
  print(name, show(pcall(bit32[name])))
  print(name, show(pcall(bit32[name], 7, 14, 0xf5)))
  print(name, show(pcall(bit32[name], 1, nil)))
  print(name, show(pcall(bit32[name], 1, {})))
  for _, a in ipairs(numbers) do
    print(name, text(a), show(pcall(bit32[name], a)))
    for _, b in ipairs(numbers) do print(name, text(a), text(b), show(pcall(bit32[name], a, b))) end
  end
end
for _, a in ipairs(numbers) do print("bnot", text(a), show(pcall(bit32.bnot, a))) end
for _, name in ipairs {"lshift", "rshift", "arshift", "lrotate", "rrotate"} do
  print(name, show(pcall(bit32[name], 1)))
  for _, a in ipairs {0, 1, 0x1234, 0x7fffffff, 0x80000000, 0xdeadbeef, 0xffffffff, -1, 2 ^ 32 + 1} do
    for _, by in ipairs {0, 1, 2, 4, 8, 15, 16, 30, 31, 32, 33, 63, 64, 65, 100, -1, -2, -8, -31, -32, -33, -64, -65, 1.5, 2.7, -1.5, "3"} do
      print(name, text(a), text(by), show(pcall(bit32[name], a, by)))
    end
  end
end
for _, field in ipairs {-1, 0, 1, 3, 15, 16, 30, 31, 32, 33} do
  print("extract", field, show(pcall(bit32.extract, 0xdeadbeef, field)))
  print("replace", field, show(pcall(bit32.replace, 0xdeadbeef, 5, field)))
  for _, width in ipairs {-1, 0, 1, 2, 4, 15, 16, 17, 31, 32, 33} do
    print("extract", field, width, show(pcall(bit32.extract, 0xdeadbeef, field, width)))
    print("replace", field, width, show(pcall(bit32.replace, 0xdeadbeef, 0x5a5a5a5a, field, width)))
    print("replace", field, width, show(pcall(bit32.replace, 0, -1, field, width)))
  end
end
