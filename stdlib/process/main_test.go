//go:build unix

package process_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// childMark makes this test program the wirelua command for the children of
// tests: process.executable -e code args.
const childMark = "WIRELUA_PROCESS_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(childMark) != "" {
		os.Exit(wirelua(os.Args[1:]))
	}
	os.Setenv(childMark, "1")
	goleak.VerifyTestMain(m)
}

func wirelua(args []string) int {
	in, err := interp.New(interp.Config{
		Args: args[2:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Policy: policy.All(), Modules: stdlib.Modules(),
	})
	if err == nil {
		defer in.Close()
		err = in.RunString(context.Background(), "child", args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		return 1
	}
	return 0
}

func TestLua(t *testing.T) {
	interptest.Run(t, interp.Config{Modules: stdlib.Modules(), Policy: policy.All()}, "testdata/*.lua")
}
