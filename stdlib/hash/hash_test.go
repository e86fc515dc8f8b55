package hash_test

import (
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/stdlib/hash"
)

var config = interp.Config{Modules: []*interp.Module{hash.Module}}

func TestLua(t *testing.T) { interptest.Run(t, config, "testdata/*.lua") }
