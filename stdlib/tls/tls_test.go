//go:build unix

package tls_test

import (
	"testing"

	"go.uber.org/goleak"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLua(t *testing.T) {
	interptest.Run(t, interp.Config{Modules: stdlib.Modules(), Policy: policy.All()}, "testdata/*.lua")
}
