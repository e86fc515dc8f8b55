package file_test

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/file"
)

// fakeStream reads the pieces of in, one per Read, and takes what is written.
type fakeStream struct {
	in      []string
	readErr error // after them; io.EOF when nil
	out     strings.Builder
	limit   int   // Write fails with outErr once that many bytes have been taken; 0 is no limit
	outErr  error // ErrTimeout when nil
	closed  int

	abandoned chan string
}

func (f *fakeStream) Read(_ *interp.State, p []byte) (int, error) {
	if len(f.in) == 0 {
		if f.readErr != nil {
			err := f.readErr
			f.readErr = nil
			return 0, err
		}
		return 0, io.EOF
	}
	n := copy(p, f.in[0])
	if f.in[0] = f.in[0][n:]; f.in[0] == "" {
		f.in = f.in[1:]
	}
	return n, nil
}

func (f *fakeStream) Write(_ *interp.State, p []byte) (int, error) {
	n := len(p)
	if f.limit > 0 {
		n = min(n, f.limit-f.out.Len())
	}
	f.out.Write(p[:n])
	if n == len(p) {
		return n, nil
	}
	if f.outErr != nil {
		return n, f.outErr
	}
	return n, interp.ErrTimeout
}

func (f *fakeStream) Close(*interp.State) error { f.closed++; return nil }

type abandonable struct{ *fakeStream }

func (a abandonable) Abandon(rest []byte) { a.abandoned <- string(rest) }

// fileModule has make(), which returns a new File each time.
func fileModule(make func() *file.File) *interp.Module {
	return &interp.Module{Name: "fake", Funcs: []interp.Function{
		{Name: "make", Fn: func(s *interp.State) int { return file.Push(s, make()) }},
	}}
}

var both = file.Options{Readable: true, Writable: true}

// runFake runs a script with the global f, a file of the stream that raises.
func runFake(t *testing.T, stream file.Stream, o file.Options, script string) string {
	t.Helper()
	r := newRun(t, interp.Config{Modules: []*interp.Module{fileModule(func() *file.File { return file.New(stream, o) })}})
	return r.run(t, show+"f = fake.make()\n"+script)
}

func TestReadFormats(t *testing.T) {
	for _, c := range []struct{ content, read, want string }{
		{"", `f:read()`, `nil`},
		{"", `f:read("*a")`, `""`},
		{"", `f:read("*a", "*a")`, `"" ""`},
		{"", `f:read(0)`, `nil`},
		{"", `f:read("*n")`, `nil`},
		{"x", `f:read(0)`, `""`},
		{"x", `f:read(0, 0, 1, 0)`, `"" "" "x" nil`},
		{"one\ntwo\n", `f:read()`, `"one"`},
		{"one\ntwo\n", `f:read("*l", "*l", "*l", "*l")`, `"one" "two" nil`},
		{"one\ntwo", `f:read("*l", "*l", "*l")`, `"one" "two" nil`},
		{"one\ntwo", `f:read("*L", "*L", "*L")`, `"one\n" "two" nil`},
		{"one\ntwo", `f:read("l", "a")`, `"one" "two"`},
		{"\n\n", `f:read("*l", "*l", "*l")`, `"" "" nil`},
		{"a\r\nb", `f:read("*l", "*l")`, "\"a\r\" \"b\""},
		{"abcdef", `f:read(2, 3, 4, 5)`, `"ab" "cde" "f" nil`},
		{"abcdef", `f:read(1e9)`, `"abcdef"`},
		{"abc\ndef", `f:read(2, "*l", 1, "*a")`, `"ab" "c" "d" "ef"`},
		{"12 -3.5 +1e3 0x1F .5 5. x", `f:read("*n","*n","*n","*n","*n","*n","*n")`, `12 -3.5 1000 31 0.5 5 nil`},
		{"12\nline", `f:read("*n", "*l", "*l")`, `12 "" "line"`},
		{"1e", `f:read("*n", "*a")`, `1 ""`},
		{"1e+x", `f:read("*n", "*a")`, `1 "x"`},
		{"1.2.3", `f:read("*n", "*n")`, `1.2 0.3`},
		{"0x", `f:read("*n", "*a")`, `nil`},
		{"0x1.8p1~", `f:read("*n", "*a")`, `3 "~"`},
		{"0xep", `f:read("*n", "*a")`, `14 ""`},
		{"--1", `f:read("*n")`, `nil`},
		{" \t\n 7", `f:read("*n")`, `7`},
		{"abc", `pcall(f.read, f, "*x")`, `false "bad argument #1 to 'read' (invalid format)"`},
		{"abc", `pcall(f.read, f, "*a", {})`, `false "bad argument #2 to 'read' (invalid option)"`},
		{"abc", `pcall(f.read, f, -1)`, `false "bad argument #1 to 'read' (number of bytes must be 0 or more, got -1)"`},
		{"a\nb\nc", `(function() local t = {} for l in f:lines() do t[#t+1] = l end return unpack(t) end)()`, `"a" "b" "c"`},
		{"abcde", `(function() local t = {} for l in f:lines(2) do t[#t+1] = l end return unpack(t) end)()`, `"ab" "cd" "e"`},
		{"1 a\n2 b", `(function() local t = {} for n, l in f:lines("*n", "*l") do t[#t+1] = n .. l end return unpack(t) end)()`, `"1 a" "2 b"`},
	} {
		pieces := make([]string, 0, len(c.content)) // byte by byte, the hardest way
		for i := range len(c.content) {
			pieces = append(pieces, c.content[i:i+1])
		}
		script := "local function at(...) show(...) end at(" + c.read + ")"
		for _, in := range [][]string{{c.content}, pieces} {
			if c.content == "" {
				in = nil
			}
			got := runFake(t, &fakeStream{in: in}, both, script)
			if got = strings.TrimSuffix(got, "\n"); got != c.want {
				t.Errorf("%q: %s: got %s, want %s", c.content, c.read, got, c.want)
			}
		}
	}
}

