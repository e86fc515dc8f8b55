package interp_test

import (
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
)

// TestCompiler runs a file for each kind of thing that gopher-lua's own compiler gets
// wrong, and what is like it.
func TestCompiler(t *testing.T) {
	interptest.Run(t, interp.Config{}, "testdata/compile/*.lua")
}
