//go:build unix

package sys

import (
	"context"
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/interp/trace"
)

type recorder struct{ events []trace.Event }

func (r *recorder) Observe(e trace.Event) { r.events = append(r.events, e) }

// inside calls fn as a function of a script's, whose operations r sees.
func inside(t *testing.T, r *recorder, fn func(s *interp.State, n *Net)) {
	t.Helper()
	in, err := interp.New(interp.Config{Observer: r, Policy: policy.All(), Modules: []*interp.Module{{
		Name: "test", Funcs: []interp.Function{{Name: "run", Fn: func(s *interp.State) int {
			fn(s, NetOf(s.Interp()))
			return 0
		}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.RunString(context.Background(), "test", `require("test").run()`); err != nil {
		t.Error(err)
	}
}

// TestOrder holds the order of the funnel: the door, whether the descriptor is open, the call, the report.
func TestOrder(t *testing.T) {
	refused := errors.New("refused")
	var r recorder
	inside(t, &r, func(s *interp.State, n *Net) {
		for _, c := range []struct {
			name  string
			door  func(f *FD) error
			close bool // before
			steps []string
			err   error
			told  bool // with the descriptor's number
		}{
			{"goes on", func(*FD) error { return nil }, false, []string{"door", "call"}, nil, true},
			{"is refused", func(*FD) error { return refused }, false, []string{"door"}, refused, true},
			{"is closed while the door is asked", func(f *FD) error { return f.Close() }, false, []string{"door"}, unix.EBADF, true},
			{"was closed before", func(*FD) error { return nil }, true, nil, unix.EBADF, false},
		} {
			for _, inSteps := range []bool{false, true} {
				f, other, err := n.Pair(nil, unix.AF_UNIX, unix.SOCK_STREAM, 0)
				if err != nil {
					t.Error(err)
					return
				}
				fd := f.Fileno()
				if c.close {
					f.Close()
				}
				var steps []string
				r.events = nil
				o := &op{Event: trace.Event{Op: "test"}, door: func() error { steps = append(steps, "door"); return c.door(f) }}
				call := func(int) error { steps = append(steps, "call"); return nil }
				if inSteps {
					o.steps = func() error { return call(0) }
				} else {
					o.call = callFunc(call)
				}
				err = f.run(s, atOnce, o)
				if err != c.err || !slices.Equal(steps, c.steps) {
					t.Errorf("what %s: %v after %q, want %v after %q", c.name, err, steps, c.err, c.steps)
				}
				if len(r.events) != 1 || r.events[0].Op != "test" || r.events[0].Err != c.err || (r.events[0].FD == fd) != c.told {
					t.Errorf("what %s was told as %+v", c.name, r.events)
				}
				f.Close()
				other.Close()
			}
		}
	})
}

// TestQuiet: what has no name, or is nobody's doing, is not told.
func TestQuiet(t *testing.T) {
	var r recorder
	inside(t, &r, func(s *interp.State, n *Net) {
		a, b, err := n.Pair(nil, unix.AF_UNIX, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = a.Write(s, []byte("x"), Limit{})
		_, _ = b.Read(s, make([]byte, 1), Limit{})
		_, _ = a.Sockname()
		_ = a.SetInt(unix.SOL_SOCKET, unix.SO_RCVBUF, 10000)
		if len(r.events) > 0 {
			t.Errorf("told: %+v", r.events)
		}
	})
}

// TestInterrupted: a call that a signal interrupts is made again, and connect(2) is not: it goes on.
func TestInterrupted(t *testing.T) {
	n := 0
	err := callFunc(func(int) error {
		if n++; n < 3 {
			return unix.EINTR
		}
		return nil
	}).Try(-1)
	if err != nil || n != 3 {
		t.Errorf("%v after %d calls", err, n)
	}
}
