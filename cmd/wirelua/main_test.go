package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	if b, _ := carried(); b != nil { // made by a test, of this very file
		main()
	}
	testscript.Main(m, map[string]func(){"wirelua": main})
}

// TestScripts runs testdata/script, where each file is a case of its own. Beside
// testscript's commands there are
//
//	exits STATUS COMMAND [ARGS...]
//	signal END SIGNAL[,SIGNAL] COMMAND [ARGS...]
//
// exits is exec for a command that must end with that status. signal waits until the
// command has printed a line, sends the signals, 0.2 seconds after that and after
// each other, and reads no more of its output until it has ended: with a status, or killed
// by the signal END.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":  exits,
			"signal": signals,
		},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND [ARGS...]")
	}
	got := "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = ended(exit.ProcessState)
	}
	if got != args[0] {
		ts.Fatalf("ended with %s, not %s", got, args[0])
	}
}

var signalNumbers = map[string]syscall.Signal{
	"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "QUIT": syscall.SIGQUIT, "KILL": syscall.SIGKILL,
	"USR1": syscall.SIGUSR1, "USR2": syscall.SIGUSR2, "ALRM": syscall.SIGALRM, "ABRT": syscall.SIGABRT,
}

func signals(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: signal END SIGNAL[,SIGNAL] COMMAND [ARGS...]")
	}
	r, w, err := os.Pipe()
	ts.Check(err)
	defer r.Close()
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), w, ts.Stderr()
	stdin, err := cmd.StdinPipe() // open, and never written to
	ts.Check(err)
	defer stdin.Close()
	err = cmd.Start()
	w.Close()
	ts.Check(err)
	lost := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	defer lost.Stop()
	out := bufio.NewReader(r)
	line, err := out.ReadString('\n')
	if err != nil {
		ts.Fatalf("no first line of output: %v", err)
	}
	for _, name := range strings.Split(args[1], ",") {
		time.Sleep(200 * time.Millisecond)
		cmd.Process.Signal(signalNumbers[name])
	}
	cmd.Wait()
	fmt.Fprint(ts.Stdout(), line)
	io.CopyN(ts.Stdout(), out, 4096)
	if got := ended(cmd.ProcessState); got != args[0] {
		ts.Fatalf("ended with %s, not %s", got, args[0])
	}
}

// ended says how a process ended: its status, or the signal that killed it.
func ended(p *os.ProcessState) string {
	if ws, ok := p.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ws.Signal().String()
	}
	return fmt.Sprint(p.ExitCode())
}
