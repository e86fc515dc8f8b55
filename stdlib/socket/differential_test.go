//go:build linux

package socket_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/stdlib"
)

var (
	differentialFor  = flag.Duration("differential.for", 0, "how long to compare with Python's sockets")
	differentialSeed = flag.Uint64("differential.seed", 0, "the sequence to compare, of those that a run has printed")
)

// TestDifferential compares random sequences of operations with CPython's socket module. Each
// is made from a seed, which a difference is printed with. They are always the same; others, for a time:
//
//	go test ./stdlib/socket -run TestDifferential -differential.for=5m
func TestDifferential(t *testing.T) {
	both := newBoth(t)
	if *differentialSeed != 0 {
		both.compareSeed(*differentialSeed)
		return
	}
	first, count, end := uint64(1), 200, time.Now().Add(time.Hour)
	if testing.Short() {
		count = 40
	}
	if *differentialFor > 0 {
		first, count, end = rand.Uint64N(1<<40)+1, math.MaxInt, time.Now().Add(*differentialFor)
	}
	n := 0
	for ; n < count && time.Now().Before(end); n++ {
		both.compareSeed(first + uint64(n))
	}
	t.Logf("%d sequences compared, seeds %d to %d", n, first, first+uint64(n)-1)
}

// both is CPython in a process of its own, and an interpreter.
type both struct {
	t       *testing.T
	orders  io.Writer
	answers *bufio.Scanner
	ours    *interp.Interpreter
	six     bool // there is IPv6
}

func newBoth(t *testing.T) *both {
	python := interptest.Program(t, "python3")
	cmd := exec.Command(python, "testdata/differential/driver.py")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	config := free
	config.Modules = stdlib.Modules()
	ours, err := interp.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close() })
	if err := ours.RunFile(t.Context(), "testdata/differential/driver.lua"); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewScanner(out)
	answers.Buffer(nil, 1<<20)
	six, err := net.Listen("tcp", "[::1]:0")
	if err == nil {
		six.Close()
	}
	return &both{t, in, answers, ours, err == nil}
}

// compareSeed compares the sequence of a seed, and fails the test with the smallest part of it that differs, too.
func (b *both) compareSeed(seed uint64) {
	ops := sequences{rand.New(rand.NewPCG(seed, 0)), b.six}.sequence()
	if at, _, _ := b.differs(ops); at < 0 {
		return
	}
	ops = b.shrink(ops)
	at, python, ours := b.differs(ops)
	if at < 0 {
		b.t.Logf("seed %d differed, and its smallest part does not: timing", seed)
		return
	}
	for i, o := range ops {
		text, _ := json.Marshal(o)
		b.t.Logf("%2d %-60s %v", i, text, python[i])
	}
	b.t.Errorf("seed %d: operation %d: Python has %v, wirelua %v", seed, at, python[at], ours[at])
}

// shrink leaves out what a difference does not need.
func (b *both) shrink(ops []op) []op {
	at, _, _ := b.differs(ops)
	if at < 0 {
		return ops
	}
	ops = ops[:at+1]
	for i := len(ops) - 2; i >= 0; i-- {
		fewer := slices.Delete(slices.Clone(ops), i, i+1)
		if python, ours := b.run(fewer, 0.003); firstDifference(fewer, python, ours) == len(fewer)-1 {
			ops = fewer
		}
	}
	return ops
}

// differs returns the first operation with another result than Python's, or -1. The kernel
// carries bytes in its own time, and so a difference has to be there again when it has had more.
func (b *both) differs(ops []op) (at int, python, ours []any) {
	for _, settle := range []float64{0, 0.003, 0.03} {
		python, ours = b.run(ops, settle)
		if at = firstDifference(ops, python, ours); at < 0 {
			return at, nil, nil
		}
	}
	return at, python, ours
}

func (b *both) run(ops []op, settle float64) (python, ours []any) {
	order, _ := json.Marshal(map[string]any{"settle": settle, "ops": ops})
	if _, err := b.orders.Write(append(order, '\n')); err != nil {
		b.t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "wl")
	if err != nil {
		b.t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	text, _ := json.Marshal(ops)
	got, err := b.ours.Call(b.t.Context(), "sequence", settle, string(text), dir)
	if err != nil {
		b.t.Fatal(err)
	}
	if !b.answers.Scan() {
		b.t.Fatal("Python has ended")
	}
	if err := json.Unmarshal(b.answers.Bytes(), &python); err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got[0].(string)), &ours); err != nil {
		b.t.Fatal(err)
	}
	return python, ours
}

// firstDifference ends at a difference that is meant: what comes after it may differ, too.
func firstDifference(ops []op, python, ours []any) int {
	for i := range ops {
		if reflect.DeepEqual(python[i], ours[i]) {
			continue
		}
		if meant(ops[:i+1], python[:i+1], ours[i].([]any)) != nil {
			return -1
		}
		return i
	}
	return -1
}
