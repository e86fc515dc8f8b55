-- "port = o.port and tonumber(o.port)" left port as it was: a value that jumps decide on was put into the variable
-- before the rest had been read, or not at all. All operators in all places, against functions that do the same.

local values = {nil, false, true, 1, "s"}

test("the case that was found", function()
  local port, o = 8080, {}
  port = o.port and tonumber(o.port)
  eq(port, nil)
  local x = 5
  x = x and x + 1
  eq(x, 6)
  x = not x and x or nil
  eq(x, nil)
  local s = "a"
  s = s == "a" and s .. "b" or s
  eq(s, "ab")
end)

local function AND(x, y) if x then return y() end return x end
local function OR(x, y) if x then return x end return y() end

-- each operand as source, and as a function of a and b
local operands = {
  {"nil", function() return nil end}, {"false", function() return false end}, {"true", function() return true end},
  {"2", function() return 2 end}, {"'y'", function() return "y" end}, {"a", function(a) return a end}, {"(b)", function(_, b) return b end},
  {"f(b, a)", function(_, b) return b end}, {"(g.b)", function(_, b) return b end}, {"a == b", function(a, b) return a == b end},
  {"a ~= b", function(a, b) return a ~= b end}, {"#'ab' > 1", function() return true end}, {"not a", function(a) return not a end},
  {"not (a and b)", function(a, b) return not AND(a, function() return b end) end}, {"not (a == 1 or b)", function(a, b) return not OR(a == 1, function() return b end) end},
  {"(a or b)", function(a, b) return OR(a, function() return b end) end}, {"(a and not b)", function(a, b) return AND(a, function() return not b end) end},
}

-- where a value can stand; each gives three results
local places = {
  "local x = E return x, a, b",
  "local x = 9 x = E return x, a, b",
  "local c, d = a, b a = E return a, c, d",
  "local c, d = a, b b = E return b, c, d",
  "up = E return up, a, b",
  "g.x = E return g.x, a, b",
  "local t = {E, a, b} return t[1], t[2], t[3]",
  "local t = {0, k = E, [1] = 2} return t.k, a, b",
  "return E, a, b",
  "return (E), a, b",
  "return f((E), a, b)",
  "return f(E, a, b)",
  "local x, y = E, a return x, y, b",
  "local x x, g.y = E, a return x, g.y, b",
  "if E then return E, a, b else return E, a, b end",
  "local x if E then x = true else x = false end return x and (E) or not x and (E), a, b",
  "local x repeat x = E until not (E) or (E) return x, a, b",
  "while E do return E, a, b end return E, a, b",
  "return (function() return E end)(), a, b",
  "return select(2, 0, E), a, b",
}

test("everywhere", function()
  for _, l in ipairs(operands) do
    for _, op in ipairs {"and", "or"} do
      for _, r in ipairs(operands) do
        local e = l[1] .. " " .. op .. " " .. r[1]
        local source = {"local up local a, b, f, g = ... local fs = {}"}
        for i, p in ipairs(places) do
          source[#source + 1] = "fs[" .. i .. "] = function(a, b) " .. p:gsub("E", (e:gsub("%%", "%%%%"))) .. " end"
        end
        local fs = assert(loadstring(table.concat(source, "\n") .. " return fs"))
        for i = 1, 5 do
          for j = 1, 5 do
            local a, b = values[i], values[j]
            local all = fs(a, b, function(...) return ... end, {b = b})
            local want = (op == "and" and AND or OR)(l[2](a, b), function() return r[2](a, b) end)
            for n = 1, #places do
              local x, y, z = all[n](a, b)
              if x ~= want or y ~= a or z ~= b then
                error(places[n]:gsub("E", e) .. " with " .. tostring(a) .. ", " .. tostring(b) .. ": " .. tostring(x) .. ", " .. tostring(y) .. ", " .. tostring(z))
              end
            end
          end
        end
      end
    end
  end
end)

test("in operands", function()
  local a, b = nil, 3
  eq({(a or 1) + (b and 2), (a or "x") .. (b or "y"), #(a and "" or "four"), -(a or b), (b or a) < (a or 4), (a or {k = 1}).k}, {3, "x3", 4, -3, true, 1})
  eq((a or function(x) return x end)(b and 5), 5)
  eq(({n = 1, f = function(self) return self.n end} or a):f(), 1)
  local t = {[a and 1 or 2] = a or "v", [b or 1] = b and nil}
  eq(t, {[2] = "v"})
end)

test("long chains", function()
  local and_, or_, mixed = {}, {}, {}
  for i = 1, 300 do and_[i] = "x" or_[i] = "y" mixed[i] = i % 2 == 0 and "x and y" or "y and x" end
  local x, y, z = loadstring("local x, y = 7, false x = x return " .. table.concat(and_, " and ") .. ", " .. table.concat(or_, " or ") .. " or 8, " .. table.concat(mixed, " or "))()
  eq({x, y, z}, {7, 8, false})
end)

test("what is decided is not computed", function()
  local n = 0
  local function count(v) n = n + 1 return v end
  local _ = count(false) and count(1), count(1) or count(2), (count(nil) or count(1)) and count(2)
  eq(n, 5)
end)
