-- process.shared_memory

local shared = process.shared_memory

test("write and read", function()
  local m = shared{size = 10}
  eq(m.size, 10)
  assert(m.name:find("^wirelua_%x+$"), m.name)
  eq(m:read(1, 10), ("\0"):rep(10))
  eq(m:write(3, "abc"), true)
  eq(m:read(3, 3), "abc")
  eq(m:read(), "\0\0abc\0\0\0\0\0")
  eq(m:read(5), "c\0\0\0\0\0")
  eq(m:read(11, 0), "")
  eq(m:write(1, ""), true)
  m:unlink() m:close()
end)

test("two that have one memory open", function()
  local m = shared{size = 10}
  local other = shared{name = m.name}
  other:write(10, "!")
  eq(m:read(10, 1), "!")
  eq(m:unlink(), true)
  raises("ENOENT", shared, {name = m.name})
  m:write(1, "x")
  eq(other:read(1, 1), "x", "the name is gone, the memory is not")
  eq({m:close(), m:close(), other:close()}, {true, true, true})
end)

test("bounds", function()
  local m = shared{size = 10}
  m:unlink()
  raises("bad argument #1 to 'read' (position must be 1-10, got 0)", m.read, m, 0, 1)
  raises("position must be 1-10, got 12", m.read, m, 12)
  raises("position must be 1-10, got -1", m.write, m, -1, "x")
  raises("bad argument #2 to 'read' (3 bytes at position 9 end beyond the size of 10)", m.read, m, 9, 3)
  raises("end beyond", m.write, m, 10, "xy")
  raises("size must be", m.read, m, 1, -1)
  raises("integer expected", m.read, m, 1.5, 1)
  raises("string expected", m.write, m, 1, {})
  eq(m:read(), ("\0"):rep(10))
  m:close()
  raises("EBADF", m.read, m, 1, 1)
  raises("EBADF", m.write, m, 1, "x")
end)

test("names", function()
  local m = shared{size = 10}
  local err = raises("EEXIST", shared, {name = m.name, size = 10, create = true})
  eq(tostring(err), "shared_memory " .. m.name .. ": file exists")
  raises("EINVAL", shared, {name = m.name, size = 11})
  eq(shared({name = "/" .. m.name, size = 10}).name, m.name)
  m:unlink()
  raises("ENOENT", m.unlink, m)
  m:close()
  raises("ENOENT", shared, {name = "wirelua-no-such-memory"})
end)

test("options", function()
  raises("unknown option 'nam', there are: create, name, size; did you mean 'name'?", shared, {nam = "x"})
  raises("'size' must be a number of bytes", shared, {})
  raises("'size' must be a number of bytes", shared, {size = 0})
  raises("'size' must be a number of bytes", shared, {size = 1.5})
  raises("'size' must be a number of bytes, 1 or more, got \"4k\"", shared, {size = "4k"})
  raises("'name' must be a name without slashes", shared, {name = "../passwd"})
  raises("'name' must be a name without slashes", shared, {name = "..", size = 1})
  raises("'name' must be of at most 250 bytes, got 300", shared, {name = ("x"):rep(300), size = 1})
  raises("'name' has a zero byte in it", shared, {name = "a\0b", size = 1})
  raises("'name' must be a string", shared, {name = 7})
  raises("'name' is needed", shared, {create = false})
  raises("'create' must be true or false", shared, {create = 1, size = 1})
  raises("table expected", shared, "x")
end)

test("with", function()
  local m = shared{size = 4}
  m:unlink()
  eq(m:with(function(m) m:write(1, "abcd") return m:read(2, 2) end), "bc")
  raises("EBADF", m.read, m)
end)

test("another process has made it shorter", function()
  local m = shared{size = 8192}
  eq(process.spawn({"sh", "-c", "test -d /dev/shm && : > /dev/shm/" .. m.name}):wait() == 0 or skip("no /dev/shm"), true)
  raises("EOF", m.read, m, 1, 10)
  m:unlink() m:close()
end)

test("with another process", function()
  local m = shared{size = 100}
  local p = process.spawn({process.executable, "-e", [[
local m = process.shared_memory{name = ...}
m:write(1, m:read(1, 5):upper())]], m.name})
  m:write(1, "hello")
  eq(p:wait(), 0)
  eq(m:read(1, 5), "HELLO")
  m:unlink() m:close()
end)

test("with Python", function()
  if not python then skip("no python3") end
  local m = shared{size = 4096}
  m:write(1, "from lua")
  local p = process.spawn({python, "-c", [[
import sys, multiprocessing.shared_memory as shm
from multiprocessing import resource_tracker
m = shm.SharedMemory(name=sys.argv[1])
resource_tracker.unregister(m._name, "shared_memory")
print(m.size, bytes(m.buf[:8]).decode())
m.buf[100:111] = b"from python"
m.close()
n = shm.SharedMemory(name="wirelua_py_" + sys.argv[2], create=True, size=64)
resource_tracker.unregister(n._name, "shared_memory")
n.buf[0:2] = b"hi"
n.close()]], m.name, tostring(process.pid)}, {stdout = "pipe"})
  eq(p.stdout:read("*a"), "4096 from lua\n")
  eq(p:wait(), 0)
  eq(m:read(101, 11), "from python")
  m:unlink() m:close()
  local n = shared{name = "wirelua_py_" .. process.pid}
  eq(n:read(1, 2), "hi")
  n:unlink() n:close()
end)
