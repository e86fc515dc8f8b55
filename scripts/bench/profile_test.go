//go:build linux

package bench

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"sync"
	"syscall"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

var profileTo = flag.String("profile", "", "`file` for TestProfile to write")

// TestProfile makes the profile that the Go tools take for what the command does most, when
// they build it:
//
//	go test ./scripts/bench -run TestProfile -profile "$PWD/cmd/wirelua/default.pgo"
//
// It has the echo server serve 1, 50 and 500 connections, the HTTP server some, and runs
// ordinary.lua, each for some seconds, and merges what was found. It needs an idle machine
// less than the benchmarks do: what counts is which functions are called, not how fast.
func TestProfile(t *testing.T) {
	if *profileTo == "" {
		t.Skip("without -profile there is nothing to write")
	}
	dir := t.TempDir()
	var parts []string
	command := func(name string, args ...string) *exec.Cmd {
		parts = append(parts, filepath.Join(dir, name))
		cmd := goCommand("profiled", "BENCH_PROFILE="+parts[len(parts)-1])
		cmd.Args = append(cmd.Args, args...)
		return cmd
	}
	serve := func(cmd *exec.Cmd, use func(addr string)) {
		s := startCommand(t, cmd)
		use(s.addr)
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Fatal(cmd.Args, err)
		}
	}
	for _, conns := range []int{1, 50, 500} {
		serve(command(fmt.Sprint("echo", conns), "echo_server.lua"), func(addr string) {
			l, err := newLoad(addr, conns, 64)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if _, err := l.run(5 * time.Second); err != nil {
				t.Fatal(err)
			}
		})
	}
	serve(command("http", "../http_server.lua", "127.0.0.1", "0"), func(addr string) { fetch(t, addr, 3*time.Second) })
	if said, err := command("ordinary", "ordinary.lua", "0.7").CombinedOutput(); err != nil {
		t.Fatalf("ordinary.lua: %v\n%s", err, said)
	}
	merged, err := exec.Command("go", append([]string{"tool", "pprof", "-proto", "-output", *profileTo}, parts...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, merged)
	}
}

// fetch has some clients of an HTTP server fetch a page for as long as d.
func fetch(t *testing.T, addr string, d time.Duration) {
	var group sync.WaitGroup
	end := time.Now().Add(d)
	for range 20 {
		group.Go(func() {
			client := http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for time.Now().Before(end) {
				answer, err := client.Get("http://" + addr + "/about")
				if err != nil {
					t.Error(err)
					return
				}
				io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
			}
		})
	}
	group.Wait()
}

// profiled runs a script as the command does, and writes a profile of it when the script
// ends or the process is told to.
func profiled() {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	in, err := interp.New(interp.Config{Stdout: os.Stdout, Stderr: os.Stderr, Policy: policy.All(), Modules: stdlib.Modules()})
	must(err)
	out, err := os.Create(os.Getenv("BENCH_PROFILE"))
	must(err)
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	must(pprof.StartCPUProfile(out))
	err = in.RunFile(ctx, os.Args[1], os.Args[2:]...)
	pprof.StopCPUProfile()
	if ctx.Err() == nil {
		must(err)
	}
	must(out.Close())
}
