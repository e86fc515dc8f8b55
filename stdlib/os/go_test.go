//go:build unix

package os_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// start runs a script that may do everything, and returns what it has printed, and its error.
func start(t *testing.T, script string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	in, err := interp.New(interp.Config{Policy: policy.All(), Modules: stdlib.Modules(), Stdout: &out, Stderr: &out})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err = in.RunString(ctx, "test.lua", script)
	return out.String(), err
}

// runLua is start for a script that must not fail.
func runLua(t *testing.T, script string) string {
	t.Helper()
	out, err := start(t, script)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// inDir returns a script's beginning that sets dir to an empty folder.
func inDir(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("local dir = %q ", t.TempDir()+"/")
}

// show prints values on one line, strings quoted.
const show = `
function show(...)
	local t = {}
	for i = 1, select("#", ...) do
		local v = select(i, ...)
		t[i] = type(v) == "string" and '"' .. v .. '"' or tostring(v)
	end
	print(table.concat(t, " "))
end
`

// inZone sets the local time zone for a test.
func inZone(t *testing.T, name string) {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Skip(err)
	}
	old := time.Local
	time.Local = zone
	t.Cleanup(func() { time.Local = old })
}

// The expectations are what lua5.1 prints on Linux.
func TestDate(t *testing.T) {
	inZone(t, "Europe/Berlin")
	for _, c := range []struct{ call, want string }{
		{`os.date("!%c", 0)`, "Thu Jan  1 00:00:00 1970"},
		{`os.date("!%x %X %p", 86399)`, "01/01/70 23:59:59 PM"},
		{`os.date("%Y-%m-%d %H:%M:%S %Z", 1e9)`, "2001-09-09 03:46:40 CEST"},
		{`os.date("!%Y-%m-%d %H:%M:%S %Z", 1e9)`, "2001-09-09 01:46:40 GMT"},
		{`os.date("!%a %A %b %B %d %I %j %M %S %w %y %%", 1e9)`, "Sun Sunday Sep September 09 01 252 46 40 0 01 %"},
		{`os.date("!%U %W %V %G %g %u", 1704067200)`, "00 01 01 2024 24 1"},
		{`os.date("!%U %W %V %G %g %u", 1735603200)`, "52 53 01 2025 25 2"},
		{`os.date("!%U %W %V %G %g %u", 1000000000)`, "36 36 36 2001 01 7"},
		{`os.date("!%D|%F|%R|%r|%T|%h|%e|%C|%n|%t|%z", 951782400)`, "02/29/00|2000-02-29|00:00|12:00:00 AM|00:00:00|Feb|29|20|\n|\t|+0000"},
		{`os.date("%Q %E %")`, "%Q %E %"},
		{`os.date("!%H:%M", 90.9)`, "00:01"},
		{`os.date("!%Y", -86400)`, "1969"},
		{`os.date("%c", 1e20)`, "nil"},
		{`os.date("", 0)`, ""},
		{`os.date("*t", 1e9).isdst`, "true"},
		{`os.date("!*t", 1e9).hour`, "1"},
		{`os.date("*t", 0).yday`, "1"},
		{`os.date("*t", 0).wday`, "5"},
		{`os.time{year=2001, month=9, day=9, hour=3, min=46, sec=40}`, "1000000000"},
		{`os.time{year="2001", month="9", day="9"}`, "1000029600"},
		{`os.time{year=2020, month=14, day=-3, hour=0}`, "1611788400"},
		{`os.time{year=2024, month=1, day=1, hour=0, min=-1, sec=3600}`, "1704067140"},
		{`os.time{year=2024, month=7, day=1, isdst=true}`, "1719828000"},
		{`os.time{year=2024, month=7, day=1, isdst=false}`, "1719831600"},
		{`os.time{year=2024, month=1, day=1, isdst=true}`, "1704103200"},
		{`os.time{year=2024, month=1, day=1, isdst=false}`, "1704106800"},
		{`os.time(os.date("*t", 1711846800))`, "1711846800"},
		{`os.time(os.date("*t", 1729990800 + 3600))`, "1729994400"},
		{`pcall(os.time, {})`, "field 'day' missing in date table"},
		{`pcall(os.time, {year=1e300, month=1, day=1})`, "field 'year' is out of bounds in date table"},
		{`pcall(os.date, {})`, "bad argument #1 to 'date' (string expected, got table)"},
		{`os.difftime(7, 5)`, "2"},
		{`os.difftime(7)`, "7"},
		{`os.setlocale()`, "C"},
		{`os.setlocale("C", "numeric")`, "C"},
		{`os.setlocale("de_DE")`, "nil"},
		{`pcall(os.setlocale, "C", "x")`, "bad argument #2 to 'setlocale' (invalid option 'x')"},
	} {
		got := runLua(t, `local a, b = `+c.call+` io.write(tostring(b or a))`)
		if i := strings.Index(got, ": "); strings.HasPrefix(got, "test.lua:") {
			got = got[i+2:]
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.call, got, c.want)
		}
	}
}

