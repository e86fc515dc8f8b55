package file_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
)

// inDir returns a script's beginning that sets dir to an empty folder.
func inDir(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("local dir = %q ", t.TempDir()+"/")
}

func TestOpenModes(t *testing.T) {
	got := runLua(t, show+inDir(t)+`
		local function with(mode, content, fn)
			local f = assert(io.open(dir .. "f", "w")) f:write(content) f:close()
			f = assert(io.open(dir .. "f", mode)) fn(f) f:close()
			io.write(mode, ": ") show(io.open(dir .. "f"):read("*a"))
		end
		with("r", "old", function(f) show(f:read(), f:write("x")) end)
		with("w", "old", function(f) show(f:read()) f:write("new") end)
		with("a", "old", function(f) show(f:seek()) f:write("new") show(f:seek("set"), (f:write("er") and f:seek())) end)
		with("r+", "older", function(f) show(f:read(2)) f:write("XY") show(f:read(), f:seek()) end)
		with("w+", "old", function(f) f:write("new") f:seek("set", 1) show(f:read()) end)
		with("a+b", "old", function(f) show(f:read(1)) f:write("new") show(f:seek(), f:seek("set", 2), f:read()) end)
		for _, mode in ipairs { "", "x", "b", "rr", "r++", "bb", "rb+b", "r+b+", "+r", "rw" } do
			assert(not pcall(io.open, dir .. "f", mode), mode)
		end
		for _, mode in ipairs { "rb", "r+b", "rb+" } do io.open(dir .. "f", mode):close() end`)
	same(t, got, `"old" nil "Bad file descriptor" 9
r: "old"
nil "Bad file descriptor" 9
w: "new"
3
0 8
a: "oldnewer"
"ol"
"r" 5
r+: "olXYr"
"ew"
w+: "new"
"o"
6 2 "dnew"
a+b: "oldnew"
`)
}

func TestIOFailuresAreAnswers(t *testing.T) {
	got := runLua(t, show+inDir(t)+`
		local function cut(...)
			local t = { ... }
			for i = 1, #t do t[i] = tostring(t[i]):gsub(dir, "DIR/") end
			show(unpack(t))
		end
		cut(tostring((io.open(dir .. "none"))), select(2, io.open(dir .. "none")))
		cut(pcall(io.lines, dir .. "none"))
		cut(pcall(io.input, dir .. "none"))
		cut(pcall(io.open, dir .. "f", "q"))
		show(io.open("/"):read())
		cut(pcall(io.open("/"):lines()))
		show(io.stdin:write("x"))
		show(io.stdout:read(1))
		show(io.stdout:close())
		io.write("still there\n")
		cut(pcall(io.read, "*y"))
		cut(pcall(io.write, {}))
		cut(pcall(io.close, 1))
		show(io.open(dir .. "f", "w"):seek("set", -1))
		show(io.stdin:fileno(), io.stdout:fileno())
		io.input(dir .. "f") io.input():close()
		cut(pcall(io.read)) cut(pcall(io.lines)) 
		show(io.type(io.input()), io.type(io.stdout), io.type(5))`)
	same(t, got, `"nil" "DIR/none: No such file or directory" "2"
"false" "bad argument #1 to 'lines' (DIR/none: No such file or directory)"
"false" "bad argument #1 to 'input' (DIR/none: No such file or directory)"
"false" "bad argument #2 to 'open' (invalid mode 'q')"
nil "Is a directory" 21
"false" "Is a directory"
nil "Bad file descriptor" 9
nil "Bad file descriptor" 9
nil "cannot close standard file"
still there
"false" "bad argument #1 to 'read' (invalid format)"
"false" "bad argument #1 to 'write' (string expected, got table)"
"false" "bad argument #1 to 'close' (file expected, got number)"
nil "Invalid argument" 22
-1 -1
"false" "standard input file is closed"
"false" "standard input file is closed"
"closed file" "file" nil
`)
}

