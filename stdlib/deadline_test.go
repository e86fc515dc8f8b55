//go:build linux

package stdlib_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

var (
	deadlineAll  = flag.Bool("deadline.all", false, "TestDeadline: every large input for every argument, which takes many minutes")
	deadlineOnly = flag.String("deadline.only", "", "TestDeadline: only functions whose name matches this")
)

// What a call is given: much, and little time. It must be back soon after that, whatever it does,
// and must not have made more than a few copies of the most that a string can be.
const (
	muchBytes  = 64 << 20
	muchItems  = 3 << 20
	littleTime = 300 * time.Millisecond
	soon       = 100 * time.Millisecond
	mostMade   = 3 << 30
)

// largeTexts are repeated to 64 MB.
var largeTexts = []string{
	"x", "\x00", "\n", " ", "1", "[", "[1,", `{"a":`, "%", "%c", "%5s", "\\", `"`, "a.", "?;", "/", "(", "=", "\xff", "x=f() ", "b", "QUJD", "--\n",
}

var largeNumbers = []string{"2^26", "2^28", "2^31 - 1", "2^40", "2^53", "-2^53", "1e300", "1/0", "0/0"}

// largeTables are made for each call, since it may change them.
var largeTables = map[string]func(fill func(v lua.LValue)){
	"numbers": func(fill func(lua.LValue)) {
		for range muchItems {
			fill(lua.LNumber(rand.Float64()))
		}
	},
	"letters": func(fill func(lua.LValue)) {
		for range muchItems {
			fill(lua.LString("x"))
		}
	},
	"long texts": func(fill func(lua.LValue)) {
		for range 150 {
			fill(lua.LString(large("x")))
		}
	},
	"tables": func(fill func(lua.LValue)) {
		t := &lua.LTable{Metatable: lua.LNil}
		for range muchItems {
			fill(t)
		}
	},
	"mixed": func(fill func(lua.LValue)) {
		for i := range muchItems {
			fill([]lua.LValue{lua.LTrue, lua.LNumber(i), lua.LString("y")}[i%3])
		}
	},
}

var largeKept struct{ unit, text string }

// large returns 64 MB of a text; the last is kept.
func large(unit string) string {
	if largeKept.unit != unit {
		largeKept.unit, largeKept.text = unit, strings.Repeat(unit, muchBytes/len(unit))
	}
	return largeKept.text
}

// deadlineDriver finds out which arguments a function takes, by giving it small ones, and calls it
// with a large one among these.
const deadlineDriver = `
local pcall, tostring, unpack, fn, self = pcall, tostring, unpack, ...
local n = self ~= nil and 1 or 0
local small = {
  {"string", "x"}, {"string", "1"}, {"string", "sha256"}, {"string", "*a"}, {"string", "set"}, {"string", "full"}, {"string", "127.0.0.1"},
  {"number", 1}, {"number", 2}, {"table", {}}, {"table", {1}}, {"function", tostring}, {"boolean", true},
}
local given = {}
function learn(pos)
  local kinds, filler = {}, nil
  for i = 1, #small do
    given[pos] = small[i][2]
    local args = {self}
    for k = 1, pos do args[n + k] = given[k] end
    local ok, err = pcall(fn, unpack(args, 1, n + pos))
    if ok or not tostring(err):find("bad argument #" .. pos .. " ", 1, true) then
      kinds[small[i][1]] = true
      if filler == nil then filler = given[pos] end
    end
  end
  given[pos] = filler
  return kinds.string or false, kinds.number or false, kinds.table or false
end
function attempt(from, to, v)
  local args = {self}
  for k = 1, #given do args[n + k] = given[k] end
  for k = from, to do args[n + k] = v end
  return #tostring((fn(unpack(args, 1, n + (#given > to and #given or to)))))
end`

// TestDeadline finds by itself what does not look whether it was stopped: every function that a
// script can reach, and every method, is called with 64 MB of input of each plausible kind in each
// argument that takes one. os.date(("%c"):rep(2^24)) ran on for 13 seconds.
func TestDeadline(t *testing.T) {
	dir := everyDir(t, muchBytes)
	all := callees(t)
	all = append(all, callee{"file:read of a large one", `return function(f) local file = io.open(dir .. "/big") return file:read(f) end`})
	only, turn, n := regexp.MustCompile(*deadlineOnly), 0, 0
	for _, c := range all {
		if strings.Contains(c.name, " function(") || !only.MatchString(c.name) {
			continue // no operators, which are the VM's
		}
		if n++; *deadlineAll || n%deadlineShare() == 0 {
			d := &deadline{t: t, callee: c, dir: dir, turn: &turn}
			d.run()
		}
	}
}

