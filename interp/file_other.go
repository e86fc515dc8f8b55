//go:build !unix

package interp

import (
	"os"
	"os/exec"
	"syscall"
	"time"
)

const openFlags = 0

func setBlocking(*os.File) {}

func tryIO(*os.File, bool, []byte) (int, error) { return 0, syscall.EOPNOTSUPP }

func noReader(string, error) bool { return false }

func hasWriter(*os.File) ([]byte, bool) { return nil, true }

var began = time.Now()

// cpuTime is the time that has passed, for want of a better measure.
func cpuTime() time.Duration { return time.Since(began) }

func ownGroup(*exec.Cmd) {}

func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func exitStatus(p *os.ProcessState) (how string, code, raw int) {
	return "exit", p.ExitCode(), p.ExitCode()
}
