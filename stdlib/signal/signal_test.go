//go:build unix

package signal_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// A child of TestDefault is this program with the mark set: it runs the script.
const mark = "WIRELUA_SIGNAL_TEST"

func TestMain(m *testing.M) {
	if script := os.Getenv(mark); script != "" {
		in, _ := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.All(), Stdout: os.Stdout, Stderr: os.Stderr})
		in.RunString(context.Background(), "child.lua", script)
		in.Close()
		os.Exit(0)
	}
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("os/signal.signal_recv"), goleak.IgnoreTopFunction("os/signal.loop"))
}

func TestLua(t *testing.T) {
	interptest.Run(t, interp.Config{Modules: stdlib.Modules(), Policy: policy.All()}, "testdata/*.lua")
}

func open(t *testing.T, script string) *interp.Interpreter {
	t.Helper()
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.All()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	if err := in.RunString(context.Background(), "test.lua", script); err != nil {
		t.Fatal(err)
	}
	return in
}

// count is how often the interpreter's handler was called, once that is want.
func count(in *interp.Interpreter, want float64) (got any) {
	for range 500 {
		if got, _ = in.Get("count"); got == want {
			return got
		}
		time.Sleep(5 * time.Millisecond)
	}
	return got
}

// hear is where a host would hear of signals.
func hear(t *testing.T) chan os.Signal {
	c := make(chan os.Signal, 1)
	t.Cleanup(func() { signal.Stop(c) })
	return c
}

const counting = `count = 0 signal.on("USR1", function() count = count + 1 end)`

// Two interpreters and their host each hear of a signal, and one that closes takes
// nothing from the others. The handlers outlive the runs that set them.
func TestShared(t *testing.T) {
	host := make(chan os.Signal, 1)
	signal.Notify(host, syscall.SIGUSR1)
	defer signal.Stop(host)
	a, b := open(t, counting), open(t, counting)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	if x, y := count(a, 1), count(b, 1); x != 1.0 || y != 1.0 {
		t.Errorf("called %v and %v times", x, y)
	}
	<-host
	a.Close()
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	if y := count(b, 2); y != 2.0 {
		t.Errorf("called %v times", y)
	}
	<-host
	if err := b.RunString(context.Background(), "later.lua", `signal.on("USR1", "default")`); err != nil {
		t.Fatal(err)
	}
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	<-host
	time.Sleep(20 * time.Millisecond)
	if y, _ := b.Get("count"); y != 2.0 {
		t.Errorf("called %v times", y)
	}
}

// Close ends a handler that waits, though its run has long ended.
func TestCloseEndsHandlers(t *testing.T) {
	in := open(t, `signal.on("USR1", function() count = 1 thread.sleep(60) count = 2 end)`)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	if n := count(in, 1); n != 1.0 {
		t.Fatalf("count is %v", n)
	}
	closed := make(chan error)
	go func() { closed <- in.Close() }()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Fatal("Close waits for the handler")
	}
}

// A host that asks for signals itself delivers them to scripts.
func TestDeliver(t *testing.T) {
	in := open(t, "")
	deliver := stdlib.DeliverSignals(in, hear(t), syscall.SIGUSR1, syscall.SIGUSR2)
	if deliver(syscall.SIGUSR1) {
		t.Error("delivered to nobody")
	}
	ctx, cancel := context.WithCancel(context.Background())
	if err := in.RunString(ctx, "x", counting+` signal.on("USR2", "ignore")`); err != nil {
		t.Fatal(err)
	}
	if !deliver(syscall.SIGUSR1) || !deliver(syscall.SIGUSR2) || deliver(os.Interrupt) {
		t.Error("wrong")
	}
	if n := count(in, 1); n != 1.0 {
		t.Errorf("called %v times", n)
	}
	if err := in.RunString(ctx, "x", `signal.on("USR1", "default")`); err != nil {
		t.Fatal(err)
	}
	if deliver(syscall.SIGUSR1) || !deliver(syscall.SIGUSR2) {
		t.Error("wrong after a change")
	}
	cancel()
	in.Close()
	if deliver(syscall.SIGUSR2) {
		t.Error("still handled after Close")
	}
}

// A script that computes and never waits is not to be delivered to for ever, whichever the
// next signal is; one that has said to ignore it has decided.
func TestDeliverStuck(t *testing.T) {
	in := open(t, "")
	deliver := stdlib.DeliverSignals(in, hear(t), os.Interrupt, syscall.SIGUSR1, syscall.SIGUSR2)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- in.RunString(ctx, "x", `
			signal.on("USR1", "ignore") signal.on("USR2", print)
			signal.on("INT", function() end) while true do end`)
	}()
	for !deliver(os.Interrupt) {
		time.Sleep(time.Millisecond)
	}
	start := time.Now()
	for deliver(syscall.SIGUSR2) {
		if time.Sleep(10 * time.Millisecond); time.Since(start) > 10*time.Second {
			t.Fatal("still delivered")
		}
	}
	if d := time.Since(start); d < 900*time.Millisecond {
		t.Errorf("given up after %v", d)
	}
	if deliver(os.Interrupt) || !deliver(syscall.SIGUSR1) {
		t.Error("wrong")
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	// The next script waits: what was left is done, and all is as before.
	ctx, cancel = context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := in.RunString(ctx, "x", counting); err != nil {
		t.Fatal(err)
	}
	if !deliver(syscall.SIGUSR1) {
		t.Error("not delivered")
	}
	if n := count(in, 1); n != 1.0 {
		t.Errorf("called %v times", n)
	}
}

// "default" and the end of the interpreter give the signal back to the system.
func TestDefault(t *testing.T) {
	for _, c := range []struct{ script, want string }{
		{`signal.on("HUP", "ignore") print("ready") thread.sleep(0.5) print("survived")`, "survived"},
		{`signal.on("HUP", print) print("ready") thread.sleep(0.5) print("survived")`, "SIGHUP"},
		{`signal.on("HUP", print) signal.on("HUP", "default") print("ready") thread.sleep(5) print("survived")`, "hangup"},
	} {
		var out bytes.Buffer
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), mark+"="+c.script)
		pipe, _ := cmd.StdoutPipe()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ready := make([]byte, 6)
		pipe.Read(ready)
		cmd.Process.Signal(syscall.SIGHUP)
		out.ReadFrom(pipe)
		err := cmd.Wait()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			out.WriteString(exit.String())
		}
		if !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: %q, %v", c.script, out.String(), err)
		}
	}
}
