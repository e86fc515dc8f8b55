-- Talks to Redis, in its own protocol (RESP2).
local socket = require "socket"
local cli = require "lib.cli"

local o = cli.parse([=[
usage: redis_client.lua [-h HOST] [-p PORT] [-t SECONDS] [COMMAND...]

Sends a command and prints the reply; without one, each line of standard input is a command. A word
with spaces in it goes in quotes, "like this". The exit status is 1 if some reply was an error.

-h HOST        the server [default: 127.0.0.1]
-p PORT        and its port [default: 6379]
-t SECONDS     how long to wait for a reply [default: 10]]=], ...)

local MOST_BYTES, DEEPEST = 512 * 2 ^ 20, 32 -- in a reply, lest a wrong server fill the memory
local LINES = { ["+"] = "", ["-"] = "(error) ", [":"] = "(integer) " } -- how short replies are shown

-- A command is an array of strings, each told with its length, so that they may hold anything.
local function encode(words)
  local parts = { "*" .. #words .. "\r\n" }
  for _, word in ipairs(words) do parts[#parts + 1] = "$" .. #word .. "\r\n" .. word .. "\r\n" end
  return table.concat(parts)
end

-- A reply: { kind = its first byte, value = }. The first line says what comes after it, and how much.
local function read_reply(s, depth)
  local line = s:readline()
  if not line then error("the server closed the connection", 0) end
  local kind, rest = line:match("^([-+:$*])(.*)")
  if LINES[kind] then return { kind = kind, value = rest } end
  local count = tonumber(rest)
  if not count or count > MOST_BYTES or depth > DEEPEST then error("not Redis: " .. line, 0) end
  if count < 0 then return { kind = "nil" } end
  local value = {}
  if kind == "$" then
    value = s:readexactly(count + 2):sub(1, count) -- without the end of its line
  else
    for i = 1, count do value[i] = read_reply(s, depth + 1) end
  end
  return { kind = kind, value = value }
end

local ESCAPES = { ["\n"] = "n", ["\r"] = "r", ["\t"] = "t", ["\a"] = "a", ["\b"] = "b" }

local function quoted(text)
  local function escape(c) return "\\" .. (ESCAPES[c] or ("x%02x"):format(c:byte())) end
  return '"' .. text:gsub('[\\"]', "\\%0"):gsub("[%c\128-\255]", escape) .. '"'
end

-- As redis-cli prints it; what is in an array is indented by the width of its numbers.
local function text_of(reply, indent)
  local kind, value = reply.kind, reply.value
  if kind == "nil" then return "(nil)" end
  if LINES[kind] then return LINES[kind] .. value end
  if kind == "$" then return quoted(value) end
  if not value[1] then return "(empty array)" end
  local width, lines = #tostring(#value), {}
  for i, item in ipairs(value) do
    lines[i] = ("%" .. width .. "d) "):format(i) .. text_of(item, indent .. (" "):rep(width + 2))
  end
  return table.concat(lines, "\n" .. indent)
end

-- The words of a line.
local function split(line)
  local words, pos = {}, 1
  while true do
    pos = line:find("%S", pos)
    if not pos then return words end
    local quote = line:match("^[\"']", pos)
    local pattern = quote and "^" .. quote .. "(.-)" .. quote .. "()" or "^(%S+)()"
    local word, after = line:match(pattern, pos)
    if not word then error("a quote does not end: " .. line, 0) end
    words[#words + 1], pos = word, after
  end
end

cli.main(function()
  local s = socket.create_connection(o.h, o.p, { timeout = o.t })
  s:settimeout(o.t)
  local failed = false
  local function run(words)
    s:sendall(encode(words))
    local reply = read_reply(s, 1)
    failed = failed or reply.kind == "-"
    print(text_of(reply, ""))
  end

  if o.command[1] then
    run(o.command)
  else
    for line in io.lines() do
      local words = split(line)
      if words[1] then run(words) end
    end
  end
  s:close()
  if failed then os.exit(1) end
end)
