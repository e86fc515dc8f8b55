package interp_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
)

// TestCompileIsStopped: a large chunk was compiled for seconds after the deadline, on a goroutine
// that was left behind; each run left one more.
func TestCompileIsStopped(t *testing.T) {
	var b strings.Builder
	for i := range 400000 {
		fmt.Fprintf(&b, "f%d() ", i)
	}
	in, err := interp.New(interp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.Set("source", b.String()); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	for range 10 {
		deadline := time.Now().Add(20 * time.Millisecond)
		ctx, cancel := context.WithDeadline(t.Context(), deadline)
		if err := in.RunString(ctx, "big", `while true do loadstring(source) end`); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended with %v", err)
		}
		cancel()
		if late := time.Since(deadline); late > time.Second {
			t.Errorf("%v late", late)
		}
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine() - before; n > 0 {
		t.Errorf("%d goroutines are left", n)
	}
}
