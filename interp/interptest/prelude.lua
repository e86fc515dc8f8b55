-- The functions that Lua tests use; see the package's documentation.
local verdict, note = require("_interptest").verdict, require("_interptest").note
local getinfo = debug.getinfo
local SKIP = {}

local function show(v, depth)
  depth = depth or 0
  if type(v) == "string" then
    if #v > 200 then
      return string.format("%q... (%d bytes)", v:sub(1, 200), #v)
    end
    return string.format("%q", v)
  end
  if type(v) ~= "table" or depth > 3 then
    return tostring(v)
  end
  local parts = {}
  for k, e in pairs(v) do
    parts[#parts + 1] = "[" .. show(k, depth + 1) .. "]=" .. show(e, depth + 1)
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

local function same(a, b)
  if a == b or (a ~= a and b ~= b) then
    return true
  end
  if type(a) ~= "table" or type(b) ~= "table" then
    return false
  end
  for k, v in pairs(a) do
    if not same(v, b[k]) then
      return false
    end
  end
  for k in pairs(b) do
    if a[k] == nil then
      return false
    end
  end
  return true
end

-- fail raises, and notes what it raises: a thread that nobody joins, or a pcall, may take it.
local function fail(message)
  local at = getinfo(3, "Sl")
  if at and at.currentline > 0 then
    note(at.short_src .. ":" .. at.currentline .. ": " .. message)
  else
    note(message)
  end
  error(message, 3)
end

function eq(got, want, about)
  if not same(got, want) then
    fail((about and about .. ": " or "") .. "got " .. show(got) .. ", want " .. show(want))
  end
end

-- code reads the code of an error object; of other values there is none.
local function code(err)
  local ok, c = pcall(function() return err.code end)
  return ok and c or nil
end

function raises(want, fn, ...)
  local result = { pcall(fn, ...) }
  if result[1] then
    fail("raised nothing (wanted " .. want .. "), returned " .. show(result[2]))
  end
  local err = result[2]
  if err == SKIP then
    error(err, 0)
  end
  if code(err) ~= want and not tostring(err):find(want, 1, true) then
    fail("raised " .. tostring(err) .. " (code " .. tostring(code(err)) .. "), wanted " .. want)
  end
  return err
end

function skip(reason)
  SKIP.reason = reason
  error(SKIP, 0)
end

function test(name, fn)
  local ok, err = xpcall(fn, function(err)
    if err == SKIP then
      return err
    end
    return { text = tostring(err), where = debug.traceback("", 2) }
  end)
  if ok then
    verdict(name, "pass", "")
  elseif err == SKIP then
    verdict(name, "skip", tostring(SKIP.reason))
  elseif type(err) == "table" and err.text then
    verdict(name, "fail", err.text .. err.where)
  else
    verdict(name, "fail", tostring(err))
  end
end
