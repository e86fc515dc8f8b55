package errno_test

import (
	"testing"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/stdlib/errno"
)

var config = interp.Config{Modules: []*interp.Module{errno.Module}}

func TestLua(t *testing.T) { interptest.Run(t, config, "testdata/*.lua") }
