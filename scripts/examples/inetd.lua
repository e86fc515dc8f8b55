-- The internet super-server: any program that reads its input and writes its output becomes a server.
-- Each client gets a process of its own, whose standard input and output are the connection.
local process = require "process"
local signal = require "signal"
local socket = require "socket"
local thread = require "thread"
local cli = require "lib.cli"
local serve = require "lib.serve"

local o = cli.parse([=[
usage: inetd.lua [-a HOST] [-p PORT] [-n COUNT] [PROGRAM...]

Try it:  inetd.lua -p 7000 sort    and    printf 'b\na\n' | nc -N 127.0.0.1 7000

PROGRAM    the program and its arguments; cat, which makes an echo server, if left out
-a HOST    the address to listen on [default: 127.0.0.1]
-p PORT    and the port; 0 is one that is free [default: 0]
-n COUNT   how many clients at once, others wait [default: 100]

Ctrl-C ends the listening, and then waits for the programs that still run; a second one ends them.]=], ...)

local program = o.program[1] and o.program or { "cat" }
local places = thread.semaphore(o.n)

local function log(...) print(table.concat({ ... }, " ")) end

-- Our copy of the socket is closed at once: the client shall see the end when the program does.
local function run(client, address)
  places:acquire()
  local ok, child = pcall(process.spawn, program, { stdin = client, stdout = client })
  client:close()
  if ok then
    log(child.pid, "for", tostring(address))
    log(child.pid, "ended,", "status " .. child:wait())
  end
  places:release()
  if not ok then error(child, 0) end
end

cli.main(function()
  local listener = socket.create_server(o.a, o.p)
  print("listening on " .. listener:getsockname())
  local stopping = false
  local function stop(name)
    signal.on(name, "default")
    log(name)
    stopping = true
    listener:close()
  end
  signal.on("INT", stop)
  signal.on("TERM", stop)
  local ok, err = pcall(serve, listener, run)
  if not ok and not stopping then error(err, 0) end
end)
