package interp_test

import (
	"context"
	"strings"
	"testing"

	"wirelua/interp"
	"wirelua/stdlib"
)

func TestInspect(t *testing.T) {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for source, want := range map[string]string{
		`nil`:                                  `nil`,
		`"a\n\"\0001\027[2Jä\255"`:             `"a\n\"\0001\27[2Jä\255"`,
		`""`:                                   `""`,
		`{}`:                                   `{}`,
		`{1, 2, {3}}`:                          `{1, 2, {3}}`,
		`{b = 1, a = {c = "x"}, ["end"] = 2}`:  `{a = {c = "x"}, b = 1, ["end"] = 2}`,
		`{10, [3] = 3, [1.5] = 0, [true] = 1}`: `{10, [1.5] = 0, [3] = 3, [true] = 1}`,
		`{{{{{5}}}}}`:                          `{{{{{...}}}}}`,
		`socket.socketpair`:                    `function socketpair([family=AF_UNIX[, type=SOCK_STREAM[, proto=0]]])`,
		`(function() t = {} t.x = {t, t.x} return t end)()`:                                                         `{x = {<table 1>}}`,
		`(function() local t = {} for i = 1, 50 do t[i] = i end return t end)()`:                                    "{\n  1, 2, 3,",
		`(function() local t = {} for i = 1, 3 do t["k" .. i] = ("x"):rep(30) end return t end)()`:                  "{\n  k1 = \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\",\n  k2",
		`(function() local t = {x = 1} for i = 1, 30 do t[i] = i % 9 == 0 and {i} or "abc" end return t end)()`:     "{\n  \"abc\", \"abc\"",
		`(function() local t = {} for i = 1, 3 do t[i] = {host = "192.0.2." .. i, port = 1000} end return t end)()`: "{\n  {host = \"192.0.2.1\", port = 1000},\n  {host = \"192.0.2.2\"",
		`setmetatable({}, {__tostring = function() return "me" end})`:                                               `me`,
		`thread.current()`: `thread(main`,
	} {
		out, err := in.Engine().Prompt().EvalText(context.Background(), nil, "x", "return "+source)
		if err != nil || len(out) != 1 || !strings.HasPrefix(out[0], want) || strings.HasSuffix(want, "}") && out[0] != want {
			t.Errorf("%s: %q, %v; wanted %q", source, out, err, want)
		}
	}
	out, err := in.Engine().Prompt().EvalText(context.Background(), nil, "x", `local t = {} for i = 1, 50 do t[i] = i end return t`)
	if err != nil || !strings.HasSuffix(out[0], ", 40,\n  ... (10 more)\n}") || longest(out[0]) > 80 || longest(out[0]) < 76 || strings.Count(out[0], "\n") != 4 {
		t.Errorf("fifty items: %q, %v", out, err)
	}
	if out, err = in.Engine().Prompt().EvalText(context.Background(), nil, "x", "return #_"); err != nil || out[0] != "50" {
		t.Errorf("#_: %q, %v", out, err)
	}
}

func longest(text string) (n int) {
	for line := range strings.SplitSeq(text, "\n") {
		n = max(n, len(line))
	}
	return n
}
