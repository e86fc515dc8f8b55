// Package border measures what it costs to call a script from Go, and Go from a script, beside other
// languages that Go programs embed. It is a module of its own, so that these are no business of the product's:
//
//	cd scripts/bench/border && go test -bench . -benchtime 1s
//
// A peer whose interpreter only one goroutine may use at a time has a pool of them, as its users have. wirelua has
// both: one interpreter that all goroutines use, and a pool.
package border

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/dop251/goja"
	"github.com/traefik/yaegi/interp"
	lua "github.com/yuin/gopher-lua"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	wirelua "wirelua/interp"
)

// peer is one language, ready: what it calls may be called by many goroutines at once.
type peer struct {
	empty   func() error
	handler func(method, path string, headers map[string]string, body string) (status int, replied map[string]string, text string, err error)
	host    func(n int) error            // has the script call a function of Go's n times; nil when there is no such
	others  map[string]func(n int) error // and others that cost more or less
}

var request = struct {
	method, path, body string
	headers            map[string]string
}{"GET", "/index", "hello", map[string]string{"host": "example.org", "accept": "*/*", "agent": "border"}}

var peers = []struct {
	name string
	make func(testing.TB) peer
}{
	{"wirelua", wireluaPeer}, {"wirelua-pool", wireluaPool}, {"gopher-lua", gopherLuaPeer}, {"goja", gojaPeer}, {"starlark", starlarkPeer}, {"yaegi", yaegiPeer},
}

func TestPeersAgree(t *testing.T) {
	for _, p := range peers {
		peer := p.make(t)
		if err := peer.empty(); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
		status, headers, text, err := peer.handler(request.method, request.path, request.headers, request.body)
		if status != 200 || headers["x-path"] != "/index" || headers["host"] != "example.org" || text != "GET hello" || err != nil {
			t.Errorf("%s: %v %v %q %v", p.name, status, headers, text, err)
		}
		if peer.host != nil {
			if err := peer.host(10); err != nil {
				t.Errorf("%s: %v", p.name, err)
			}
		}
	}
}