func TestFilesOfOS(t *testing.T) {
	t.Setenv("WIRELUA_EMPTY", "")
	got := runLua(t, show+inDir(t)+`
		local function cut(ok, message) show(ok, type(message) == "string" and message:gsub(dir, "DIR/") or message) end
		io.open(dir .. "a", "w"):close()
		cut(os.rename(dir .. "a", dir .. "b"))
		cut(nil, select(2, os.rename(dir .. "a", dir .. "b")))
		cut(os.remove(dir .. "b"))
		cut(nil, select(2, os.remove(dir .. "b")))
		os.execute("mkdir " .. dir .. "d " .. dir .. "e")
		cut(os.rename(dir .. "d", dir .. "e")) -- onto an empty folder
		cut(os.remove(dir .. "e"))
		local name = os.tmpname()
		cut(io.open(name):read("*a"), os.remove(name))
		show(os.getenv("WIRELUA_EMPTY"), os.getenv("WIRELUA_NOT_SET"))
		show(type(os.clock()), os.clock() >= 0, os.time() > 1.7e9)`)
	same(t, got, `true nil
nil "DIR/a: No such file or directory"
true nil
nil "DIR/b: No such file or directory"
true nil
true nil
"" true
"" nil
"number" true true
`)
	info, err := os.Stat(strings.TrimSpace(runLua(t, `io.write(os.tmpname())`)))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	} else {
		os.Remove(os.TempDir() + "/" + info.Name())
	}
}

func TestExecute(t *testing.T) {
	got := runLua(t, show+inDir(t)+`
		show(os.execute(), os.execute("exit 3"), os.execute("true"), os.execute("kill -9 $$"))
		os.execute("echo out; echo err >&2")
		thread.start(function() thread.sleep(0.01) io.open(dir .. "go", "w"):close() end)
		show(os.execute("while [ ! -e " .. dir .. "go ]; do sleep 0.01; done"))`)
	same(t, strings.Replace(got, "err\nout", "out\nerr", 1), "1 768 0 9\nout\nerr\n0\n")
}

// A program left in the background does not hold os.execute up for long, and
// lives on.
func TestExecuteInBackground(t *testing.T) {
	start := time.Now()
	runLua(t, `assert(os.execute("sleep 5 &") == 0)`)
	if d := time.Since(start); d > 3*time.Second {
		t.Error("waited", d)
	}
}

func TestExit(t *testing.T) {
	for call, want := range map[string]int{
		"os.exit()": 0, "os.exit(true)": 0, "os.exit(false)": 1, "os.exit(7)": 7, "pcall(os.exit, 7)": 7,
		"thread.start(function() os.exit(4) end) thread.sleep(10)": 4,
		"io.popen('cat'):with(function() os.exit(5) end)":          5,
	} {
		_, err := start(t, call)
		var exit *interp.ExitError
		code := 0
		if errors.As(err, &exit) {
			code = exit.Code
		}
		if code != want || err != nil && exit == nil {
			t.Errorf("%s: %v", call, err)
		}
	}
}
