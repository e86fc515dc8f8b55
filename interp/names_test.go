package interp_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib"
)

func TestComplete(t *testing.T) {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx := t.Context()
	if err := in.RunString(ctx, "test", `
		s, str, th = socket.socket(), "text", thread.current()
		_, failed = pcall(s.recv, s)
		base = {method = function() end, field = 1}
		derived = setmetatable({own = 2, field = 3}, {__index = base})
		circle = {} setmetatable(circle, {__index = circle})
		trap = setmetatable({}, {__index = function() error("asked") end})
		chain = setmetatable({}, {__index = setmetatable({deep = 1}, {__index = base})})
		odd = {["a b"] = 1, ["1st"] = 1, [1] = 1, [true] = 1, fine = 1, ["ä"] = 1}
		list = {{deep = 1}, ["a.b"] = {created = 1}}`); err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]string{
		"pri":          "print",
		"tl":           "tls", // not used before
		"socket.AF_U":  "AF_UNIX AF_UNSPEC",
		"socket:bin":   "bind",
		"s:settim":     "settimeout",
		"s.ty":         "type",
		"s:ty":         "",
		"str:up":       "upper",
		"str.re":       "rep reverse",
		"derived.":     "field method own",
		"derived:":     "method",
		"chain.":       "deep field method",
		"circle.":      "",
		"trap.":        "",
		"trap.x.":      "",
		"odd.":         "fine",
		"_G.base.f":    "field",
		"base.field.":  "",
		".":            "",
		":":            "",
		"nothing.":     "",
		"s.type.":      "",
		"failed.":      "address code errno message op partial received sent timeout where",
		"th.n":         "name",
		"list[1].":     "deep",
		"list[2].":     "",
		`list["a.b"].`: "created",
		"list['a.b'].": "created",
		"list[1]":      "",
		"list[1":       "",
		"list[":        "",
		"list[].":      "",
		"[1].":         "",
		"th.(":         "",
	} {
		got := in.Engine().Prompt().Complete(ctx, word)
		if strings.HasPrefix(word, "socket.AF_") { // each system has others
			got = slices.DeleteFunc(got, func(s string) bool { return !strings.HasPrefix(s, "AF_UN") })
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
	if got := in.Engine().Prompt().Complete(ctx, ""); !slices.Contains(got, "socket") || !slices.Contains(got, "print") || !slices.IsSorted(got) {
		t.Errorf("globals: %q", got)
	}
	computing := make(chan struct{})
	if err := in.Set("computing", func() { close(computing) }); err != nil {
		t.Fatal(err)
	}
	busy, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = in.RunString(busy, "busy", "computing() while true do end")
	}()
	<-computing
	soon, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	if got := in.Engine().Prompt().Complete(soon, "pri"); got != nil {
		t.Errorf("while a script computed: %q", got)
	}
	stop()
	<-ended
}

func TestManual(t *testing.T) {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.RunString(t.Context(), "test", `s = socket.socket() function f() end`); err != nil {
		t.Fatal(err)
	}
	e := in.Engine()
	e.WithTurn(func() {
		if m, ok := e.Manual(e.Lookup("tls")).(*interp.Module); !ok || m.Name != "tls" {
			t.Errorf("a module: %v", m)
		}
		if f, ok := e.Manual(e.Lookup("socket.bind")).(*interp.Function); !ok || f.Name != "bind" {
			t.Errorf("a function: %v", f)
		}
		if f, ok := e.Manual(e.Lookup("s:bind")).(*interp.Function); !ok || f.Name != "bind" {
			t.Errorf("a method: %v", f)
		}
		if typ, ok := e.Manual(e.Lookup("s")).(*interp.Type); !ok || typ.Name != "socket" {
			t.Errorf("an object: %v", typ)
		}
		for _, name := range []string{"f", "_G", "_VERSION", "nothing", "", "s.type"} {
			if got := e.Manual(e.Lookup(name)); got != nil {
				t.Errorf("%s: %v", name, got)
			}
		}
		if v := e.Lookup("nothing.at.all"); v != lua.LNil {
			t.Errorf("nothing: %v", v)
		}
	})
}

func TestCheckTellsOfTheEnd(t *testing.T) {
	for source, more := range map[string]bool{
		"if x then\n":        true,
		"x =\n":              true,
		"f(\n":               true,
		"f(1,\n":             true,
		"x = {\n":            true,
		"return function()":  true,
		"x = [[ a\n":         true,
		"--[==[ a\n]]\n":     true,
		"x = 'a\\\n":         true,
		"for":                true,
		"repeat":             true,
		"local":              true,
		"x.":                 true,
		"a, b":               true,
		"x = 'a\n":           false,
		"x = )\n":            false,
		"end":                false,
		"break":              false,
		"x = = 2":            false,
		"if x then\nend end": false,
	} {
		_, err := interp.Compile("test", source)
		if err == nil || errors.Is(err, io.ErrUnexpectedEOF) != more {
			t.Errorf("%q: %v, more %v", source, err, !more)
		}
	}
}