func TestBytesAreBytes(t *testing.T) {
	var all strings.Builder
	for i := range 256 {
		all.WriteByte(byte(i))
	}
	s := &fakeStream{in: []string{all.String()}}
	got := runFake(t, s, both, `local x = f:read("*a") for i = 1, 256 do assert(x:byte(i) == i - 1) end f:write(x):close()`)
	same(t, got, "")
	same(t, s.out.String(), all.String())
}

// A line that comes in many pieces must not be copied for each of them.
func TestLongLineIsLinear(t *testing.T) {
	piece := strings.Repeat("x", 1000)
	for _, read := range []string{"'*l'", "'*a'", "32e6"} {
		s := &fakeStream{}
		for range 32_000 { // 32 MB, which would be half a TB copied
			s.in = append(s.in, piece)
		}
		same(t, runFake(t, s, both, `show(#f:read(`+read+`), f:read())`), "32000000 nil\n")
	}
}

func TestFailedReadTakesNothing(t *testing.T) {
	s := &fakeStream{in: []string{"one\ntw"}, readErr: interp.ErrTimeout}
	got := runFake(t, s, both, `
		local ok, err = pcall(f.read, f, "*l", "*l")
		show(ok, err.code, err.op, err.timeout, err.address)
		show(f:read("*l", "*a"))`)
	same(t, got, "false \"ETIMEDOUT\" \"read\" true nil\n\"one\" \"tw\"\n")
}

func TestWouldBlockIsAnAnswer(t *testing.T) {
	s := &fakeStream{in: []string{"par"}, readErr: syscall.EAGAIN, limit: 10, outErr: syscall.EAGAIN}
	o := both
	o.Buffering = file.BufferNone
	got := runFake(t, s, o, `show(f:read()) show(f:read()) show(f:write("0123456789", "abc"))`)
	same(t, got, "nil \"EAGAIN\"\n\"par\"\nnil \"EAGAIN\" 10\n")
}

func TestWriteBuffering(t *testing.T) {
	s := &fakeStream{}
	var seen []int
	m := fileModule(func() *file.File { return file.New(s, both) })
	m.Funcs = append(m.Funcs, interp.Function{Name: "look", Fn: func(*interp.State) int { seen = append(seen, s.out.Len()); return 0 }})
	newRun(t, interp.Config{Modules: []*interp.Module{m}}).run(t, `
		local f, look = fake.make(), fake.look
		assert(f:write("12", 3):write("45") == f) look()
		assert(f:flush() == true) look()
		f:write(("x"):rep(8191)) look()
		f:write("xy") look() -- no room: what was there goes
		f:setvbuf("line") f:write("half") look()
		f:write(" line\n") look()
		f:setvbuf("no") f:write("now") look()
		f:setvbuf("full", 4) f:write("ab") look() f:write("cd") look() f:write("e") look()
		f:close() look()`)
	same(t, fmt.Sprint(seen), "[0 5 5 8196 8196 8208 8211 8211 8211 8215 8216]")
	same(t, s.out.String()[8198:], "half line\nnowabcde")
	if s.closed != 1 {
		t.Error("closed", s.closed, "times")
	}
}

