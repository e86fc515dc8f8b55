package random_test

import (
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/stdlib/random"
)

var config = interp.Config{Modules: []*interp.Module{random.Module}}

func TestLua(t *testing.T) { interptest.Run(t, config, "testdata/*.lua") }
