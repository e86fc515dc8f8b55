-- A program's arguments, read the way its own help has them, so that the two cannot disagree:
--
--   local o = cli.parse([=[
--   usage: program.lua [-v] [-t SECONDS] HOST [PORT]
--
--   HOST           whom to ask
--   PORT           where [default: 80]
--   -t SECONDS     how long to wait
--   -v             say more]=], ...)
--
-- Then o.host and o.port are the arguments, o.t and o.v the options. A name with dots after it
-- ("WORD...") takes all that is left. PORT, SECONDS and COUNT are numbers, anything else is text.
local split_address = require "lib.address"
local cli = {}

local numbers = {
  PORT = { "a number from 0 to 65535", function(n) return n % 1 == 0 and n >= 0 and n <= 65535 end },
  COUNT = { "a whole number above 0", function(n) return n % 1 == 0 and n > 0 end },
  SECONDS = { "a number above 0", function(n) return n > 0 end },
}

local program, usage = arg[0]:match("[^/]*$"), nil -- the usage is a line of the help
-- Ends the program for wrong usage.
function cli.wrong(message)
  io.stderr:write(("%s: %s\n%s\n"):format(program, message, usage))
  os.exit(2)
end

-- Ends it for what failed out there: that takes no stack traceback.
function cli.fail(err)
  io.stderr:write(("%s: %s\n"):format(program, tostring(err)))
  os.exit(1)
end

-- Runs a program's main part, of which a failure is the end.
function cli.main(fn, ...)
  local ok, err = pcall(fn, ...)
  if not ok then cli.fail(err) end
end

local function value(name, text)
  local what, fits = unpack(numbers[name:match("PORT$") or name] or {})
  if not what then return text end
  local n = tonumber(text)
  if not n or not fits(n) then cli.wrong(("%s must be %s, not %s"):format(name, what, text)) end
  return n
end

-- The options, each with the name of what it takes, or ""; the defaults.
local function described(help)
  local takes, defaults = {}, {}
  for line in help:gmatch("[^\n]+") do
    local option, name, text = line:match("^%-%-?(%l[%l-]*) ?(%u*)%s%s(.*)")
    if option then takes[option] = name else name, text = line:match("^(%u+)%s%s(.*)") end
    local default = text and text:match("%[default: (.-)%]")
    if default then defaults[option or name:lower()] = value(name, default) end
  end
  return takes, defaults
end

function cli.parse(help, ...)
  usage = help:match("usage: [^\n]*")
  local takes, defaults = described(help)
  local given, words, o = { ... }, {}, {}

  local i, plain = 0, false -- plain: from here on a dash is nothing special
  while i < #given do
    i = i + 1
    local word = given[i]
    local option = word:match("^%-%-?(.+)")
    if word == "--" and not plain then
      plain = true
    elseif plain or not option then
      words[#words + 1] = word
      plain = plain or usage:find("...", 1, true)
    elseif word == "--help" then
      print(help)
      os.exit(0)
    elseif not takes[option] then
      cli.wrong("no such option: " .. word)
    elseif takes[option] == "" then
      o[option] = true
    else
      i = i + 1
      o[option] = value(takes[option], given[i] or cli.wrong(word .. " needs " .. takes[option]))
    end
  end

  split_address(usage, words)
  for optional, name, dots in usage:gsub("%[%-.-%]", ""):gmatch("(%[?)(%u+)(%.*)") do
    if not words[1] and optional == "" then cli.wrong("missing " .. name) end
    if dots ~= "" then o[name:lower()], words = words, {} end
    if words[1] then o[name:lower()] = value(name, table.remove(words, 1)) end
  end
  if words[1] then cli.wrong("one argument too many: " .. words[1]) end
  return setmetatable(o, { __index = defaults })
end

return cli
