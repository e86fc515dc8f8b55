package bit_test

import (
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/stdlib/bit"
)

var config = interp.Config{Modules: []*interp.Module{bit.Module}}

func TestLua(t *testing.T)  { interptest.Run(t, config, "testdata/*.lua") }
func TestPeer(t *testing.T) { interptest.Peer(t, config, "luajit", "testdata/peer/bit.lua") }
