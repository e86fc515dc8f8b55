//go:build linux

package stdlib_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// Tests of every function there is find them by themselves: those in the tables that a script
// can reach, and the methods and metamethods of one object of each type. What a new module brings
// is tested without a word here, but for how its objects are made.

// callee is a function, and how a script comes by it: Lua source that returns the function and,
// if it is a method, the object.
type callee struct{ name, source string }

// makers are Lua expressions for objects, by the name of their type; what follows a '/' tells
// those of one type apart.
var makers = map[string]string{
	"file":            `assert(io.open(dir .. "/file", "w+"))`,
	"file/socket":     `pair():makefile()`,
	"file/pipe":       `select(2, process.pipe())`,
	"socket":          `pair()`,
	"socket/datagram": `pair(socket.SOCK_DGRAM)`,
	"socket/new":      `socket.socket()`,
	"socket/listener": `socket.create_server("127.0.0.1", 0)`,
	"hosted socket":   `hosted()`,
	"hosted listener": `hosted_listener()`,
	"address":         `socket.create_server("127.0.0.1", 0):getsockname()`,
	"process":         `process.spawn({"cat"}, {stdin = "pipe", stdout = "pipe"})`,
	"shared_memory":   `process.shared_memory{size = 65536}`,
	"thread":          `thread.new(function() end)`,
	"lock":            `thread.lock()`,
	"event":           `thread.event()`,
	"semaphore":       `thread.semaphore(1)`,
	"queue":           `thread.queue(1)`,
	"channel":         `channel.make(1)`,
	"selector":        `selectors.new()`,
	"poll":            `select.poll()`,
	"tls connection":  `secure()`,
	"name":            `subject()`,
	"tls server":      `tls.create_server("127.0.0.1", 0, pem())`,
	"error":           `select(2, pcall(socket.socket, -1))`,
	"json.null":       `json.null`,
}

const makersPrelude = `
kept = {}
function pair(kind)
  local a, b = socket.socketpair(socket.AF_UNIX, kind or socket.SOCK_STREAM)
  kept[#kept + 1] = b
  a:settimeout(0.01)
  return a
end
function pem()
  if not kept.cert then kept.cert, kept.key = tls.self_signed{"localhost"} end
  return {cert = kept.cert, key = kept.key}
end
function secure()
  local s, opts = pair(), pem()
  s:setblocking(false)
  opts.server_side = true
  return tls.wrap(s, opts)
end
function subject()
  if not kept.subject then
    local a, b = socket.socketpair()
    thread.start(function() tls.wrap(b, {server_side = true, cert = pem().cert, key = pem().key}) end)
    kept.subject = tls.wrap(a, {verify = false}):peer_certificate().subject
  end
  return kept.subject
end`

