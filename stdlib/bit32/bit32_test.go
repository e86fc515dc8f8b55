package bit32_test

import (
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/stdlib/bit32"
)

var config = interp.Config{Modules: []*interp.Module{bit32.Module}}

func TestLua(t *testing.T)  { interptest.Run(t, config, "testdata/*.lua") }
func TestPeer(t *testing.T) { interptest.Peer(t, config, "lua5.2", "testdata/peer/bit32.lua") }
