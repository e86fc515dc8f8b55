package interp_test

import (
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// TestLines is what a module's Go test is: its Lua tests are in testdata.
func TestLines(t *testing.T) {
	interptest.Run(t, interp.Config{
		Modules: append(stdlib.Modules(), lines),
		Policy:  policy.Policy{Connect: []string{"127.0.0.1"}, Listen: []string{"127.0.0.1"}},
	}, "testdata/module/*.lua")
}