func BenchmarkEmpty(b *testing.B) {
	for _, p := range peers {
		peer := p.make(b)
		b.Run(p.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := peer.empty(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkHostFunction(b *testing.B) {
	for _, p := range peers {
		peer := p.make(b)
		run := func(name string, host func(n int) error) {
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				if err := host(b.N); err != nil {
					b.Fatal(err)
				}
			})
		}
		if peer.host != nil {
			run(p.name, peer.host)
		}
		for name, host := range peer.others {
			run(p.name+"/"+name, host)
		}
	}
}

func BenchmarkHandler(b *testing.B) {
	for _, workers := range []int{1, 2, 16} {
		for _, p := range peers {
			peer := p.make(b)
			b.Run(fmt.Sprintf("%s/%d", p.name, workers), func(b *testing.B) {
				b.ReportAllocs()
				var wg sync.WaitGroup
				for w := range workers {
					wg.Go(func() {
						for range (b.N + w) / workers {
							if _, _, _, err := peer.handler(request.method, request.path, request.headers, request.body); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
			})
		}
	}
}

const luaSource = `
function empty() end
function handler(method, path, headers, body)
	local out = {["x-path"] = path, host = headers.host}
	return 200, out, method .. " " .. body
end
function loop(n) for i = 1, n do add(i, 1) end end`

func wireluaPeer(t testing.TB) peer {
	in, err := wirelua.New(wirelua.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	ctx := context.Background()
	for name, add := range map[string]any{
		"add":    func(a, b int) int { return a + b },
		"beside": func(_ context.Context, a, b int) int { return a + b },
		"state":  func(s *wirelua.State) int { return s.Return(lua.LNumber(s.Int(1) + s.Int(2))) },
	} {
		if err := in.Set(name, add); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.RunString(ctx, "border.lua", luaSource+`
		function loop_beside(n) for i = 1, n do beside(i, 1) end end
		function loop_state(n) for i = 1, n do state(i, 1) end end`); err != nil {
		t.Fatal(err)
	}
	return peer{
		others: map[string]func(int) error{
			"context": func(n int) error { _, err := in.Call(ctx, "loop_beside", n); return err },
			"State":   func(n int) error { _, err := in.Call(ctx, "loop_state", n); return err },
		},
		empty: func() error { _, err := in.Call(ctx, "empty"); return err },
		handler: func(method, path string, headers map[string]string, body string) (status int, out map[string]string, text string, err error) {
			err = in.CallInto(ctx, &wirelua.Results{&status, &out, &text}, "handler", method, path, headers, body)
			return
		},
		host: func(n int) error { _, err := in.Call(ctx, "loop", n); return err },
	}
}

// wireluaPool is a pool of interpreters, of which each is used by one goroutine at a time.
func wireluaPool(t testing.TB) peer {
	pool := sync.Pool{New: func() any {
		p := wireluaPeer(t)
		return &p
	}}
	return peer{
		empty: func() error {
			p := pool.Get().(*peer)
			defer pool.Put(p)
			return p.empty()
		},
		handler: func(method, path string, headers map[string]string, body string) (int, map[string]string, string, error) {
			p := pool.Get().(*peer)
			defer pool.Put(p)
			return p.handler(method, path, headers, body)
		},
	}
}

func gopherLuaPeer(t testing.TB) peer {
	proto, err := lua.NewState().LoadString(luaSource)
	if err != nil {
		t.Fatal(err)
	}
	pool := sync.Pool{New: func() any {
		l := lua.NewState()
		l.SetGlobal("add", l.NewFunction(func(l *lua.LState) int {
			l.Push(lua.LNumber(l.CheckInt(1) + l.CheckInt(2)))
			return 1
		}))
		l.Push(l.NewFunctionFromProto(proto.Proto))
		l.Call(0, 0)
		return l
	}}
	call := func(name string, results int, take func(*lua.LState), args func(*lua.LState) []lua.LValue) error {
		l := pool.Get().(*lua.LState)
		defer pool.Put(l)
		ctx, cancel := context.WithCancel(context.Background()) // or nothing could stop it
		defer cancel()
		l.SetContext(ctx)
		err := l.CallByParam(lua.P{Fn: l.GetGlobal(name), NRet: results, Protect: true}, args(l)...)
		if err == nil {
			take(l)
		}
		l.SetTop(0)
		return err
	}
	none := func(*lua.LState) []lua.LValue { return nil }
	return peer{
		empty: func() error { return call("empty", 0, func(*lua.LState) {}, none) },
		handler: func(method, path string, headers map[string]string, body string) (status int, out map[string]string, text string, err error) {
			err = call("handler", 3, func(l *lua.LState) {
				status, text = int(l.ToNumber(-3)), l.ToString(-1)
				out = map[string]string{}
				l.ToTable(-2).ForEach(func(k, v lua.LValue) { out[k.String()] = v.String() })
			}, func(l *lua.LState) []lua.LValue {
				t := l.CreateTable(0, len(headers))
				for k, v := range headers {
					t.RawSetString(k, lua.LString(v))
				}
				return []lua.LValue{lua.LString(method), lua.LString(path), t, lua.LString(body)}
			})
			return
		},
		host: func(n int) error {
			return call("loop", 0, func(*lua.LState) {}, func(*lua.LState) []lua.LValue { return []lua.LValue{lua.LNumber(n)} })
		},
	}
}

func gojaPeer(t testing.TB) peer {
	prog, err := goja.Compile("border.js", `
		function empty() {}
		function handler(method, path, headers, body) {
			return [200, {"x-path": path, host: headers.host}, method + " " + body]
		}
		function loop(n) { for (var i = 1; i <= n; i++) add(i, 1) }`, true)
	if err != nil {
		t.Fatal(err)
	}
	type js struct {
		*goja.Runtime
		empty, handler, loop goja.Callable
	}
	pool := sync.Pool{New: func() any {
		r := &js{Runtime: goja.New()}
		r.Set("add", func(a, b int) int { return a + b })
		if _, err := r.RunProgram(prog); err != nil {
			t.Fatal(err)
		}
		r.empty, _ = goja.AssertFunction(r.Get("empty"))
		r.handler, _ = goja.AssertFunction(r.Get("handler"))
		r.loop, _ = goja.AssertFunction(r.Get("loop"))
		return r
	}}
	return peer{
		empty: func() error {
			r := pool.Get().(*js)
			defer pool.Put(r)
			_, err := r.empty(goja.Undefined())
			return err
		},
		handler: func(method, path string, headers map[string]string, body string) (status int, out map[string]string, text string, err error) {
			r := pool.Get().(*js)
			defer pool.Put(r)
			v, err := r.handler(goja.Undefined(), r.ToValue(method), r.ToValue(path), r.ToValue(headers), r.ToValue(body))
			if err != nil {
				return 0, nil, "", err
			}
			o := v.ToObject(r.Runtime)
			err = r.ExportTo(o.Get("1"), &out)
			return int(o.Get("0").ToInteger()), out, o.Get("2").String(), err
		},
		host: func(n int) error {
			r := pool.Get().(*js)
			defer pool.Put(r)
			_, err := r.loop(goja.Undefined(), r.ToValue(n))
			return err
		},
	}
}

func starlarkPeer(t testing.TB) peer {
	add := starlark.NewBuiltin("add", func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var a, b int
		err := starlark.UnpackArgs("add", args, kwargs, "a", &a, "b", &b)
		return starlark.MakeInt(a + b), err
	})
	globals, err := starlark.ExecFileOptions(&syntax.FileOptions{}, &starlark.Thread{}, "border.star", `
def empty():
    pass

def handler(method, path, headers, body):
    return 200, {"x-path": path, "host": headers["host"]}, method + " " + body

def loop(n):
    for i in range(n):
        add(i, 1)
`, starlark.StringDict{"add": add})
	if err != nil {
		t.Fatal(err)
	}
	globals.Freeze()
	call := func(name string, args ...starlark.Value) (starlark.Value, error) {
		return starlark.Call(&starlark.Thread{}, globals[name], args, nil)
	}
	return peer{
		empty: func() error { _, err := call("empty"); return err },
		handler: func(method, path string, headers map[string]string, body string) (int, map[string]string, string, error) {
			dict := starlark.NewDict(len(headers))
			for k, v := range headers {
				dict.SetKey(starlark.String(k), starlark.String(v))
			}
			v, err := call("handler", starlark.String(method), starlark.String(path), dict, starlark.String(body))
			if err != nil {
				return 0, nil, "", err
			}
			all := v.(starlark.Tuple)
			status, _ := starlark.AsInt32(all[0])
			out := map[string]string{}
			for _, item := range all[1].(*starlark.Dict).Items() {
				out[string(item[0].(starlark.String))] = string(item[1].(starlark.String))
			}
			return status, out, string(all[2].(starlark.String)), nil
		},
		host: func(n int) error { _, err := call("loop", starlark.MakeInt(n)); return err },
	}
}

func yaegiPeer(t testing.TB) peer {
	i := interp.New(interp.Options{})
	if err := i.Use(interp.Exports{"host/host": {"Add": reflect.ValueOf(func(a, b int) int { return a + b })}}); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Eval(`package border
import "host"
func Empty() {}
func Handler(method, path string, headers map[string]string, body string) (int, map[string]string, string) {
	return 200, map[string]string{"x-path": path, "host": headers["host"]}, method + " " + body
}
func Loop(n int) { for i := 0; i < n; i++ { host.Add(i, 1) } }`); err != nil {
		t.Fatal(err)
	}
	get := func(name string) any {
		v, err := i.Eval("border." + name)
		if err != nil {
			t.Fatal(err)
		}
		return v.Interface()
	}
	empty, loop := get("Empty").(func()), get("Loop").(func(int))
	handler := get("Handler").(func(string, string, map[string]string, string) (int, map[string]string, string))
	return peer{
		empty: func() error { empty(); return nil },
		handler: func(method, path string, headers map[string]string, body string) (int, map[string]string, string, error) {
			status, out, text := handler(method, path, headers, body)
			return status, out, text, nil
		},
		host: func(n int) error { loop(n); return nil },
	}
}
