package stdlib_test

import (
	"context"
	"errors"
	"maps"
	"net"
	"regexp"
	"runtime"
	"testing"
	"time"
	"weak"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// An interpreter that had ever made a socket was never freed: the cleanup of the
// socket held the interpreter, whose globals held the socket. Every kind of object is
// made here, used and left open in a global, and must not keep its interpreter.
var dropped = map[string]string{
	"nothing":           ``,
	"socket":            `s = socket.socket()`,
	"socket, closed":    `s = socket.socket() s:close()`,
	"socket, dropped":   `for _ = 1, 10 do socket.socket() end`,
	"socketpair":        `a, b = socket.socketpair()`,
	"socketpair, used":  `a, b = socket.socketpair() b:sendall("x\n") assert(a:recv(10) == "x\n")`,
	"line":              `a, b = socket.socketpair() b:sendall("x\ny") assert(a:readline() == "x")`,
	"datagrams":         `a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) b:send("x") a:recv(10) a:send("y") b:recvfrom(10)`,
	"message":           `a, b = socket.socketpair() a:sendmsg({"x", "y"}) b:recvmsg(10)`,
	"descriptors":       `a, b = socket.socketpair() socket.send_fds(a, "x", {a:fileno()}) _, fds = socket.recv_fds(b, 10, 1)`,
	"detached":          `a, b = socket.socketpair() fd = a:detach() c = socket.fromfd(fd) d = b:dup()`,
	"wait that ended":   `a, b = socket.socketpair() a:settimeout(0.001) ok, e = pcall(a.recv, a, 1)`,
	"wait that goes on": `a, b = socket.socketpair() t = thread.daemon(function() a:recv(1) end) thread.yield()`,
	"two that wait":     `a, b = socket.socketpair() for _ = 1, 2 do thread.daemon(function() a:recv(1) end) end thread.yield()`,
	"one that writes":   `a, b = socket.socketpair() t = thread.daemon(function() a:sendall(("x"):rep(2^24)) end) thread.yield()`,
	"cancelled":         `a, b = socket.socketpair() t = thread.start(function() a:recv(1) end) thread.yield() t:cancel() t:join()`,
	"listener":          `l = socket.create_server("127.0.0.1", 0)`,
	"listener, used":    `l = socket.create_server("127.0.0.1", 0) c = socket.create_connection("127.0.0.1", l:getsockname()[2]) s, from = l:accept() c:sendall("x") s:recv(1)`,
	"listener, waiting": `l = socket.create_server("127.0.0.1", 0) thread.daemon(function() for c in l:clients() do end end) thread.yield()`,
	"names":             `socket.getaddrinfo("localhost", 80) socket.gethostbyname("localhost") c = {pcall(socket.create_connection, "localhost", 1)}`,
	"makefile":          `a, b = socket.socketpair() f = a:makefile() f:write("x\n") f:flush() g = b:makefile() assert(g:read() == "x") g:write("unsent")`,
	"makefile, closed":  `a, b = socket.socketpair() f = a:makefile() f:write("x\n") f:close()`,
	"relay":             `a, b = socket.socketpair() c, d = socket.socketpair() thread.daemon(function() socket.relay(b, c) end) a:sendall("x") assert(d:recv(1) == "x")`,
	"sendfile":          `a, b = socket.socketpair() f = io.tmpfile() f:write("x") f:flush() a:sendfile(f) b:recv(1)`,
	"select":            `a, b = socket.socketpair() b:send("x") r = select.select({a}, {b}, {}, 1) select.select({b}, {}, {}, 0.001)`,
	"selector":          `a, b = socket.socketpair() q = selectors.new() k = q:register(a, selectors.EVENT_READ, {}) b:send("x") q:select(1)`,
	"selector, waiting": `a, b = socket.socketpair() q = selectors.new() q:register(a, selectors.EVENT_READ) thread.daemon(function() q:select() end) thread.yield()`,
	"selector, closed":  `a, b = socket.socketpair() q = selectors.new() q:register(a, selectors.EVENT_READ) q:close()`,

	"tls": tlsPair + `c:sendall("x\n") assert(s:readline() == "x")`,
	"tls, shaking": `a, b = socket.socketpair() a:settimeout(0)
		c = tls.wrap(a, {verify = false}) pcall(c.recv, c, 1) pcall(c.recv, c, 1)`,
	"tls, file":    tlsPair + `f = c:makefile() f:write("x\n") f:flush() assert(s:readline() == "x")`,
	"tls, closed":  tlsPair + `c:close() s:close()`,
	"tls, failed":  `a, b = socket.socketpair() b:sendall("no TLS at all") b:close() ok, e = pcall(tls.wrap, a)`,
	"tls, unwound": tlsPair + `pcall(c.settimeout, c, 0.01) pcall(c.unwrap, c)`,
	"tls server": `cert, key = tls.self_signed{"localhost"} l = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
		thread.daemon(function() for c in l:clients() do c:sendall(c:readline() .. "\n") end end)
		c = tls.connect("127.0.0.1", l:getsockname()[2], {verify = false}) c:sendall("x\n") assert(c:readline() == "x")`,

	"thread":             `t = thread.start(function() return {} end) t:join()`,
	"thread, never":      `t = thread.new(function() end)`,
	"thread, failed":     `t = thread.start(function() error({}) end) t:join()`,
	"thread, sleeping":   `t = thread.daemon(function() thread.sleep(1e6) end) thread.yield()`,
	"thread, computing":  `t = thread.daemon(function() while true do end end)`,
	"threads":            `for _ = 1, 300 do thread.start(function() thread.yield() pcall(thread.sleep, 0) end) end`,
	"timer":              `thread.sleep(0.001) q = thread.queue() q:get(0.001)`,
	"queue":              `q = thread.queue() q:put({q})`,
	"queue, waiting":     `q = thread.queue() thread.daemon(function() for v in q:items() do end end) thread.yield() q:put(q) thread.yield()`,
	"queue, full":        `q = thread.queue(1) q:put(1) thread.daemon(function() q:put(2) end) thread.yield()`,
	"lock":               `l = thread.lock() l:acquire() thread.daemon(function() l:acquire() end) thread.yield()`,
	"event":              `e = thread.event() thread.daemon(function() e:wait() end) thread.yield()`,
	"semaphore":          `s = thread.semaphore(1) s:acquire() thread.daemon(function() s:acquire() end) thread.yield()`,
	"channel":            `c = channel.make(1) c:send({}) thread.daemon(function() c:send(1) end) thread.yield()`,
	"channel, selecting": `c, d = channel.make(), channel.make() thread.daemon(function() channel.select({"|<-", c}, {"<-|", d, 1}) end) thread.yield()`,
	"channel, closed":    `c = channel.make() c:close() c:receive()`,

	"process":          `p = process.spawn({"true"}) p:wait()`,
	"process, running": `p = process.spawn({"cat"}, {stdin = "pipe", stdout = "pipe"}) p.stdin:write("x\n") p.stdin:flush() assert(p.stdout:read() == "x") thread.daemon(function() p:wait() end) thread.yield()`,
	"process, none":    `ok, e = pcall(process.spawn, {"/no/such/program"})`,
	"pipe":             `r, w = process.pipe() w:write("x\n") w:flush() assert(r:read() == "x")`,
	"pipe, waiting":    `r, w = process.pipe() thread.daemon(function() r:read() end) thread.yield()`,
	"popen":            `f = io.popen("cat", "w") f:write("") g = io.popen("echo x") assert(g:read() == "x")`,
	"execute":          `os.execute("true")`,
	"shared memory":    `m = process.shared_memory{size = 10} m:write(1, "x") n = process.shared_memory{name = m.name}`,
	"memory, closed":   `m = process.shared_memory{size = 10} m:unlink() m:close()`,
	"signals":          `signal.on("USR1", function() end) signal.on("USR2", "ignore")`,

	"file":            `f = io.tmpfile() f:write("x") f:seek("set") assert(f:read(1) == "x") f:write("unflushed")`,
	"file, closed":    `f = io.tmpfile() f:close()`,
	"file, dropped":   `for _ = 1, 10 do io.tmpfile():write("x") end`,
	"file, lines":     `f = io.open("/dev/null") i = f:lines() i()`,
	"standard":        `io.write("x") io.stdout:flush() io.stdout:setvbuf("full") io.write("x") io.read() print(io.stdin)`,
	"others":          `random.bytes(10) math.random() hash.sha256("x")`,
	"coroutine":       `c = coroutine.create(function() coroutine.yield() end) coroutine.resume(c) d = coroutine.wrap(function() while true do coroutine.yield(d) end end) d()`,
	"protected":       `ok, e = pcall(error, {}) xpcall(function() error(_G) end, function(e) return {e} end)`,
	"coroutine, held": `a, b = socket.socketpair() c = coroutine.wrap(function() a:recv(1) end) thread.daemon(c) thread.yield()`,
	"chunk":           `f = loadstring("return function() return f end")() string.dump = nil`,
	"long chunk":      `f = loadstring(("local x = 1 do local y end "):rep(1e4))`,
	"patterns":        `s = ("x"):rep(100):gsub(".", function(c) return c end) for k in s:gmatch(".") do m = k end`,
	"failure":         `error({})`,
	"exit":            `a, b = socket.socketpair() thread.daemon(function() a:recv(1) end) os.exit(1)`,

	"hosted": `conn:settimeout(0.01) pcall(conn.recv, conn, 1)`,
	"hosted, waiting": `thread.daemon(function() conn:recv(1) end) thread.daemon(function() conn:sendall("x") end)
		thread.daemon(function() conn:sendall("y") end) thread.yield() thread.yield()`,
	"hosted, closed":   `conn:close()`,
	"hosted, dropped":  `conn = nil listener = nil`,
	"hosted, file":     `f = conn:makefile() f:write("unsent")`,
	"hosted, listener": `thread.daemon(function() listener:accept() end) thread.yield()`,
	"hosted, client":   `c = dial() s = listener:accept() thread.daemon(function() s:readline() end) thread.yield()`,
	"hosted, relay":    `a, b = socket.socketpair() thread.daemon(function() socket.relay(b, conn) end) a:sendall("x") thread.yield()`,
	"host function":    `add(1) ok, e = pcall(add, "x") wait()`,
	"function held":    `keep(function() return _G end)`,
	"function called":  `call(function() return {} end) thread.daemon(function() call(function() thread.sleep(1e6) end) end) thread.yield()`,
	"struct":           `server.Name = "x" m = server.Map m.x = m s = server.List`,
	"go channel":       `ch:send("x") thread.daemon(function() ch:send("y") end) thread.yield()`,
}

const tlsPair = `cert, key = tls.self_signed{"localhost"} a, b = socket.socketpair()
	t = thread.start(function() s = tls.wrap(b, {server_side = true, cert = cert, key = key}) end)
	c = tls.wrap(a, {ca = cert, server_name = "localhost"}) t:join() `

func TestDropped(t *testing.T) {
	left := map[string]weak.Pointer[interp.Interpreter]{}
	for name, source := range dropped {
		t.Run(name, func(t *testing.T) { left[name] = droppedInterpreter(t, source) })
	}
	freed(t, left)
}

// freed waits until the collector has found that nothing uses the interpreters. Cleanups
// have goroutines of their own, which may hold one for a moment.
func freed(t *testing.T, left map[string]weak.Pointer[interp.Interpreter]) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); len(left) > 0 && time.Now().Before(end); time.Sleep(time.Millisecond) {
		runtime.GC()
		maps.DeleteFunc(left, func(_ string, p weak.Pointer[interp.Interpreter]) bool { return p.Value() == nil })
	}
	for name := range left {
		t.Errorf("%s: the interpreter is never freed", name)
	}
}

