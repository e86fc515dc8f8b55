-- process.spawn, found by rewriting Python's subprocess programs: a FIFO that was opened and not
-- read could not be handed over (a byte had been read to see whether anybody writes to it), and
-- there was neither stderr=STDOUT nor input=.

local function fifo(fn)
  local name = os.tmpname()
  os.remove(name)
  assert(os.execute("mkfifo " .. name) == 0)
  local ok, err = pcall(fn, name)
  os.remove(name)
  if not ok then error(err, 0) end
end

test("a FIFO that was opened, and not read, is handed over whole", function()
  for _, late in ipairs{"", "sleep 0.05; "} do -- the writer has written before the open, or comes later
    fifo(function(name)
      local w = process.spawn({"sh", "-c", late .. "printf hello > " .. name})
      local f = assert(io.open(name))
      local p = process.spawn({"cat"}, {stdin = f, stdout = "pipe"})
      eq(p.stdout:read("*a"), "hello")
      eq({p:wait(), w:wait()}, {0, 0})
      f:close()
    end)
  end
end)

test("a FIFO whose writer is there and has written nothing", function()
  fifo(function(name)
    local w = process.spawn({"sh", "-c", "exec > " .. name .. "; read line; echo $line"}, {stdin = "pipe"})
    local f = assert(io.open(name))
    local p = process.spawn({"cat"}, {stdin = f, stdout = "pipe"})
    w.stdin:write("late\n")
    eq(p.stdout:read("*a"), "late\n")
    eq({p:wait(), w:wait()}, {0, 0})
    f:close()
  end)
end)

local both = {"sh", "-c", "echo one; echo two >&2; echo three"}

test("stderr joins stdout, in order", function()
  local p = process.spawn(both, {stdout = "pipe", stderr = "stdout"})
  eq(p.stderr, nil)
  eq(p.stdout:read("*a"), "one\ntwo\nthree\n")
  eq(p:wait(), 0)
  local r, w = process.pipe()
  p = process.spawn(both, {stdout = w, stderr = "stdout"})
  w:close()
  eq(r:read("*a"), "one\ntwo\nthree\n")
  eq(process.spawn(both, {stdout = "null", stderr = "stdout"}):wait(), 0)
  raises("option 'stdout' must be", process.spawn, both, {stdout = "stdout"})
  raises("option 'stdin' must be", process.spawn, both, {stdin = "stdout"})
end)

test("input is the program's standard input", function()
  local p = process.spawn({"tr", "a-z", "A-Z"}, {input = "text\n", stdout = "pipe"})
  eq(p.stdin, nil)
  eq(p.stdout:read("*a"), "TEXT\n")
  eq(p:wait(), 0)
  p = process.spawn({"cat"}, {input = "", stdout = "pipe"})
  eq(p.stdout:read("*a"), "")
  raises("options 'input' and 'stdin'", process.spawn, {"cat"}, {input = "x", stdin = "pipe"})
  raises("option 'input' must be a string", process.spawn, {"cat"}, {input = true})
end)

test("input larger than a pipe, read, left unread, and of a program that is not there", function()
  local data = ("x"):rep(3000000)
  local p = process.spawn({"wc", "-c"}, {input = data, stdout = "pipe"})
  eq(tonumber(p.stdout:read("*a")), #data)
  eq(process.spawn({"true"}, {input = data}):wait(), 0)
  raises("ENOENT", process.spawn, {"no-such-program"}, {input = data})
end)