func TestPolicyOfIO(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{"r", "w", "rw"} {
		os.Mkdir(filepath.Join(dir, sub), 0o700)
		os.WriteFile(filepath.Join(dir, sub, "f"), []byte("text"), 0o600)
	}
	in := func(subs ...string) (paths []string) {
		for _, sub := range subs {
			paths = append(paths, filepath.Join(dir, sub))
		}
		return paths
	}
	t.Setenv("WIRELUA_SEEN", "yes")
	t.Setenv("WIRELUA_HIDDEN", "no")
	p := policy.Policy{Read: in("r", "rw"), Write: in("w", "rw"), Env: []string{"WIRELUA_SEEN"}}
	r := newRun(t, interp.Config{Policy: p})
	got := r.run(t, show+fmt.Sprintf("local dir = %q ", dir)+`
		for _, sub in ipairs { "r", "w", "rw" } do
			for _, mode in ipairs { "r", "w", "r+", "a" } do
				local f, message, errno = io.open(dir .. "/" .. sub .. "/f", mode)
				show(sub, mode, f and true, message and message:gsub(dir, "DIR"), errno)
				if f then f:close() end
			end
		end
		local function cut(v, message, errno) show(v, message and message:gsub(dir, "DIR"), errno) end
		cut(os.remove(dir .. "/r/f"))
		cut(os.rename(dir .. "/w/f", dir .. "/r/g"))
		cut(os.rename(dir .. "/w/f", dir .. "/rw/g"))
		cut(os.remove(dir .. "/rw/g"))
		show((os.tmpname()), (io.tmpfile()))
		cut(io.popen("echo x"))
		cut(os.execute("echo x"))
		show(os.execute())
		show(os.getenv("WIRELUA_SEEN"), os.getenv("WIRELUA_HIDDEN"), os.getenv("PATH"))
		show(pcall(dofile, "/etc/passwd"))
		local ok, err = pcall(dofile, "/etc/passwd") show(err.code)`)
	deny := func(door, path string) string {
		return fmt.Sprintf(`nil "%s: not allowed: %s %s" 13`, path, door, path)
	}
	want := []string{
		`"r" "r" true nil nil`,
		`"r" "w" ` + deny("write", "DIR/r/f"), `"r" "r+" ` + deny("write", "DIR/r/f"), `"r" "a" ` + deny("write", "DIR/r/f"),
		`"w" "r" ` + deny("read", "DIR/w/f"),
		`"w" "w" true nil nil`, `"w" "r+" ` + deny("read", "DIR/w/f"), `"w" "a" true nil nil`,
		`"rw" "r" true nil nil`, `"rw" "w" true nil nil`, `"rw" "r+" true nil nil`, `"rw" "a" true nil nil`,
		deny("write", "DIR/r/f"), deny("write", "DIR/r/g"), `true nil nil`, `true nil nil`,
		`nil nil`,
		`nil "echo x: not allowed: run sh" 13`, `nil "echo x: not allowed: run sh" 13`, `0`,
		`"yes" nil nil`,
	}
	lines := strings.Split(got, "\n")
	for i, w := range want {
		if lines[i] != w {
			t.Errorf("line %d: got %s, want %s", i+1, lines[i], w)
		}
	}
	if rest := strings.Join(lines[len(want):], "\n"); !strings.Contains(rest, "read /etc/passwd") || !strings.Contains(rest, `"EACCES"`) {
		t.Errorf("dofile: %s", rest)
	}
	got = newRun(t, interp.Config{Policy: p}).run(t, show+`show(os.tmpname())`)
	tmp := strings.TrimSuffix(os.TempDir(), "/")
	same(t, got, fmt.Sprintf("nil \"%s: not allowed: write %s\" 13\n", tmp, tmp))
	p.Run, p.Env = []string{"sh"}, []string{"WIRELUA_SEEN"}
	got = newRun(t, interp.Config{Policy: p}).run(t, show+`
		show(io.popen("echo $WIRELUA_SEEN,$WIRELUA_HIDDEN,$HOME"):read())
		show(os.execute())`)
	same(t, got, "\"yes,,\"\n1\n")
}

func TestStandardFiles(t *testing.T) {
	out, errs := new(buffer), new(buffer)
	r := newRun(t, interp.Config{Stdin: strings.NewReader("one\ntwo\n3 four"), Stdout: out, Stderr: errs})
	r.run(t, `
		io.write(io.read(), "|") print(io.stdin:read("*l", "*n", "*a"))
		io.stderr:write("e", 1, "\n")
		assert(io.stdout:setvbuf("full"))
		io.write("a") print("b") io.stdout:write("c")
		os.execute("echo from the shell")
		io.write("at the end")`)
	same(t, out.String(), "one|two\t3\t four\nab\ncfrom the shell\nat the end")
	same(t, errs.String(), "e1\n")
	err := r.in.RunString(context.Background(), "exit.lua", `io.write(" of exit") os.exit(3)`)
	var exit *interp.ExitError
	if !errors.As(err, &exit) || exit.Code != 3 {
		t.Error(err)
	}
	same(t, out.String(), "one|two\t3\t four\nab\ncfrom the shell\nat the end of exit")
}

