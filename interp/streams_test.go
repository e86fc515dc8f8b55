package interp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// bare makes an interpreter without io, os and all other modules but those that c names.
func bare(t *testing.T, c interp.Config) *interp.Interpreter {
	t.Helper()
	in, err := interp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

// Without io and os a script has neither, whatever it tries; print, require, dofile and loadfile it has,
// on what the host has given.
func TestWithoutIO(t *testing.T) {
	var out bytes.Buffer
	in := bare(t, interp.Config{
		Stdin: strings.NewReader("print('from standard input') return 6 * 7"), Stdout: &out, Stderr: &out,
		FS: fstest.MapFS{"seven.lua": {Data: []byte("return 7")}},
	})
	err := in.RunString(context.Background(), "test.lua", `
		assert(io == nil and os == nil and package.loaded.io == nil)
		assert(not pcall(require, "io") and not pcall(require, "wirelua.os"))
		print(dofile(), require "seven", dofile "seven.lua")
		print(loadfile()()) -- the end has been read`)
	if err != nil || out.String() != "from standard input\n42\t7\t7\n\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// What print writes goes straight to the host, and counts as output.
func TestWithoutIOOutput(t *testing.T) {
	var out bytes.Buffer
	in := bare(t, interp.Config{Stdout: &out, Limits: interp.Limits{Output: 10}})
	err := in.RunString(context.Background(), "test.lua", `print("12345") print("123456")`)
	if !errors.Is(err, syscall.EFBIG) || !errors.Is(err, interp.ErrLimit) || out.String() != "12345\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// Who gives up reading standard input loses nothing of it: there is one Read at a time, and what that
// brings is the next one's.
func TestWithoutIOInput(t *testing.T) {
	r, w := io.Pipe()
	in := bare(t, interp.Config{Stdin: r})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := in.RunString(ctx, "test.lua", `dofile()`); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	go func() {
		for _, piece := range []string{"got = ", "'all", " of it'"} {
			_, _ = io.WriteString(w, piece)
		}
		w.Close()
	}()
	if err := in.RunString(context.Background(), "test.lua", `dofile()`); err != nil {
		t.Error(err)
	}
	if v, err := in.Get("got"); v != "all of it" || err != nil {
		t.Errorf("%v, %v", v, err)
	}
}

// noted are streams that note what is asked of them.
type noted struct{ text strings.Builder }

func (n *noted) Print(_ *interp.State, text string) error {
	n.text.WriteString(text)
	return nil
}

func (n *noted) ReadAll(*interp.State) (string, error) { return "return 'theirs'", nil }
func (n *noted) Flush(*interp.State)                   { n.text.WriteString("flush\n") }

// A module's streams are what print, dofile and the ends of runs use, and an early module is there
// where scripts look for Lua's own libraries.
func TestStreamsOfAModule(t *testing.T) {
	n := new(noted)
	m := &interp.Module{Name: "noting", Early: true, Open: func(in *interp.Engine, _ *lua.LTable) { in.SetStreams(n) }}
	in := bare(t, interp.Config{Modules: []*interp.Module{m}})
	err := in.RunString(context.Background(), "test.lua", `
		assert(rawget(_G, "noting") and package.loaded.noting == noting)
		print(dofile())`)
	if err != nil || n.text.String() != "theirs\nflush\n" {
		t.Errorf("%q, %v", n.text.String(), err)
	}
}