// deadlineShare: of so many functions one is tried, always the same, since all take
// many minutes.
func deadlineShare() int {
	switch {
	case testing.Short() || patience > 1:
		return 30
	case *deadlineOnly != "":
		return 1
	}
	return 6
}

type deadline struct {
	t      *testing.T
	callee callee
	dir    string
	turn   *int // which of the inputs comes next
	in     *interp.Interpreter
	kinds  [][3]bool // of each argument: takes a string, a number, a table
}

func (d *deadline) open() {
	d.in = world(d.t, d.dir)
	source := fmt.Sprintf(`assert(loadstring(%q, "=driver"))((function() %s end)())`, deadlineDriver, d.callee.source)
	if err := d.in.RunString(d.t.Context(), "driver", source); err != nil {
		d.t.Fatal(d.callee.name, err)
	}
	for pos := range d.kinds { // again
		if _, err := d.in.Call(d.t.Context(), "learn", pos+1); err != nil {
			d.t.Fatal(d.callee.name, err)
		}
	}
}

// run learns what the function takes, and tries what is large.
func (d *deadline) run() {
	d.t.Helper()
	d.open()
	defer func() { d.in.Close() }()
	for pos := 1; pos <= 3; pos++ {
		ctx, cancel := context.WithTimeout(d.t.Context(), time.Second)
		out, err := d.in.Call(ctx, "learn", pos)
		cancel()
		if err != nil || out[0] == false && out[1] == false && out[2] == false {
			break
		}
		d.kinds = append(d.kinds, [3]bool{out[0].(bool), out[1].(bool), out[2].(bool)})
	}
	texts := 0
	for i, takes := range d.kinds {
		if takes[0] {
			texts++
			for _, unit := range sample(d, largeTexts) {
				d.attempt(i+1, i+1, fmt.Sprintf("64 MB of %q", unit), func() any { return large(unit) })
			}
		}
		if takes[1] {
			for _, n := range sample(d, largeNumbers) {
				d.attempt(i+1, i+1, n, func() any { return d.value("return " + n) })
			}
		}
		if takes[2] {
			for _, name := range sample(d, []string{"numbers", "letters", "long texts", "tables", "mixed"}) {
				d.attempt(i+1, i+1, "a table of "+name, func() any { return d.table(largeTables[name]) })
			}
		}
	}
	if texts > 1 {
		for _, unit := range sample(d, largeTexts) {
			d.attempt(1, len(d.kinds), fmt.Sprintf("64 MB of %q everywhere", unit), func() any { return large(unit) })
		}
	}
}

// sample chooses one of the inputs, the next each time.
func sample(d *deadline, all []string) []string {
	if *deadlineAll {
		return all
	}
	*d.turn++
	return all[*d.turn%len(all):][:1]
}

func (d *deadline) value(source string) any {
	if err := d.in.RunString(d.t.Context(), "value", "value = (function() "+source+" end)()"); err != nil {
		d.t.Fatal(err)
	}
	v, err := d.in.Get("value")
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

// rawTable is a table that goes to a script as it is.
type rawTable struct{ t *lua.LTable }

var rawTables = &interp.Module{Name: "_raw", Import: func(_ *interp.Engine, v any) (lua.LValue, error) {
	if raw, ok := v.(*rawTable); ok {
		return raw.t, nil
	}
	return nil, nil
}}

func (d *deadline) table(fill func(func(lua.LValue))) any {
	t := &lua.LTable{Metatable: lua.LNil}
	fill(t.Append)
	return &rawTable{t}
}

// attempt makes the call, and again when it is late: others are at work on this machine, too.
func (d *deadline) attempt(from, to int, what string, v func() any) {
	d.t.Helper()
	var late time.Duration
	var made uint64
	for range 4 {
		value, before := v(), allocated()
		end := time.Now().Add(littleTime)
		ctx, cancel := context.WithDeadline(d.t.Context(), end)
		_, err := d.in.Call(ctx, "attempt", from, to, value)
		late, made = time.Since(end), allocated()-before
		cancel()
		if errors.Is(err, interp.ErrClosed) || d.in.RunString(d.t.Context(), "alive", "assert(attempt)") != nil {
			d.in.Close()
			d.open()
		}
		if late < soon*patience && made < mostMade {
			return
		}
		runtime.GC()
	}
	d.t.Errorf("%s with %s as argument %d-%d: %v late, %d MB made", d.callee.name, what, from, to, late.Round(time.Millisecond), made>>20)
}

func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
