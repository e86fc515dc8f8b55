package interptest

import (
	"os"
	"os/exec"
	"testing"
)

// Program returns the path of a program that a test compares with: another Lua, say.
// Where it is not installed the test is skipped; it fails when the environment has
// WIRELUA_PEERS=required, as .ci/run sets it where it could install them.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, name)
	}
	return path
}

// Missing ends a test for want of something that is not installed, as Program does.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("WIRELUA_PEERS") == "required" {
		t.Fatalf("no %s here, and WIRELUA_PEERS=required", what)
	}
	t.Skipf("no %s here to compare with", what)
}
