package interp_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"wirelua/interp"
	"wirelua/interp/policy"
)

// writeTree writes files, by their paths below a new folder, and returns that.
func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// slowFiles are files that nothing comes from, each a way for open(2) or read(2) to wait:
// a FIFO, one that somebody has open for writing, and a terminal.
func slowFiles(t *testing.T) map[string]string {
	files := map[string]string{"a FIFO": fifo(t), "a silent FIFO": fifo(t)}
	w, err := os.OpenFile(files["a silent FIFO"], os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.Close()
		if f, err := os.OpenFile(files["a FIFO"], os.O_RDWR, 0); err == nil { // lets those go who are left behind
			f.Close()
		}
	})
	if name := terminal(t); name != "" {
		files["a terminal"] = name
	}
	return files
}

// TestCodeThatNeverComes: waiting for code, other threads run, and the wait ends with its
// context and with Close. With the turn kept in open(2) nothing of that could happen.
func TestCodeThatNeverComes(t *testing.T) {
	for kind, name := range slowFiles(t) {
		for _, how := range []string{"dofile(file)", "loadfile(file)", "package.path = file require 'x'", ""} {
			for _, host := range []string{"", "FS", "fenced"} {
				t.Run(strings.TrimSpace(host+" "+kind+" "+how), func(t *testing.T) { neverComes(t, name, how, host) })
			}
		}
	}
}

func neverComes(t *testing.T, name, how, host string) {
	running := goleak.IgnoreCurrent()
	c := interp.Config{}
	switch host {
	case "FS":
		c.FS = os.DirFS(filepath.Dir(name))
		name = filepath.Base(name)
	case "fenced":
		c.Policy = policy.Policy{Read: []string{filepath.Dir(name)}}
	}
	r := newRun(t, c)
	start := func(ctx context.Context) error {
		if how == "" {
			return r.in.RunFile(ctx, name)
		}
		return r.in.RunString(ctx, "test.lua", fmt.Sprintf("local file = %q\n", name)+how)
	}
	r.run(t, `ticks = 0 helpers.start(function() while ticks < 20 do ticks = ticks + 1 helpers.sleep(0.001) end end)`)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- start(ctx) }()
	for range 3 { // others have their turns
		if err := r.in.RunString(context.Background(), "other", "helpers.sleep(0.001)"); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := endOf(t, done); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	go func() { done <- start(context.Background()) }()
	r.run(t, `helpers.sleep(0.002)`)
	closed := make(chan error, 1)
	go func() { closed <- r.in.Close() }()
	if err := endOf(t, closed); err != nil {
		t.Error(err)
	}
	if err := endOf(t, done); err != interp.ErrClosed {
		t.Errorf("closed: %v", err)
	}
	if host != "FS" && !strings.Contains(name, "pts") { // there a goroutine waits that nothing can end
		if err := goleak.Find(running); err != nil {
			t.Error(err)
		}
	}
}

// endOf returns what comes within ten seconds.
func endOf(t *testing.T, c <-chan error) error {
	t.Helper()
	select {
	case err := <-c:
		return err
	case <-time.After(10 * time.Second):
		t.Fatal("it does not end")
		return nil
	}
}

// TestCodeThatComes: a thread waits for the code that another writes, piece by piece.
func TestCodeThatComes(t *testing.T) {
	for _, how := range []string{"dofile(file)", "loadfile(file)()", "(function() package.path = file return require 'x' end)()"} {
		got := newRun(t, interp.Config{Args: []string{fifo(t)}}).run(t, `
			local file = arg[1]
			helpers.start(function()
				local f = assert(io.open(file, "w"))
				for _, piece in ipairs {"\239\187\191#!/bin/lua\n", "return ", "6 ", "* 7"} do f:write(piece) f:flush() helpers.sleep(0.001) end
				f:close()
			end)
			print(`+how+")")
		same(t, got, "42\n")
	}
}

