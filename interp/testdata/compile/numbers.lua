-- print(1e309, 0xFFFFFFFFFFFFFFFF) said "nan nan", "010" + 0 was 8, "1_000" + 0 a number, and 1234567.5 was written 1.2345675e+06 by "..".

test("literals", function()
  eq({tostring(1e309), tostring(-1e309), 0xFFFFFFFFFFFFFFFF == 2 ^ 64, 0x10, 0XAf, .5, 5., 3e2, 3E-2, 0.1e1}, {"inf", "-inf", true, 16, 175, 0.5, 5, 300, 0.03, 1})
  eq({tostring(1e308 * 10), 1e400 == 1 / 0, 010, 1e1}, {"inf", true, 10, 10})
end)

test("strings in arithmetic", function()
  eq({"010" + 0, "0x.8" + 0, "10" + 5, 5 + "10", "3" * "4", "7" / 2, "7" % "4", "2" ^ "3", -"2", -" 0x10 ", "1e1" - 1, "\t5\n" + "0"}, {10, 0.5, 15, 15, 12, 3.5, 3, 8, -2, -16, 9, 5})
  for _, s in ipairs {"1_000", "0b1", "0o7", "inf", "nan", "1 2", "", " ", "x", "0x", "1e", "--1", "1,5"} do
    raises("attempt to perform arithmetic on upvalue 's' (a string value)", function() return s + 0 end)
    raises("attempt to perform arithmetic on upvalue 's' (a string value)", function() return 2 * s end)
    raises("attempt to perform arithmetic on upvalue 's' (a string value)", function() return -s end)
  end
  local t = setmetatable({}, {__add = function(a, b) return type(a) .. "+" .. type(b) end, __unm = function() return "unm" end})
  eq({"a" + t, t + "a", "1" + t, t + "1", -t}, {"string+table", "table+string", "string+table", "table+string", "unm"})
  raises("attempt to perform arithmetic on a table value", function() return "1" + {} end)
  raises("attempt to compare string with number", function() return "1" < 2 end)
  eq({"1" == 1, "10" .. 1 + 1}, {false, "102"})
end)

test("how numbers are written", function()
  local function both(n, s) eq({tostring(n), n .. "", "" .. n, (("x"):gsub("x", n)), table.concat {n}}, {s, s, s, s, s}) end
  both(1700000000.25, "1700000000.25") both(1234567.5, "1234567.5") both(1 / 3, "0.33333333333333") both(0.1, "0.1") both(-1.5, "-1.5")
  both(1e100, "1e+100") both(1e-5, "1e-05") both(123456.789e3, "123456789") both(2 ^ 31, "2147483648") both(2 ^ 53, "9007199254740992")
  both(2 ^ 63, "9.2233720368548e+18") both(1e15 + 0.5, "1e+15") both(1 / 0, "inf") both(0, "0") both(100, "100") both(3.14159265358979, "3.1415926535898")
  eq("t=" .. 1234567.5 .. "," .. 10 .. "," .. -0.25, "t=1234567.5,10,-0.25")
end)

test("constants are computed as the rest is", function()
  local one, two, three = 1, 2, 3
  eq({1 + 2 * 3, 2 ^ 3 ^ 2, -2 ^ 2, (1 + 2) * 3, 7 / 2, 10 - 4 - 3, 2 ^ -1, 7 % 3, -7 % 3, 7 % -3, 1 - -1}, {one + two * three, two ^ three ^ two, -(two ^ two), (one + two) * three, 7 / two, 10 - 4 - three, two ^ -one, 7 % three, -7 % three, 7 % -three, one - -one})
  eq({tostring(1 / 0), tostring(-1 / 0), 0 / 0 ~= 0 / 0, 1 / (0 * 1) > 0, 1 / -0 < 0, 5 % math.huge == 5 % (1 / 0) or 5 % math.huge ~= 5 % math.huge}, {"inf", "-inf", true, true, true, true})
  eq({1 / (-0), 1 / 0}, {-1 / 0, 1 / 0}) -- one is not the other's constant
  local long = ("1+"):rep(1000) .. "1"
  eq(loadstring("local x = 1 return " .. long .. ", x+" .. long .. ", " .. long .. "+x")(), 1001)
  eq({loadstring("local x = 1 return " .. long .. ", x+" .. long .. ", " .. long .. "+x")()}, {1001, 1002, 1002})
end)
