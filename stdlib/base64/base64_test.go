package base64_test

import (
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/stdlib/base64"
)

var config = interp.Config{Modules: []*interp.Module{base64.Module}}

func TestLua(t *testing.T) { interptest.Run(t, config, "testdata/*.lua") }
