package channel_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib"
)

func open(t testing.TB, globals map[string]any) (*interp.Interpreter, *strings.Builder) {
	t.Helper()
	out := new(strings.Builder)
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Stdout: out})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	for name, v := range globals {
		if err := in.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	return in, out
}

func run(t testing.TB, in *interp.Interpreter, script string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := in.RunString(ctx, "test.lua", script); err != nil {
		t.Fatal(err)
	}
}

// The example in gopher-lua's README, with Go at one end. The script never names
// the module before it uses the channel's methods.
func TestWithGo(t *testing.T) {
	in, out := make(chan lua.LValue), make(chan lua.LValue, 1)
	i, printed := open(t, map[string]any{"jobs": lua.LChannel(in), "results": lua.LChannel(out)})
	var sum lua.LNumber
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 1; n <= 100; n++ {
			in <- lua.LNumber(n)
		}
		in <- nil // Go code may send that; it is Lua's nil
		close(in)
	})
	wg.Go(func() {
		for v := range out {
			sum += v.(lua.LNumber)
		}
	})
	run(t, i, `
		while true do
			local ok, n = jobs:receive()
			if not ok then break end
			if n == nil then print("nil") else results:send(2 * n) end
		end
		local ok, err = pcall(results.close, results)
		assert(not ok and err.code == "EPERM", err)`)
	close(out)
	wg.Wait()
	if sum != 10100 || printed.String() != "nil\n" {
		t.Errorf("sum %v, printed %q", sum, printed)
	}
}

// Two interpreters talk, each with its own turn.
func TestBetweenInterpreters(t *testing.T) {
	ch := make(chan lua.LValue)
	a, _ := open(t, map[string]any{"ch": lua.LChannel(ch)})
	b, out := open(t, map[string]any{"ch": lua.LChannel(ch)})
	var wg sync.WaitGroup
	wg.Go(func() { run(t, a, `for i = 1, 1000 do ch:send(i) end ch:send(nil)`) })
	wg.Go(func() {
		run(t, b, `local sum = 0
			while true do
				local i, v, ok = channel.select({"|<-", ch}, {"|<-", channel.make()})
				if not v then break end
				sum = sum + v
			end
			print(sum)`)
	})
	wg.Wait()
	if out.String() != "500500\n" {
		t.Errorf("got %q", out)
	}
}

// What a thread waited for when it was stopped it has not taken, nor does anything that it
// left behind take it later. (A value that comes at the moment of the stop may go either way:
// it was taken, and the script stopped before it could tell.)
func TestStoppedReceiverTakesNothing(t *testing.T) {
	ch := make(chan lua.LValue)
	in, _ := open(t, map[string]any{"ch": lua.LChannel(ch)})
	run(t, in, `
		function receive() return ch:receive() end
		function choose() local _, v, ok = channel.select({"|<-", ch}) return ok, v end`)
	for i := range 200 {
		fn := []string{"receive", "choose"}[i%2]
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Duration(i%4)*time.Millisecond, cancel)
		if vs, err := in.Call(ctx, fn); !errors.Is(err, context.Canceled) {
			t.Fatalf("round %d: received %v, %v, when nothing was sent", i, vs, err)
		}
		select {
		case ch <- lua.LNumber(-1):
			t.Fatalf("round %d: somebody receives, after the call", i)
		default:
		}
		sent := make(chan struct{})
		go func() { ch <- lua.LNumber(i); close(sent) }()
		vs, err := in.Call(context.Background(), fn)
		if got, want := fmt.Sprint(vs, err), fmt.Sprint([]any{true, float64(i)}, nil); got != want {
			t.Fatalf("round %d: received %s", i, got)
		}
		<-sent
	}
}

