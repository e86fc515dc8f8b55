//go:build linux

package stdlib_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
)

// odd are arguments that somebody may give for any reason.
var odd = []string{
	"nil", "true", "0", "-1", "1e9", "-1e9", "2^53", "-2^53", "1e300", "-1e300", "0/0", "1/0", "-1/0", "0.5",
	`""`, `"x"`, `"\0"`, `string.rep("x", 300)`, "{}", "{1, 'a', {}}", "{timeout = 'x'}", "print", "function() end",
	"coroutine.create(function() end)", "io.stdout", "json.null", "thread.current()",
}

// plain are arguments that are in order for many functions, for the places beside an odd one.
var plain = []string{`"x"`, "1", "{}", "print", "coroutine.create(function() end)"}

var (
	argumentError = regexp.MustCompile(`^(\S+:\d+: )?bad argument #\d+ to '[\w.]+' \(.+\)$`)
	selfError     = regexp.MustCompile(`^(\S+:\d+: )?calling '\w+' on bad self \(.+\)$`)
	notForScripts = regexp.MustCompile(`internal error|runtime error|interface conversion|nil pointer|anonymous|%!|\*lua\.|goroutine |LString|LNumber|<nil>|strconv`)
)

// grammarDriver calls a function with some arguments and each of the odd ones behind them, from
// the one at on; what it says goes to says.
const grammarDriver = `
local pcall, tostring, unpack, says, began, fn, self = pcall, tostring, unpack, says, began, ...
local n = self ~= nil and 1 or 0
function try(from, first)
  local odd, before = {ODD}, first()
  for i = from, COUNT do
    began(i)
    local args, top = {self}, n
    for k = 1, before.n do top = top + 1 args[top] = before[k] end
    if i > 0 then top = top + 1 args[top] = odd[i] end
    local ok, err = pcall(fn, unpack(args, 1, top))
    if not ok then says(i, tostring(err)) end
  end
end`

// TestErrorGrammar: every function tells of a wrong argument in one form, and none of what it is
// made of. pcall() said "bad argument #1 to pcall (value expected)", debug.getlocal(1, -1e9) "internal error".
func TestErrorGrammar(t *testing.T) {
	dir := everyDir(t, 100)
	befores := []string{""}
	for i, first := range plain {
		if i < 2 || !testing.Short() {
			befores = append(befores, first)
		}
		if !testing.Short() {
			befores = append(befores, first+`, "x"`, first+", 1")
		}
	}
	for _, c := range callees(t) {
		in := world(t, dir)
		g := &grammar{t: t, in: in, callee: c}
		g.prepare()
		for _, before := range befores {
			g.check(before)
		}
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	}
}

type grammar struct {
	t      *testing.T
	in     *interp.Interpreter
	callee callee
	before string
	at     int // which of the odd ones is being tried
	waited int // how often a call waited until it was stopped
}

func (g *grammar) prepare() {
	g.t.Helper()
	if err := errors.Join(g.in.Set("says", g.says), g.in.Set("began", func(i int) { g.at = i })); err != nil {
		g.t.Fatal(err)
	}
	driver := strings.NewReplacer("ODD", strings.Join(odd, ", "), "COUNT", strconv.Itoa(len(odd))).Replace(grammarDriver)
	source := fmt.Sprintf(`assert(loadstring(%q, "=driver"))((function() %s end)())`, driver, g.callee.source)
	if err := g.in.RunString(g.t.Context(), "driver", source); err != nil {
		g.t.Fatal(g.callee.name, err)
	}
}

// check calls it with these arguments, and with each of the odd ones behind them.
func (g *grammar) check(before string) {
	g.t.Helper()
	g.before = before
	for from := 0; from <= len(odd) && g.waited <= 3; {
		g.at = from
		ctx, cancel := context.WithTimeout(g.t.Context(), 25*time.Millisecond)
		err := g.in.RunString(ctx, "try", fmt.Sprintf("try(%d, function() return {n = select('#', %s), %s} end)", from, cmp.Or(before, "select(2, 1)"), before))
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			g.waited++
		}
		from = g.at + 1
	}
}

func (g *grammar) says(i int, msg string) {
	if strings.Contains(msg, "bad argument") && !argumentError.MatchString(msg) || strings.Contains(msg, "bad self") && !selfError.MatchString(msg) || notForScripts.MatchString(msg) {
		g.t.Errorf("%s(%s) with %d: %s", g.callee.name, g.before, i, msg)
	}
}
