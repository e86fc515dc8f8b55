package interp_test

import (
	"bytes"
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// buffer is an output that may be read while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// helpers gives the tests' scripts: start(fn), a thread; sleep(seconds);
// cancel(thread).
var helpers = &interp.Module{
	Name: "helpers",
	Funcs: []interp.Function{
		{Name: "start", Fn: func(s *interp.State) int {
			t := s.NewThread(false)
			if err := t.Start(s.Callable(1)); err != nil {
				s.Raise(err)
			}
			s.Push(&lua.LUserData{Value: t})
			return 1
		}},
		{Name: "cancel", Fn: func(s *interp.State) int {
			interp.ObjectArg[*interp.Thread](s, 1, "thread").Cancel()
			return 0
		}},
		{Name: "sleep", Fn: func(s *interp.State) int {
			if d, _ := s.Seconds(1); s.Thread().Sleep(d) != nil {
				s.RaiseError("interrupted")
			}
			return 0
		}},
	},
}

// ioRun is one interpreter for one script.
type ioRun struct {
	in     *interp.Interpreter
	out    *buffer
	config interp.Config
}

// newRun makes an interpreter that has all modules and may do everything unless c says otherwise.
func newRun(t *testing.T, c interp.Config) *ioRun {
	t.Helper()
	r := &ioRun{out: new(buffer), config: c}
	if r.config.Stdout == nil {
		r.config.Stdout, r.config.Stderr = r.out, r.out
	}
	if r.config.Policy.Read == nil {
		r.config.Policy = policy.All()
	}
	r.config.Modules = append(append(stdlib.Modules(), c.Modules...), helpers)
	in, err := interp.New(r.config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	r.in = in
	return r
}

// run runs a script that must not fail within ten seconds, and returns what it
// has printed.
func (r *ioRun) run(t *testing.T, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := r.in.RunString(ctx, "test.lua", script); err != nil {
		t.Fatalf("%v\n%s", err, r.out)
	}
	return r.out.String()
}

// runLua is newRun and run.
func runLua(t *testing.T, script string) string {
	t.Helper()
	return newRun(t, interp.Config{}).run(t, script)
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func fifo(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(name, 0o600); err != nil {
		t.Skip("no FIFOs here:", err)
	}
	return name
}