// world makes an interpreter in which the makers work.
func world(t *testing.T, dir string) *interp.Interpreter {
	t.Helper()
	in, err := interp.New(interp.Config{
		Modules: append(stdlib.Modules(), rawTables),
		Policy: policy.Policy{
			Read: []string{dir, "/dev/shm"}, Write: []string{dir, "/dev/shm"}, Run: []string{"cat"},
			Listen: []string{"127.0.0.1:0"}, // not 127.0.0.1:1, where other tests count on there being nobody
		},
		Limits: interp.Limits{Threads: 100, Sockets: 100},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err = in.Set("dir", dir); err == nil {
		err = in.Set("hosted", hostedPipe)
	}
	if err == nil {
		err = in.Set("hosted_listener", hostedListener)
	}
	if err == nil {
		err = in.RunString(t.Context(), "makers", makersPrelude)
	}
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// hostedPipe is a connection of the host's whose other end says nothing, hostedListener a listener
// to which nobody comes: both without a descriptor.
func hostedPipe() net.Conn {
	a, _ := net.Pipe()
	return a
}

// hostedDrain is one whose other end takes all that is sent.
func hostedDrain() net.Conn {
	a, b := net.Pipe()
	go io.Copy(io.Discard, b)
	return a
}

func hostedListener() (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	return struct{ net.Listener }{l}, err
}

// callees finds all functions.
func callees(t *testing.T) (all []callee) {
	t.Helper()
	in := world(t, t.TempDir())
	defer in.Close()
	if err := in.Set("found", func(source string) {
		all = append(all, callee{strings.TrimPrefix(source, "return "), source})
	}); err != nil {
		t.Fatal(err)
	}
	run := func(source string) {
		t.Helper()
		if err := in.RunString(t.Context(), "find", source); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range stdlib.Modules() {
		run(fmt.Sprintf("require %q", m.Name))
	}
	run(`
local found, seen, ours = found, {[package.loaded] = true, [kept] = true}, {found = 1, pair = 1, pem = 1, secure = 1, hosted = 1, hosted_listener = 1}
local function walk(path, t)
  if seen[t] then return end
  seen[t] = true
  for k, v in pairs(t) do
    if type(k) == "string" and not ours[k] then
      if type(v) == "function" then found("return " .. path .. k) elseif type(v) == "table" then walk(path .. k .. ".", v) end
    end
  end
end
for name, t in pairs(package.loaded) do if type(t) == "table" and t ~= _G then walk(name .. ".", t) end end
walk("", _G)
found("return (('x'):gmatch('x'))")
found("return coroutine.wrap(function() end)")
found("return io.lines(dir .. '/lines')")
found("return getmetatable(select) and getmetatable(select).__call")
`)
	for _, name := range slices.Sorted(maps.Keys(makers)) {
		all = append(all, methods(t, in, name)...)
	}
	slices.SortFunc(all, func(a, b callee) int { return strings.Compare(a.name, b.name) })
	return all
}

// operators are what can be done to an object beside calling its methods.
var operators = []string{
	"function(a, b) return o[a] end", "function(a, b) o[a] = b end", "function(a) return o .. a end", "function(a) return a .. o end",
	"function(a) return o == a end", "function(a) return o < a end", "function(a) return o + a end", "function() return #o end",
	"function() return -o end", "function(...) return o(...) end", "function() return tostring(o) end",
}

// methods finds the methods of a type; the operators are functions here, too.
func methods(t *testing.T, in *interp.Interpreter, name string) (all []callee) {
	t.Helper()
	object := "local o = " + makers[name]
	if err := in.RunString(t.Context(), name, object+" object = o"); err != nil {
		t.Fatal(err)
	}
	e := in.Engine()
	e.WithTurn(func() {
		if typ, ok := e.Manual(e.Lookup("object")).(*interp.Type); ok {
			for _, f := range typ.Methods {
				all = append(all, callee{name + ":" + f.Name, object + " return o." + f.Name + ", o"})
			}
		}
	})
	if name == "channel" { // a type of Lua's own, to which methods are lent
		for _, m := range []string{"send", "receive", "close"} {
			all = append(all, callee{name + ":" + m, object + " return o." + m + ", o"})
		}
	}
	for _, op := range operators {
		all = append(all, callee{name + " " + op, object + " return " + op})
	}
	return all
}

// TestEveryType: of each type that a module lists there is an object in these tests.
func TestEveryType(t *testing.T) {
	in := world(t, t.TempDir())
	defer in.Close()
	have := map[string]bool{}
	for name := range makers {
		kind, _, _ := strings.Cut(name, "/")
		have[kind] = true
	}
	for _, m := range stdlib.Modules() {
		for _, typ := range m.Types {
			if !have[typ.Name] {
				t.Errorf("no object of type %q is made: add a maker", typ.Name)
			}
		}
	}
}

// caller calls one function, in an interpreter of its own.
type caller struct {
	t      *testing.T
	in     *interp.Interpreter
	callee callee
}

func newCaller(t *testing.T, c callee, dir string) *caller {
	t.Helper()
	in := world(t, dir)
	// Arguments come as they are, and the call is protected from what gets caught in Lua.
	if err := in.RunString(t.Context(), "caller", `
local fn, self = assert(loadstring([==[`+c.source+`]==]))()
local n = self ~= nil and 1 or 0
function arguments(...) given = {n = n + select("#", ...), ...} if n > 0 then table.insert(given, 1, self) end end
function call() return fn(unpack(given, 1, given.n)) end`); err != nil {
		t.Fatal(c.name, err)
	}
	return &caller{t, in, c}
}

// set evaluates what the arguments are, Lua expressions.
func (c *caller) set(args ...string) {
	c.t.Helper()
	if err := c.in.RunString(context.Background(), "arguments", "arguments("+strings.Join(args, ", ")+")"); err != nil {
		c.t.Fatal(c.callee.name, args, err)
	}
}

// call calls it, and returns the error and how much later than the deadline it came back.
func (c *caller) call(limit time.Duration) (err error, late time.Duration) {
	deadline := time.Now().Add(limit)
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	_, err = c.in.Call(ctx, "call")
	return err, time.Since(deadline)
}

// message returns what a script would see of an error, "" when the call was ended from outside.
func message(err error) string {
	var failure *interp.Error
	if errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &failure) {
		return ""
	}
	return failure.Message
}

// everyDir makes a folder with a file of a size.
func everyDir(t *testing.T, size int64) string {
	t.Helper()
	dir := t.TempDir()
	for name, n := range map[string]int64{"lines": 100, "big": size} {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, n); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