func TestInputAndOutput(t *testing.T) {
	got := runLua(t, show+inDir(t)+`
		local stdin, stdout = io.input(), io.output()
		assert(stdin == io.stdin and stdout == io.stdout)
		local out = io.output(dir .. "f")
		assert(io.output() == out and io.write("one\n", 2, "\n") == out)
		assert(io.flush() == true and io.close() == true)
		io.output(stdout)
		local it = io.lines(dir .. "f")
		show(it(), it(), it()) show(pcall(it))
		io.input(dir .. "f") show(io.read("*l", "*n")) io.input():seek("set")
		for l in io.lines() do show(l) end show(io.read())
		io.input(io.open(dir .. "f")) show(io.read("*a"))
		for a, b in io.lines(dir .. "f", 1, "*l") do show(a, b) end
		local f = io.tmpfile() f:write("x") f:seek("set") show(f:read("*a")) f:close()`)
	same(t, got, `"one" "2" nil
false "file is already closed"
"one" 2
"one"
"2"
nil
"one\n2\n"
"o" "ne"
"2" ""
"x"
`)
}

// A read of standard input lets other threads run, for pipes on Go's poller and
// for readers that know nothing of it.
func TestStdinLetsOthersRun(t *testing.T) {
	pr, pw, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pr.Close()
	gr, gw := io.Pipe()
	for _, c := range []struct {
		r io.Reader
		w io.WriteCloser
	}{{pr, pw}, {gr, gw}} {
		out, outw := io.Pipe()
		r := newRun(t, interp.Config{Stdin: c.r, Stdout: outw})
		done := make(chan error, 1)
		go func() {
			done <- r.in.RunString(context.Background(), "test.lua", `
				ticks, over = 0, false
				helpers.start(function() while not over do ticks = ticks + 1 helpers.sleep(0.001) end end)
				while true do
					local line = io.read()
					if not line then break end
					print(line)
				end
				over = true`)
			outw.Close()
		}()
		lines := bufio.NewScanner(out)
		ticks := func() float64 {
			n, _ := r.in.Get("ticks")
			x, _ := n.(float64)
			return x
		}
		for range 3 {
			for before := ticks(); ticks() < before+3; {
				time.Sleep(time.Millisecond)
			}
			io.WriteString(c.w, "line\n")
			lines.Scan()
			same(t, lines.Text(), "line")
		}
		c.w.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// What the host has read of a file that is standard input is not the script's: it could seek back to
// it, or have it sent. For the script the file begins where the host left off.
func TestStdinBegins(t *testing.T) {
	name := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(name, []byte("secret\none\ntwo\nhidden\nthree\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := newRun(t, interp.Config{Stdin: f})
	take := func(n int) {
		if _, err := io.ReadFull(f, make([]byte, n)); err != nil {
			t.Fatal(err)
		}
	}
	take(len("secret\n"))
	r.run(t, `
		local function all() local a, b = socket.socketpair() a:sendfile(io.stdin) a:close() return b:recv(100) end
		print(io.stdin:seek(), io.stdin:seek("set"), io.read(), io.stdin:seek())
		print(io.stdin:seek("set", -1))
		print(io.stdin:seek("cur", -100))
		print(io.stdin:seek("end", -29))
		assert(all() == "one\ntwo\nhidden\nthree\n", all())
		print(io.stdin:seek("end"), io.stdin:seek("set", 4), io.read(3), io.stdin:seek("set"), io.read("*a") == all())
		io.stdin:seek("set", 8)`)
	take(len("hidden\n"))
	r.run(t, `print(io.stdin:seek("set"), io.read(), io.stdin:seek("set", -1))`)
	same(t, r.out.String(), "0\t0\tone\t4\n"+strings.Repeat("nil\tInvalid argument\t22\n", 3)+
		"21\t4\ttwo\t0\ttrue\n0\tthree\tnil\tInvalid argument\t22\n")
}

// A read that waits for standard input ends with its context, and with the
// interpreter; the host's pipe can still be read afterwards.
func TestStdinRead(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	run := newRun(t, interp.Config{Stdin: r})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := run.in.RunString(ctx, "test.lua", `io.read()`); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	done := make(chan error)
	go func() {
		done <- run.in.RunString(context.Background(), "test.lua", `print(io.stdin:fileno()) io.read()`)
	}()
	for run.out.String() == "" {
		time.Sleep(time.Millisecond)
	}
	run.in.Close()
	if err := <-done; err != interp.ErrClosed {
		t.Error(err)
	}
	if run.out.String() == "-1\n" {
		t.Error("a file without a descriptor")
	}
	io.WriteString(w, "x")
	if n, err := r.Read(make([]byte, 1)); n != 1 {
		t.Error(err)
	}
}

func TestPopen(t *testing.T) {
	got := runLua(t, show+inDir(t)+`
		local p = io.popen("echo one; echo two; exit 3")
		show(p:read("*l", "*a", "*l")) show(p:close()) show(io.type(p))
		p = io.popen("cat > " .. dir .. "f", "w")
		p:write("to ", 1, " cat") show(p:close())
		show(io.open(dir .. "f"):read("*a"))
		show(io.popen("kill -9 $$"):close())
		show(io.popen("exit 0"):close())
		show(pcall(io.popen, "x", "rw"))
		show(io.popen("nul\0here"))
		for l in io.popen("seq 3"):lines() do io.write(l, " ") end
		show(io.popen("cat"):read()) -- standard input is empty
		io.popen("echo to stdout; echo to stderr >&2", "w"):close()
		p = io.popen("while [ ! -e " .. dir .. "go ]; do sleep 0.01; done; echo other threads ran", "r")
		helpers.start(function() helpers.sleep(0.01) io.open(dir .. "go", "w"):close() end)
		show(p:read())
		p:settimeout(0.01) -- pipes have them
		show(p:with(function(p) return "with" end), io.type(p))
		p = io.popen("sleep 10") p:settimeout(0.01) show((p:read())) show(p:fileno() > 2)`)
	got = strings.Replace(got, "to stdout\nto stderr", "to stderr\nto stdout", 1) // they may come either way
	same(t, got, `"one" "two\n" nil
true "exit" 3
"closed file"
true "exit" 0
"to 1 cat"
true "signal" 9
true "exit" 0
false "bad argument #2 to 'popen' (invalid mode 'rw')"
nil "nul`+"\x00"+`here: Invalid argument" 22
1 2 3 nil
to stderr
to stdout
"other threads ran"
"with" "closed file"
nil
true
`)
}

// What scripts leave open is closed with the interpreter: files flushed, programs
// ended, no descriptor and no goroutine left.
func TestNothingLeaks(t *testing.T) {
	dir := t.TempDir()
	fds, goroutines := openDescriptors(t), runtime.NumGoroutine()
	for range 3 {
		r := newRun(t, interp.Config{Args: []string{dir + "/"}})
		start := time.Now()
		r.run(t, `
			local dir = ...
			files = {}
			for i = 1, 50 do
				files[i] = io.open(dir .. i, "w")
				files[i]:write("left in the buffer")
			end
			left = { io.popen("sleep 100 | cat"), io.popen("sleep 100", "w"), io.tmpfile(), io.lines(dir .. 1) }
			os.execute("exit 1")
			io.popen("true")`)
		r.in.Close()
		if time.Since(start) > 5*time.Second {
			t.Error("Close waited for a program")
		}
		for i := 1; i <= 50; i++ {
			text, _ := os.ReadFile(fmt.Sprintf("%s/%d", dir, i))
			same(t, string(text), "left in the buffer")
		}
	}
	for range 200 {
		if runtime.NumGoroutine() <= goroutines {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines more than before", n-goroutines)
	}
	if n := openDescriptors(t); n > fds {
		t.Errorf("%d descriptors more than before", n-fds)
	}
}

// Files that a script drops are closed long before the interpreter is.
func TestDroppedFilesAreClosed(t *testing.T) {
	if openDescriptors(t) == 0 {
		t.Skip("descriptors cannot be counted here")
	}
	r := newRun(t, interp.Config{Args: []string{t.TempDir() + "/"}})
	before := openDescriptors(t)
	r.run(t, `local dir = ... for i = 1, 500 do io.open(dir .. i % 10, "a"):write(i, "\n") if i % 100 == 0 then collectgarbage() end end`)
	for range 500 {
		runtime.GC()
		if openDescriptors(t) < before+20 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if n := openDescriptors(t) - before; n >= 20 {
		t.Errorf("%d of 500 are still open", n)
	}
	r.in.Close()
	total := 0
	for i := range 10 {
		text, _ := os.ReadFile(fmt.Sprintf("%s%d", r.config.Args[0], i))
		total += strings.Count(string(text), "\n")
	}
	if total != 500 {
		t.Errorf("%d of 500 lines were written", total)
	}
}
