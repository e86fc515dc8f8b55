-- HOWTO, "Binary Data": numbers as bytes, and in which order the bytes go.
--
--   wirelua scripts/howto/17-binary-data.lua [host [port]]
local socket = require "socket"
local struct = require "struct"

local host, port = ...
if host == "--help" then
  return print([=[
usage: 17-binary-data.lua [HOST [PORT]]

Numbers as bytes, and in which order the bytes go.]=])
end

local function bytes(s)
  return s:gsub(".", function(c) return ("%02x "):format(c:byte()) end):sub(1, -2)
end

-- The number 1 in 16 bits has two spellings. Networks use the one with the big end first.
print("1 in 16 bits, big end first:      " .. bytes(struct.pack(">H", 1)))
print("1 in 16 bits, little end first:   " .. bytes(struct.pack("<H", 1)))
print("1 in 16 bits, network order:      " .. bytes(struct.pack("!H", 1)))

-- htons, htonl and their inverses turn a number from the host's order into the network's. Where
-- the two are the same they do nothing; packed by the host the result is in order either way.
print("htons(1), as the host stores it:  " .. bytes(struct.pack("=H", socket.htons(1))))
print("htonl(1), as the host stores it:  " .. bytes(struct.pack("=I", socket.htonl(1))))
print("there and back again:             " ..
  socket.ntohs(socket.htons(4660)) .. ", " .. socket.ntohl(socket.htonl(305419896)))

-- A record over the wire: a number of 16 bits, one of 32, a text of 8 bytes.
local RECORD = "!HI8s"
local listener = socket.create_server(host or "127.0.0.1", tonumber(port) or 0)
local near = socket.create_connection(listener:getsockname())
local far = listener:accept()
far:sendall(struct.pack(RECORD, 7, 86400, "a day"))
local record = near:readexactly(struct.calcsize(RECORD))
local number, seconds, name = struct.unpack(RECORD, record)
print(("\n%d bytes came:  %s"):format(#record, bytes(record)))
print(("they say:       %d, %d, %s"):format(number, seconds, (name:gsub("%z+$", ""))))

-- Small numbers are shorter as text, a separator included, though not of one fixed length.
local text, binary = {}, {}
for i = 1, 1000 do
  text[i] = tostring(i % 3)
  binary[i] = struct.pack("!q", i % 3)
end
print("\n1000 small numbers as text:       " .. #table.concat(text, " ") .. " bytes")
print("as integers of 64 bits:           " .. #table.concat(binary) .. " bytes")

-- Lua's numbers are doubles. An integer that does not fit in one exactly is an error, no guess.
print("\n2^53:       " .. ("%.0f"):format((struct.unpack("!Q", struct.pack("!Q", 2 ^ 53)))))
local ok = pcall(struct.unpack, "!Q", ("\255"):rep(8))
print("2^64 - 1:   " .. (ok and "unpacked" or "refused"))
for _, s in ipairs { near, far, listener } do s:close() end
