package interp_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
)

// oracle is Lua 5.1 itself, asked one expression at a time.
type oracle struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func newOracle(t testing.TB) *oracle {
	path, err := exec.LookPath("lua5.1")
	if err != nil {
		return nil
	}
	o := &oracle{cmd: exec.Command(path, "-e", showing+"for line in io.lines() do case(line) io.stdout:flush() end")}
	o.in, _ = o.cmd.StdinPipe()
	out, _ := o.cmd.StdoutPipe()
	o.out = bufio.NewReader(out)
	if err := o.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return o
}

// ask returns Lua 5.1's answer, "" when there is none in time.
func (o *oracle) ask(expr string) string {
	timer := time.AfterFunc(3*time.Second, func() { o.cmd.Process.Kill() })
	defer timer.Stop()
	io.WriteString(o.in, expr+"\n")
	line, err := o.out.ReadString('\n')
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(line, "\n")
}

// fuzzer has both Luas answer the same expressions.
type fuzzer struct {
	in     *interp.Interpreter
	oracle *oracle
}

func newFuzzer(f *testing.F) *fuzzer {
	in, err := interp.New(interp.Config{})
	if err != nil {
		f.Fatal(err)
	}
	if err := in.RunString(context.Background(), "showing", showing); err != nil {
		f.Fatal(err)
	}
	z := &fuzzer{in, newOracle(f)}
	f.Cleanup(func() {
		in.Close()
		if z.oracle != nil {
			z.oracle.in.Close()
			z.oracle.cmd.Wait()
		}
	})
	return z
}

// check fails t when the two differ, when ours panics, or when it cannot be
// stopped. Of errors only that there is one is compared.
func (z *fuzzer) check(t *testing.T, expr string) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	out, err := z.in.Call(ctx, "answer", expr)
	if d := time.Since(start); d > 5*time.Second {
		t.Fatalf("%s\n\ttook %v", expr, d)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return
	}
	if err != nil {
		t.Fatalf("%s\n\t%v", expr, err)
	}
	got := out[0].(string)
	if strings.Contains(got, "internal error") {
		t.Fatalf("%s\n\t%s", expr, got)
	}
	if z.oracle == nil || strings.Contains(got, "too complex") {
		return
	}
	want := z.oracle.ask(expr)
	if want == "" {
		z.oracle = newOracle(t)
		return
	}
	if strings.HasPrefix(got, "error: ") && strings.HasPrefix(want, "error: ") {
		return
	}
	if got != want {
		t.Errorf("%s\n\tis   %s\n\twant %s", expr, got, want)
	}
}

func FuzzPattern(f *testing.F) {
	z := newFuzzer(f)
	for _, seed := range [][2]string{
		{"hello world", "(o)%s*(w)"}, {"key = value", "^(%w+)%s*=%s*(%w+)$"}, {"f(a(b)c)d", "%b()"}, {"THE (quick) fox", "%f[%a]%a+"},
		{"abcabc", "(a)(b)c%1%2"}, {"]]^-", "[]^-]+"}, {"a.b-c", "[%.%-]?"}, {"", "()"}, {"aaa", "a-b?$"}, {"x", "[a-%%]"}, {"aXb", "[^%u]-[%l_]"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, src, pat string) {
		if len(src) > 200 || len(pat) > 100 {
			return
		}
		src, pat = strings.ReplaceAll(src, "\x00", "0"), strings.ReplaceAll(pat, "\x00", "0") // the end of the string, in 5.1
		s, p := luaString(src), luaString(pat)
		z.check(t, "string.find("+s+", "+p+")")
		z.check(t, "string.match("+s+", "+p+", 3)")
		z.check(t, "string.gsub("+s+", "+p+", '<%0>')")
		z.check(t, "string.gsub("+s+", "+p+", function(...) return select('#', ...) end)")
		z.check(t, "collect(string.gmatch, "+s+", "+p+")")
	})
}

// undefined are the directives that C leaves open: what they come to is for us
// to say.
var undefined = regexp.MustCompile(`%[-+ #0]*[+ #0][-+ #0]*[0-9]*(\.[0-9]*)?[csp]|%[^a-zA-Z%]*\.[^a-zA-Z%]*c`)

func FuzzFormat(f *testing.F) {
	z := newFuzzer(f)
	for _, seed := range []string{"%d", "%5.2f|%-8s", "%+x %#o", "%q", "%%%c", "% 08.3e", "%G%g", "%i%u%X%E", "%.0f", "%#g", "%--5d"} {
		f.Add(seed, 42.0, "text")
		f.Add(seed, -0.5, "te\"xt\n\r")
		f.Add(seed, 1e17, "")
	}
	f.Fuzz(func(t *testing.T, format string, x float64, str string) {
		if len(format) > 100 || len(str) > 100 || x != x {
			return
		}
		format, str = strings.ReplaceAll(format, "\x00", "0"), strings.ReplaceAll(str, "\x00", "0")
		number := luaNumber(x)
		if undefined.MatchString(format) || strings.Contains(format, "c") && (x <= 0 || x >= 256 || int(x)%256 == 0) {
			return
		}
		if strings.Contains(format, "c") && strings.Contains(str, "0") {
			str = "none"
		}
		if strings.ContainsAny(format, "sq") || strings.ContainsAny(format, "diuoxXc") && !fitsInt(number) {
			number = "7" // any other is written as ".." writes it
		}
		z.check(t, "string.format("+luaString(format)+", "+number+", "+luaString(str)+")")
		z.check(t, "string.format("+luaString(format)+", "+luaString(str)+", "+number+")")
		z.check(t, "tonumber("+luaString(str)+")")
	})
}