// droppedInterpreter runs a script in an interpreter of its own, and closes that.
func droppedInterpreter(t *testing.T, source string) weak.Pointer[interp.Interpreter] {
	in, err := interp.New(interp.Config{
		Policy: policy.All(), Modules: stdlib.Modules(),
		Limits: interp.Limits{Time: time.Minute, Threads: 1000, Sockets: 100, Output: 1 << 20},
	})
	if err != nil {
		t.Fatal(err)
	}
	hostObjects(t, in, source)
	err = in.RunString(context.Background(), t.Name(), source)
	var exit *interp.ExitError
	if err != nil && !errors.As(err, &exit) && source != `error({})` {
		t.Error(err)
	}
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	return weak.Make(in)
}

// hostObjects sets what a host may hand over, some of which the test holds on to: what
// an interpreter was given must not keep it.
func hostObjects(t *testing.T, in *interp.Interpreter, source string) {
	here, there := net.Pipe()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ch := make(chan string, 1)
	t.Cleanup(func() { here.Close(); there.Close(); l.Close(); close(ch) })
	for name, v := range map[string]any{
		"conn": here, "listener": struct{ net.Listener }{l}, "ch": ch,
		"server": &struct {
			Name string
			Map  map[string]any
			List []int
		}{Map: map[string]any{}},
		"dial": func() (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) },
		"add":  func(n int) int { return n + 1 },
		"wait": func(ctx context.Context) error { return ctx.Err() },
		"keep": func(fn interp.Func) {},
		"call": func(ctx context.Context, fn interp.Func) error { _, err := fn.Call(ctx); return err },
	} {
		if !regexp.MustCompile(`\b` + name + `\b`).MatchString(source) {
			continue // it would be an object that may keep the interpreter, in each test
		}
		if err := in.Set(name, v); err != nil {
			t.Fatal(name, err)
		}
	}
}

// Nor does memory grow with interpreters that come and go.
func TestDroppedMany(t *testing.T) {
	one := func() { droppedInterpreter(t, dropped["tls"]+dropped["popen"]+dropped["thread"]) }
	one()
	before := heapInUse()
	for range 100 {
		one()
	}
	var after uint64
	for range 100 {
		if after = heapInUse(); after < before+2<<20 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("100 interpreters that were closed hold %d bytes", after-before)
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
