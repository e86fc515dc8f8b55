package interp_test

import (
	"bytes"
	"context"
	"testing"

	"wirelua/interp"
	"wirelua/interp/policy"
)

func TestSmoke(t *testing.T) {
	var out bytes.Buffer
	in, err := interp.New(interp.Config{Stdout: &out, Stderr: &out, Policy: policy.All()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	err = in.RunString(context.Background(), "x.lua", `
print("hello", 1, nil, true)
local x = 1
local function set() x = x + 1; return x end
print(pcall(function() set(); error("boom") end))
set() print(x)
local f
pcall(function() local y = 42; f = function() return y end; error{} end)
local a,b,c,d = 1,2,3,4
print(f(), a+b+c+d)
print(xpcall(function() local t = nil; t.x = 1 end, debug.traceback))
print(pcall(error, "x", 2))
local function lvl() error("lvl2", 2) end
print(pcall(function() lvl() end))
local co = coroutine.wrap(function(a) local b = coroutine.yield(a+1); print("got", b); return "end" end)
print(co(1)) print(co("B")) print(pcall(co))
print(pcall(function() local function r() return 1 + r() end return r() end))
print(pcall(string.rep, "x", 2^40))
print(coroutine.resume(coroutine.create(function() pcall(coroutine.yield, 1) return "after" end)))
print(coroutine.resume(coroutine.create(function() for x in function() coroutine.yield(1) end do end end)))
print(coroutine.resume(coroutine.create(print), 1, 2))
print(select("#", pcall(pcall, error)))
print(loadstring("x = = 1"))
print(loadstring("x = "))
print(tostring(1/0), math.huge, 10/2, 2^53, 1e15, 0.1)
`)
	t.Logf("%v\n%s", err, out.String())
	err = in.RunString(context.Background(), "y.lua", "local function f()\n local t = nil\n return t.x.y end\nlocal function g() f() end\ng()")
	t.Log(err, err.(*interp.Error).Traceback)
	for _, src := range []string{"local s = 0 while true do s = s + 1 end", "while true do pcall(function() while true do end end) end", "coroutine.wrap(function() while true do end end)()"} {
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		t.Log(in.RunString(ctx, "z.lua", src))
	}
}
