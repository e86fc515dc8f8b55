package stdlib_test

import (
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// TestStress runs what many threads do at once, chosen by seeds, which are the tests' names.
func TestStress(t *testing.T) {
	interptest.Run(t, interp.Config{Modules: stdlib.Modules(), Policy: policy.All()}, "testdata/stress/*.lua")
}
