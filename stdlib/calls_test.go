//go:build linux

package stdlib_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The fuzzer of calls has scripts call every function and method that they can find with arguments
// of all kinds, in sequences, so that state builds up, and looks for what must never happen: the
// process dies, a step does not end with its context, a message speaks of Go, or something is left
// when the interpreter has been closed. calls_make_test.go writes the steps, calls_world_test.go and
// testdata/calls/world.lua make what they work on.
//
// A sequence is known by its seed, which says also in which of several settings it runs:
//
//	go test ./stdlib -run TestCalls -calls.for=10m      another beginning each time
//	go test ./stdlib -run TestCalls -calls.seed=123     that sequence alone
//	go test ./stdlib -run TestCalls -calls.replay=FILE  the steps in FILE, which a failure names
var (
	callsFor    = flag.Duration("calls.for", 0, "how long to fuzz calls; 0 is a few seconds, always from seed 1 on")
	callsSeed   = flag.Uint64("calls.seed", 0, "run the one sequence of this seed")
	callsReplay = flag.String("calls.replay", "", "run the steps in this file")
)

// callsChild is set in the process that fuzzes: a child, as it may die.
const callsChild = "WIRELUA_CALLS"

func TestCalls(t *testing.T) {
	if dir := os.Getenv(callsChild); dir != "" {
		fuzzCalls(t, dir)
		return
	}
	seed, length := uint64(1), *callsFor
	switch {
	case *callsSeed != 0:
		seed = *callsSeed
	case length > 0:
		seed = uint64(time.Now().UnixNano()) >> 20 << 8
		t.Logf("from seed %d on", seed)
	default:
		length = 3 * time.Second
	}
	for end := time.Now().Add(length); ; {
		next, ok := runChild(t, seed, time.Until(end))
		if *callsSeed != 0 || *callsReplay != "" || !time.Now().Before(end) {
			return
		}
		if !ok && *callsFor == 0 {
			return
		}
		seed = next
	}
}

// runChild fuzzes in a process of its own, and returns the seed to go on with after its end.
func runChild(t *testing.T, seed uint64, length time.Duration) (next uint64, ok bool) {
	t.Helper()
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), length+2*callsHang)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestCalls$", "-test.timeout=0",
		"-calls.seed="+strconv.FormatUint(seed, 10), "-calls.for="+length.String(), "-calls.replay="+absolute(*callsReplay))
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) } // shows what it is at
	cmd.WaitDelay = 10 * time.Second
	cmd.Env = append(os.Environ(), callsChild+"="+dir)
	out, err := cmd.CombinedOutput()
	log, _ := os.ReadFile(filepath.Join(dir, "log.lua"))
	if m := regexp.MustCompile(`^-- seed (\d+)`).FindSubmatch(log); m != nil {
		seed, _ = strconv.ParseUint(string(m[1]), 10, 64)
	}
	if err == nil {
		if testing.Verbose() {
			t.Logf("%s", out)
		}
		return seed + 1, true
	}
	kept := filepath.Join(os.TempDir(), fmt.Sprintf("calls-%d.lua", seed))
	os.WriteFile(kept, log, 0o600)
	os.WriteFile(kept+".out", out, 0o600)
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	t.Errorf("%v at seed %d; its steps are in %s, all it said in %[3]s.out; the last steps:\n%s\n\n%s", err, seed, kept,
		strings.Join(lines[max(0, len(lines)-5):], "\n"), ends(out))
	return seed + 1, false
}

func absolute(path string) string {
	if path == "" {
		return ""
	}
	path, _ = filepath.Abs(path)
	return path
}

// ends leaves out the middle of a long text.
func ends(out []byte) string {
	const keep = 12000
	if len(out) <= 2*keep {
		return string(out)
	}
	return string(out[:keep]) + "\n...\n" + string(out[len(out)-keep:])
}

// fuzzCalls is the child: it runs one sequence after the other. Its folder has the steps of the
// one under way, for who finds it dead.
func fuzzCalls(t *testing.T, dir string) {
	debug.SetTraceback("all")
	debug.SetMemoryLimit(2 << 30)
	f := &callsFuzzer{t: t, dir: dir, reported: map[string]bool{}}
	f.settle()
	if *callsReplay != "" {
		data, err := os.ReadFile(*callsReplay)
		if err != nil {
			t.Fatal(err)
		}
		f.replay(string(data))
		return
	}
	end := time.Now().Add(*callsFor)
	for seed, n := *callsSeed, 0; n == 0 || time.Now().Before(end); seed, n = seed+1, n+1 {
		f.sequence(seed)
	}
	t.Logf("%d steps, %d of them succeeded, %d were stopped", f.steps.Load(), f.succeeded.Load(), f.stopped.Load())
}

// replay runs steps written down earlier, one after the other.
func (f *callsFuzzer) replay(text string) {
	var seed uint64
	fmt.Sscanf(text, "-- seed %d", &seed)
	f.begin(seed)
	for line := range strings.Lines(text) {
		if i := strings.Index(line, "return step("); i >= 0 {
			f.do(0, strings.TrimSpace(line[i:]), 60*time.Millisecond)
		}
	}
	f.end()
}

// write notes a step before it is made.
func (f *callsFuzzer) write(worker int, line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fmt.Fprintf(f.log, "--[[%d]] %s\n", worker, line)
}

// report fails the test, once for each kind of failure.
func (f *callsFuzzer) report(what, line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := regexp.MustCompile(`F\["(.*?)"\]`).FindString(line)
	first, _, _ := strings.Cut(what, "\n")
	if key := name + regexp.MustCompile(`[0-9]+`).ReplaceAllString(first, "N"); !f.reported[key] {
		f.reported[key] = true
		f.t.Errorf("seed %d: %s\n\t%s", f.seed, line, what)
	}
}

// callsOutput is the scripts' standard error, on which threads tell how they failed.
type callsOutput struct{ buf bytes.Buffer }

func (o *callsOutput) Write(p []byte) (int, error) {
	if o.buf.Len() < 1<<20 {
		o.buf.Write(p)
	}
	return len(p), nil
}
