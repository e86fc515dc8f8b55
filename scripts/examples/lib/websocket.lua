-- A server's side of WebSocket (RFC 6455): the handshake, and frames in and out.
local base64 = require "base64"
local bit = require "bit"
local hash = require "hash"

local websocket = { CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 }

-- What a request has to ask for, as headers of an answer to one that does not.
websocket.WANTED = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"

-- The headers of the answer to a request; nil and a status, if it does not ask for a WebSocket.
function websocket.accept(request)
  local headers = request.headers
  local key = headers["sec-websocket-key"] or ""
  local upgrade = (headers.connection or ""):lower():find("upgrade", 1, true) and headers.upgrade or ""
  if upgrade:lower() ~= "websocket" or headers["sec-websocket-version"] ~= "13" then
    return nil, "426 Upgrade Required"
  elseif request.method ~= "GET" then
    return nil, "405 Method Not Allowed"
  elseif #key ~= 24 or not key:find("^[%w+/]+==$") then
    return nil, "400 Bad Request"
  end
  -- Only who speaks the protocol knows to add this text: proof that the server does not just answer
  -- whatever it is sent.
  local proof = base64.encode(hash.sha1(key .. "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", "raw"))
  return "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " .. proof .. "\r\n"
end

-- Ends the conversation for a reason that the other side is told: a status of RFC 6455, 7.4.1.
function websocket.fail(status, reason) error({ status = status, reason = reason }, 0) end

-- Clients mask what they send, 4 bytes at a time, with a key of their own for each frame.
local function unmask(data, key)
  key = string.unpack("<i4", key)
  local padded = data .. ("\0"):rep(-#data % 4)
  return (padded:gsub("....", function(four)
    return string.pack("<i4", bit.bxor(string.unpack("<i4", four), key)) -- its numbers have a sign
  end):sub(1, #data))
end

-- Whether it is the last of its message, what kind it is, and its data.
function websocket.read_frame(client, most)
  local first, second = client:readexactly(2):byte(1, 2)
  local final, opcode, length = first >= 0x80, first % 0x10, second % 0x80
  if length == 126 then
    length = string.unpack(">I2", client:readexactly(2))
  elseif length == 127 then
    local high, low = string.unpack(">I4I4", client:readexactly(8))
    length = high * 2 ^ 32 + low
  end
  if bit.band(first, 0x70) ~= 0 then websocket.fail(1002, "an extension nobody agreed on") end
  if second < 0x80 then websocket.fail(1002, "not masked") end
  if opcode >= 8 and (length > 125 or not final) then websocket.fail(1002, "a control frame too long") end
  if opcode % 8 > 2 then websocket.fail(1002, "no such kind of frame") end
  if length > most then websocket.fail(1009, "too long") end
  local key = client:readexactly(4)
  return final, opcode, unmask(client:readexactly(length), key)
end

function websocket.frame(opcode, data)
  local length = #data
  local head = length < 126 and string.pack("BB", 0x80 + opcode, length)
    or length < 65536 and string.pack(">BBI2", 0x80 + opcode, 126, length)
    or string.pack(">BBI8", 0x80 + opcode, 127, length)
  return head .. data
end

-- Whether bytes are text in UTF-8: whatever is a character is taken out, and nothing may be left.
local CHARACTERS = {
  "[\194-\223][\128-\191]", "\224[\160-\191][\128-\191]", "[\225-\236\238\239][\128-\191][\128-\191]",
  "\237[\128-\159][\128-\191]", "\240[\144-\191][\128-\191][\128-\191]",
  "[\241-\243][\128-\191][\128-\191][\128-\191]", "\244[\128-\143][\128-\191][\128-\191]",
}

function websocket.is_text(data)
  for _, character in ipairs(CHARACTERS) do data = data:gsub(character, " ") end
  return not data:find("[\128-\255]")
end

return websocket
