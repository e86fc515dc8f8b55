-- A WebSocket server that sends back each message. What a frame is, lib/websocket.lua knows.
local cli = require "lib.cli"
local http = require "lib.http"
local listen = require "lib.listen"
local serve = require "lib.serve"
local ws = require "lib.websocket"

local o = cli.parse([=[
usage: websocket_echo.lua [-t SECONDS] [HOST [PORT]]

To try it, in the console of a browser:

  s = new WebSocket("ws://127.0.0.1:PORT"); s.onmessage = m => console.log(m.data)
  s.send("hello")

HOST           the address to listen on [default: 127.0.0.1]
PORT           and the port; 0 is one that is free [default: 0]
-t SECONDS     end a connection when nothing has come for so long [default: 300]]=], ...)

local LONGEST_MESSAGE = 2 ^ 20

-- The other side says goodbye, perhaps with a status and a reason: it gets the same back.
local function say_goodbye(client, data)
  local status = #data >= 2 and string.unpack(">I2", data) or 1000
  local known = status >= 1000 and status <= 1014 and (status < 1004 or status > 1006)
  local own = status >= 3000 and status <= 4999
  if #data == 1 or not (known or own) or not ws.is_text(data:sub(3)) then
    ws.fail(1002, "not a way to say goodbye")
  end
  client:sendall(ws.frame(ws.CLOSE, data))
end

-- A message comes in one frame or in several, between which there may be a ping.
local function echo(client)
  local kind, parts, size = nil, {}, 0
  while true do
    local final, opcode, data = ws.read_frame(client, LONGEST_MESSAGE - size)
    if opcode == ws.CLOSE then
      return say_goodbye(client, data)
    elseif opcode == ws.PING then
      client:sendall(ws.frame(ws.PONG, data))
    elseif opcode ~= ws.PONG then
      if (opcode == ws.CONTINUATION) ~= (kind ~= nil) then ws.fail(1002, "a message within a message") end
      kind = kind or opcode
      if data ~= "" then parts[#parts + 1] = data end
      size = size + #data
      if final then
        local message = table.concat(parts)
        if kind == ws.TEXT and not ws.is_text(message) then ws.fail(1007, "not UTF-8") end
        client:sendall(ws.frame(kind, message))
        kind, parts, size = nil, {}, 0
      end
    end
  end
end

local listener = listen(o.host, o.port)
print("listening on " .. listener:getsockname())
serve(listener, function(client)
  client:settimeout(o.t)
  local request, status, why = http.read_request(client)
  if not request and not status then return end
  local fields
  if request then fields, status = ws.accept(request) end
  if not fields then
    http.send_page(client, {}, status, ws.WANTED)
    error(why or status, 0) -- to be logged
  end

  client:sendall("HTTP/1.1 101 Switching Protocols\r\n" .. fields .. "\r\n")
  local ok, err = pcall(echo, client)
  if not ok and type(err) ~= "table" then error(err, 0) end -- what is wrong with a frame is a table
  if not ok then client:sendall(ws.frame(ws.CLOSE, string.pack(">I2", err.status) .. err.reason)) end
end)