// TestRunFolders: two runs of one interpreter at once have each the folder of their own script,
// for require and inside the fence; calls have that of the script that began last.
func TestRunFolders(t *testing.T) {
	dir := writeTree(t, map[string]string{
		"a/main.lua": `look("a") ready("a")
			go()
			look("a") function later() return require "later" end`,
		"a/which.lua": `return "a"`, "a/late/which.lua": `return "a"`, "a/later.lua": `return "a"`,
		"b/main.lua": `look("b")`, "b/which.lua": `return "b"`, "b/late/which.lua": `return "b"`, "b/later.lua": `return "b"`,
	})
	in, _ := embed(t, interp.Config{})
	ready, goOn := make(chan string, 1), make(chan struct{})
	in.Set("ready", func(name string) { ready <- name })
	in.Set("go", func(ctx context.Context) { <-goOn })
	in.Set("dir", dir)
	run(t, in, `function look(mine)
		for _, name in ipairs {"which", "late.which"} do
			package.loaded[name] = nil
			local found = require(name)
			assert(found == mine, mine .. " found " .. found)
		end
		for _, d in ipairs {"a", "b"} do
			local ok, err = pcall(dofile, dir .. "/" .. d .. "/which.lua")
			assert(ok == (d == mine), mine .. " and " .. d .. ": " .. tostring(err))
		end
	end`)
	done := make(chan error, 1)
	go func() { done <- in.RunFile(context.Background(), dir+"/a/main.lua") }()
	<-ready
	if err := in.RunFile(context.Background(), dir+"/b/main.lua"); err != nil {
		t.Error(err)
	}
	goOn <- struct{}{}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if out, err := in.Call(context.Background(), "later"); err != nil || out[0] != "b" {
		t.Error(out, err)
	}
}

// TestRequireSearch: where a module is found, the first place first.
func TestRequireSearch(t *testing.T) {
	dir := writeTree(t, map[string]string{
		"app/main.lua": "print(pcall(require, ...))",
		"app/json.lua": "return 'beside'", "app/in/init.lua": "return 'in its folder'", "app/both.lua": "return 'beside'",
		"lib/both.lua": "return 'by path'", "lib/far.lua": "return 'by path'", "env/far.lua": "return 'by LUA_PATH'",
		"here/cwd.lua": "return 'current folder'", "here/sub/init.lua": "return 'current folder'",
		"here/own/json.lua":    "package.path = './own/?.lua' print(type(require 'json')) package.loaded.json = nil",
		"lib/wirelua/json.lua": "return 'no built-in'", "here/wirelua/json.lua": "return 'no built-in'",
	})
	t.Chdir(dir + "/here")
	t.Setenv("LUA_PATH", dir+"/env/?.lua;;")
	json := &interp.Module{Name: "json", Funcs: []interp.Function{{Name: "f", Fn: func(s *interp.State) int { return s.True() }}}}
	for _, row := range []struct{ name, before, want string }{
		{"json", "", "beside"},
		{"json", "json.f()", "beside"}, // whether or not the built-in was in use
		{"json", "package.preload.json = function() return 'preload' end", "preload"},
		{"wirelua.json", "", "table"},
		{"in", "", "in its folder"},
		{"both", "package.path = '../lib/?.lua'", "beside"},
		{"far", "package.path = '../lib/?.lua'", "by path"},
		{"far", "", "by LUA_PATH"},
		{"cwd", "", "current folder"},
		{"sub", "", "current folder"},
		{"cwd", "package.path = ''", "module 'cwd' not found"},
		{"string", "", "table"},
		{"wirelua.string", "", "table"},
		{"wirelua.none", "", "no file './wirelua/none.lua'"},
	} {
		in, out := embed(t, interp.Config{Policy: policy.All(), Modules: []*interp.Module{json}})
		run(t, in, row.before)
		if err := in.RunFile(context.Background(), dir+"/app/main.lua", row.name); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); !strings.Contains(got, row.want) {
			t.Errorf("%s after %q: %s, want %s", row.name, row.before, got, row.want)
		}
	}
	// A script is no module, least of all itself.
	in, out := embed(t, interp.Config{Policy: policy.All(), Modules: []*interp.Module{json}})
	for _, name := range []string{dir + "/here/own/json.lua", "own/json.lua"} {
		if err := in.RunFile(context.Background(), name); err != nil || out.String() != "table\n" {
			t.Error(out, err)
		}
		out.Reset()
	}
	// In the fence there is no LUA_PATH, and files beside the script need no rule.
	in, out = embed(t, interp.Config{Policy: policy.Policy{Env: []string{"*"}}, Modules: []*interp.Module{json}})
	run(t, in, "assert(package.path == './?.lua;./?/init.lua')")
	for _, name := range []string{"json", "far", "cwd"} {
		if err := in.RunFile(context.Background(), dir+"/app/main.lua", name); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.SplitAfter(out.String(), "true")
	if len(lines) != 2 || !strings.Contains(out.String(), "true\tbeside\n") || !strings.Contains(out.String(), "(not allowed: read ./cwd.lua)") {
		t.Error(out)
	}
}

// TestRequireBuiltIn: a module that was required as built-in, and one of its name in a
// file, are two; and what a script has taken away stays away.
func TestRequireBuiltIn(t *testing.T) {
	mod := &interp.Module{Name: "m", Funcs: []interp.Function{{Name: "f", Fn: func(s *interp.State) int { return s.True() }}}}
	in, _ := embed(t, interp.Config{Modules: []*interp.Module{mod}, FS: fstest.MapFS{"x.lua": {Data: []byte("return 1")}}})
	run(t, in, `
		local built = m
		assert(require "m" == built and require "wirelua.m" == built)
		package.loaded.m, package.loaded["wirelua.m"] = nil, nil
		assert(require "m" == built and require "wirelua.m" == built)
		m, string = nil, nil
		assert(m == nil and string == nil)
		assert(require "string".rep and require "m".f)
		package.loaded["wirelua.x"] = nil
		assert(not pcall(require, "wirelua.x"))`)
}