// Threads that are cancelled again and again, on both sides, with Go code sending
// meanwhile: whatever was sent is received once.
func TestHammer(t *testing.T) {
	const senders, each = 8, 200 // of Go's; the script has as many
	ch, results, done := make(chan lua.LValue, 2), make(chan lua.LValue), make(chan lua.LValue)
	in, _ := open(t, map[string]any{"ch": lua.LChannel(ch), "results": lua.LChannel(results), "done": lua.LChannel(done),
		"finish": func() { close(ch) }})
	var sending, all sync.WaitGroup
	for range senders {
		sending.Go(func() {
			for range each {
				ch <- lua.LNumber(1)
			}
		})
	}
	all.Go(func() {
		sending.Wait()
		close(done)
	})
	var total lua.LNumber
	all.Go(func() {
		for v := range results {
			total += v.(lua.LNumber)
		}
	})
	all.Go(func() {
		run(t, in, `
			math.randomseed(1)
			local never = channel.make()
			local threads, receivers = {}, {}
			local function patient(fn, ...)
				while true do
					local r = {pcall(fn, ...)}
					if r[1] then return unpack(r, 2, 4) end
					if r[2].code ~= "ECANCELED" then error(r[2], 0) end
				end
			end
			for i = 1, 8 do
				threads[i] = thread.start(function()
					for _ = 1, 200 do
						if i % 2 == 0 then patient(ch.send, ch, 1)
						else patient(channel.select, {"|<-", never}, {"<-|", ch, 1}) end
					end
				end)
				receivers[i] = thread.daemon(function()
					local sum = 0
					while true do
						local ok, v
						if i % 2 == 0 then ok, v = patient(ch.receive, ch)
						else local _ _, v, ok = patient(channel.select, {"|<-", ch}, {"|<-", never}) end
						if not ok then break end
						sum = sum + v
					end
					patient(results.send, results, sum)
				end)
			end
			local stop = false
			local harass = thread.start(function()
				while not stop do
					threads[math.random(8)]:cancel()
					receivers[math.random(8)]:cancel()
					thread.sleep(0.0002)
				end
			end)
			for i = 1, 8 do assert(threads[i]:join()) end
			done:receive()
			stop = true
			harass:join()
			finish()
			for i = 1, 8 do assert(receivers[i]:join()) end`)
		close(results)
	})
	all.Wait()
	if want := lua.LNumber(2 * senders * each); total != want {
		t.Errorf("%v values arrived, %v were sent", total, want)
	}
}

// A channel of the host's that a script closed made the host's next send panic.
func TestOnlyTheMakerCloses(t *testing.T) {
	typed, raw := make(chan any, 1), make(chan lua.LValue, 1)
	in, _ := open(t, map[string]any{"typed": typed, "raw": raw})
	run(t, in, `
		for _, ch in ipairs{typed, raw} do
			local ok, err = pcall(ch.close, ch)
			assert(not ok and err.code == "EPERM" and err.op == "close", err)
			ok, err = pcall(channel.make().close, ch)
			assert(not ok and err.code == "EPERM", err)
		end
		own = channel.make(1)`)
	typed <- 1
	raw <- lua.LNumber(1)
	own, err := in.Get("own")
	if err != nil {
		t.Fatal(err)
	}
	other, _ := open(t, map[string]any{"theirs": own})
	run(t, other, `local ok, err = pcall(theirs.close, theirs) assert(not ok and err.code == "EPERM", err)`)
	if err := in.Set("back", own); err != nil {
		t.Fatal(err)
	}
	run(t, in, `assert(back == own) back:close() assert(not own:receive())`)
}

// What one interpreter sends raw another does not get: a script without rights got
// another's io.open, and two used one table at once.
func TestNothingRawCrosses(t *testing.T) {
	ch := make(chan lua.LValue, 8)
	a, _ := open(t, map[string]any{"ch": ch})
	run(t, a, `own = channel.make(8) values = {io.open, {}, channel.make(1), coroutine.create(print), thread.lock()}`)
	own, err := a.Get("own")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := open(t, map[string]any{"ch": ch, "own": own})
	for _, name := range []string{"ch", "own"} {
		run(t, a, `local ch = `+name+`
			for _, v in pairs(values) do ch:send(v) assert(select(2, ch:receive()) == v or type(v) == "channel") end
			for _, v in pairs(values) do channel.select({"<-|", ch, v}) end
			ch:send(1) ch:send("x") ch:send(true)`)
		run(t, b, `local ch, refused, got = `+name+`, 0, {}
			for i = 1, 8 do
				local ok, err, v = pcall(function()
					if i % 2 == 0 then return ch:receive() end
					local _, v, ok = channel.select({"|<-", ch})
					return ok, v
				end)
				if not ok then
					assert(err:find("not from this interpreter", 1, true), err)
					refused = refused + 1
				else
					table.insert(got, type(v))
				end
			end
			assert(refused == 4, refused)
			assert(table.concat(got, " ") == "userdata number string boolean", table.concat(got, " "))
			ch:send({}) ch:send(print)`)
		run(t, a, `local ch = `+name+`
			for i = 1, 2 do assert(not pcall(ch.receive, ch)) end`)
	}
}

func BenchmarkBuffered(b *testing.B) {
	in, _ := open(b, nil)
	run(b, in, `function run(n) local ch = channel.make(1) for i = 1, n do ch:send(true) ch:receive() end end`)
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := in.Call(context.Background(), "run", b.N); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkPingPong(b *testing.B) {
	in, _ := open(b, nil)
	run(b, in, `function run(n)
		local ping, pong = channel.make(), channel.make()
		thread.daemon(function() while true do pong:send(ping:receive()) end end)
		for i = 1, n do ping:send(true) pong:receive() end end`)
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := in.Call(context.Background(), "run", b.N); err != nil {
		b.Fatal(err)
	}
}