// sent says how much of a failed write was taken; nothing is lost or doubled when
// the script goes on from there.
func TestFailedWrite(t *testing.T) {
	s := &fakeStream{limit: 7}
	o := both
	o.Name = "peer"
	got := runFake(t, s, o, `
		f:setvbuf("full", 4)
		f:write("abc")
		local ok, err = pcall(f.write, f, "defghijk") -- abc and defg go
		show(ok, err.code, err.op, err.sent, tostring(err))`)
	same(t, got, "false \"ETIMEDOUT\" \"write\" 4 \"write peer: timed out\"\n")
	same(t, s.out.String(), "abcdefg")
}

func TestFlushGoesOnAfterATimeout(t *testing.T) {
	s := &fakeStream{limit: 2}
	got := runFake(t, s, both, `
		f:write("abcd")
		show(pcall(f.flush, f))
		show(pcall(f.flush, f))`)
	s.limit = 0
	same(t, got, "false flush: timed out\nfalse flush: timed out\n")
	same(t, s.out.String(), "ab")
}

func TestCloseReportsAFailedFlush(t *testing.T) {
	s := &fakeStream{limit: 1, outErr: syscall.EPIPE}
	got := runFake(t, s, both, `
		f:write("abc")
		local ok, err = pcall(f.close, f)
		show(ok, err.code, err.op, tostring(f))
		show(f:close(), f:fileno())`)
	same(t, got, "false \"EPIPE\" \"close\" \"file (closed)\"\ntrue -1\n")
	if s.closed != 1 {
		t.Error("closed", s.closed, "times")
	}
}

func TestTwoConventions(t *testing.T) {
	script := `
		local function try(fn, ...)
			local ok, err, code = pcall(fn, ...)
			show(ok, type(err), tostring(err), code)
		end
		show(f:read())
		try(f.write, f, "x")
		try(f.seek, f)
		try(f.settimeout, f, 1)
		f:close()
		try(f.read, f)
		try(f.close, f)
		show(io.type(f))`
	o := file.Options{Readable: true}
	same(t, runFake(t, &fakeStream{in: []string{"a\n"}}, o, script), `"a"
false "userdata" "write: not open for writing" nil
false "userdata" "seek: illegal seek" nil
false "string" "this file has no timeout" nil
false "userdata" "read: attempt to use a closed file" nil
true "boolean" "true" nil
"closed file"
`)
	o.Answers = true
	script = strings.ReplaceAll(script, "pcall(fn, ...)", "pcall(function(...) local _, err, code = fn(...) return err, code end, ...)")
	same(t, runFake(t, &fakeStream{in: []string{"a\n"}}, o, script), `"a"
true "string" "Bad file descriptor" 9
true "string" "Illegal seek" 29
false "string" "this file has no timeout" nil
false "string" "attempt to use a closed file" nil
false "string" "attempt to use a closed file" nil
"closed file"
`)
}

func TestWith(t *testing.T) {
	s := &fakeStream{in: []string{"text"}}
	got := runFake(t, s, both, `
		show(f:with(function(g, a) assert(g == f) g:write("out") return g:read("*a"), a, nil end, 5))
		show(io.type(f))
		local h = assert(io.tmpfile())
		show(pcall(h.with, h, function() error("oops", 0) end))
		show(io.type(h))
		h = assert(io.tmpfile())
		show(h:with(function() h:close() return "closed before" end))`)
	same(t, got, "\"text\" 5 nil\n\"closed file\"\nfalse \"oops\"\n\"closed file\"\n\"closed before\"\n")
	same(t, s.out.String(), "out")
}

// A File that a script drops is ended, with what was not flushed.
func TestAbandonedFile(t *testing.T) {
	s := abandonable{&fakeStream{abandoned: make(chan string, 10)}}
	r := newRun(t, interp.Config{Modules: []*interp.Module{fileModule(func() *file.File { return file.New(s, both) })}})
	r.run(t, `(function() fake.make():write("dropped") end)() for i = 1, 300 do local t = {} end`)
	deadline := time.After(10 * time.Second)
	for done := false; !done; {
		runtime.GC()
		select {
		case rest := <-s.abandoned:
			same(t, rest, "dropped")
			done = true
		case <-time.After(time.Millisecond):
		case <-deadline:
			t.Fatal("not found by the collector")
		}
	}
	r.run(t, `kept = fake.make() kept:write("kept") done = fake.make() done:close()`)
	r.in.Close()
	same(t, <-s.abandoned, "kept")
	if len(s.abandoned) != 0 {
		t.Error("a closed file was abandoned")
	}
}
