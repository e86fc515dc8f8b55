-- The packets of DNS (RFC 1035): a query put together, an answer taken apart.
local bit32 = require "bit32"
local hex = require "hex"
local random = require "random"
local socket = require "socket"

local dns = {}
dns.types = { A = 1, NS = 2, CNAME = 5, PTR = 12, MX = 15, TXT = 16, AAAA = 28 }
local names = {} -- of the types, by number
for name, number in pairs(dns.types) do names[number] = name end
local FAILURES = { "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED" }

local function encode_name(name)
  local labels, rooted = {}, name:gsub("%.$", "") .. "."
  for label in rooted:gmatch("(.-)%.") do
    if label == "" or #label > 63 or #name > 253 then error("not a name: " .. name, 0) end
    labels[#labels + 1] = string.pack("s1", label)
  end
  return table.concat(labels) .. "\0"
end

-- A query, under a number nobody can guess: who cannot see it cannot answer it either.
function dns.query(name, kind)
  local RECURSION_DESIRED, INTERNET = 0x0100, 1
  return random.bytes(2) .. string.pack(">I2I2I2I2I2", RECURSION_DESIRED, 1, 0, 0, 0) ..
    encode_name(name) .. string.pack(">I2I2", dns.types[kind], INTERNET)
end

-- Whether a packet answers that query: the number is the same, and so is the question.
function dns.answers(packet, query)
  return #packet >= #query and packet:sub(1, 2) == query:sub(1, 2) and packet:byte(3) >= 128
    and packet:sub(13, #query):lower() == query:sub(13):lower()
end

-- What could be mistaken for something else, or be obeyed by a terminal, is written as \ddd.
local function printable(text, special)
  local function number(c) return ("\\%03d"):format(c:byte()) end
  return (text:gsub(special, "\\%0"):gsub("[^\32-\126]", number))
end

-- The name at a position, and the position after it. A name may end in a pointer: it goes on as
-- another one earlier in the packet does. Pointers that lead on might lead in circles.
local function decode_name(packet, pos)
  local labels, after, earliest = {}, nil, pos
  while true do
    local length = string.unpack("B", packet, pos)
    if length == 0 then return table.concat(labels, ".") .. ".", after or pos + 1 end
    if length < 0x40 then
      labels[#labels + 1] = printable(string.unpack("s1", packet, pos), "[.\\]")
      pos = pos + 1 + length
    else
      after = after or pos + 2
      pos = string.unpack(">I2", packet, pos) - 0xC000 + 1
      if pos < 1 or pos >= earliest then error("a name with a pointer that does not lead back", 0) end
      earliest = pos
    end
  end
end

local function name_at(packet, pos) return (decode_name(packet, pos)) end

-- What the data of a record say, which begin at pos in the packet.
local READ = {
  A = function(_, _, data) return socket.inet_ntop(socket.AF_INET, data) end,
  AAAA = function(_, _, data) return socket.inet_ntop(socket.AF_INET6, data) end,
  MX = function(packet, pos)
    return string.unpack(">I2", packet, pos) .. " " .. name_at(packet, pos + 2)
  end,
  TXT = function(_, _, data)
    local texts, pos = {}, 1
    while pos <= #data do
      texts[#texts + 1] = '"' .. printable(string.unpack("s1", data, pos), '["\\]') .. '"'
      pos = pos + 1 + data:byte(pos)
    end
    return table.concat(texts, " ")
  end,
  CNAME = name_at, NS = name_at, PTR = name_at,
}

-- An answer's records, as { name=, ttl=, type=, text= }; the name of its failure, if it is one; and
-- whether it was cut short. Raises what makes a packet no answer.
function dns.parse(packet, query)
  local flags, _, count = string.unpack(">I2I2I2", packet, 3)
  local pos, records = #query + 1, {} -- the question comes back before the answers
  for i = 1, count do
    local name, kind, ttl, data
    name, pos = decode_name(packet, pos)
    kind, _, ttl, pos = string.unpack(">I2I2I4", packet, pos)
    local start = pos + 2
    data, pos = string.unpack(">s2", packet, pos)
    kind = names[kind] or "TYPE" .. kind
    local text = READ[kind] and READ[kind](packet, start, data) or hex.encode(data)
    records[i] = { name = name, ttl = ttl, type = kind, text = text }
  end
  local code = flags % 16
  return records, code > 0 and (FAILURES[code] or "code " .. code), bit32.btest(flags, 0x0200)
end

return dns
