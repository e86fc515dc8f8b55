//go:build unix

package proto_test

import (
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

func TestLua(t *testing.T) {
	interptest.Run(t, interp.Config{Modules: stdlib.Modules(), Policy: policy.All()}, "testdata/*.lua")
}
