package pack_test

import (
	"math/bits"
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/stdlib/pack"
)

var config = interp.Config{Modules: []*interp.Module{pack.Module, pack.String}}

func TestLua(t *testing.T) { interptest.Run(t, config, "testdata/*.lua") }
func TestLua53(t *testing.T) {
	if bits.UintSize != 64 {
		t.Skip("recorded where a C long has 8 bytes")
	}
	interptest.Peer(t, config, "lua5.3", "testdata/peer/lua53.lua")
}
