package json_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/stdlib/json"
)

var config = interp.Config{Modules: []*interp.Module{json.Module}}

func TestLua(t *testing.T) { interptest.Run(t, config, "testdata/*.lua") }

// TestStop ends an encode that would take long.
func TestStop(t *testing.T) {
	in, err := interp.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	start := time.Now()
	err = in.RunString(ctx, "encode", "local t = {} for _ = 1, 100 do t = {t, t} end pcall(json.encode, t)")
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > time.Second {
		t.Fatalf("%v after %v", err, time.Since(start))
	}
}
