package time_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/stdlib"
)

var config = interp.Config{Modules: stdlib.Modules()}

func TestLua(t *testing.T) { interptest.Run(t, config, "testdata/*.lua") }

// TestStop ends sleeps from outside, endless ones too.
func TestStop(t *testing.T) {
	for _, script := range []string{"time.sleep(1000)", "time.sleep(1e300)", "time.sleep(math.huge)"} {
		in, err := interp.New(config)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		if err := in.RunString(ctx, "sleep", script); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", script, err)
		}
		cancel()
		in.Close()
	}
}