// TestSearchIsBounded: whatever package.path and package.loaders hold, looking for a module ends.
func TestSearchIsBounded(t *testing.T) {
	for _, script := range []string{
		`package.path = (";"):rep(2^26) require "x"`,
		`package.path = ("./?.lua;"):rep(2^23) require "x"`,
		`local l = package.loaders local f = l[1] for i = 1, 2^20 do l[i] = f end require(("x"):rep(2^10))`,
	} {
		r := newRun(t, interp.Config{})
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		began := time.Now()
		err := r.in.RunString(ctx, "test.lua", script)
		cancel()
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: took %v", script, took)
		}
		if err == nil {
			t.Errorf("%s: found something", script)
		}
	}
	got := runLua(t, `
		package.path = ("?"):rep(2^10)
		print(pcall(require, ("x"):rep(2^10)))
		print(pcall(require, ("y"):rep(2^13)))`)
	if !strings.Contains(got, "leads to a path of more than 4096 bytes") || !strings.Contains(got, "name too long (8192 bytes") {
		t.Error(got[:200])
	}
}

// TestLinksOfCode: a link in the script's own folder leads out of it to nothing, and one that takes
// a folder's place at the wrong moment neither. Two interpreters, as one cannot be in two calls.
func TestLinksOfCode(t *testing.T) {
	dir := writeTree(t, map[string]string{
		"app/main.lua": "", "app/real/f.lua": "return 'inside'", "out/f.lua": "return 'outside'",
	})
	if err := os.Symlink(dir+"/out", dir+"/app/evil"); err != nil {
		t.Skip(err)
	}
	may := policy.Policy{Read: []string{}, Write: []string{dir + "/app"}}
	mover, loader := newRun(t, interp.Config{Policy: may}), newRun(t, interp.Config{Policy: may})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- mover.in.RunString(ctx, "mover", fmt.Sprintf(`local d = %q .. "/app/"
			while true do
				os.rename(d .. "real", d .. "x") os.rename(d .. "x", d .. "real")
				os.rename(d .. "evil", d .. "x") os.rename(d .. "x", d .. "evil")
			end`, dir))
	}()
	if err := loader.in.RunFile(context.Background(), dir+"/app/main.lua"); err != nil {
		t.Fatal(err)
	}
	loader.in.Set("dir", dir)
	if err := loader.in.Set("over", after(300*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	out, err := callSource(loader.in, `
		local d, seen, n = dir .. "/app/x/", {}, 0
		while not over() do
			local f = loadfile(d .. "f.lua")
			if f then seen[f()] = true n = n + 1 end
			os.remove(d .. "f.lua")
			os.rename(d .. "f.lua", dir .. "/app/taken")
			local w = io.open(d .. "f.lua", "w") if w then w:write("return 'inside'") w:close() end
		end
		return seen.outside or false, n`)
	cancel()
	if e := endOf(t, done); !errors.Is(e, context.Canceled) {
		t.Error(e)
	}
	if err != nil || out[0] != false {
		t.Error(out, err)
	}
	t.Logf("loaded %v times", out[1])
	if text, err := os.ReadFile(dir + "/out/f.lua"); string(text) != "return 'outside'" {
		t.Errorf("outside is now %q, %v", text, err)
	}
}

// after returns a function that tells whether d has passed.
func after(d time.Duration) func() bool {
	end := time.Now().Add(d)
	return func() bool { return time.Now().After(end) }
}

// callSource runs source as a Call, in the folder of the script before, and returns its values.
func callSource(in *interp.Interpreter, source string) ([]any, error) {
	out, err := in.Call(context.Background(), "loadstring", source)
	if err != nil {
		return nil, err
	}
	return out[0].(interp.Func).Call(context.Background())
}

// TestRunFileOfNothing: what RunFile cannot read it tells as Lua does.
func TestRunFileOfNothing(t *testing.T) {
	dir := writeTree(t, map[string]string{"x.lua": ""})
	for name, want := range map[string]error{dir + "/none.lua": fs.ErrNotExist, dir: errors.New("is a directory")} {
		in, _ := embed(t, interp.Config{})
		err := in.RunFile(context.Background(), name)
		if err == nil || !errors.Is(err, want) && !strings.HasSuffix(err.Error(), want.Error()) {
			t.Error(name, err)
		}
	}
}
