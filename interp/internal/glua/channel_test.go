package glua

import (
	"testing"

	lua "github.com/yuin/gopher-lua"
)

func TestChannelAddress(t *testing.T) {
	a, b := make(chan lua.LValue), make(chan lua.LValue)
	if ChannelAddress(a) != ChannelAddress(lua.LChannel(a)) || ChannelAddress(a) == ChannelAddress(b) || ChannelAddress(nil) != nil {
		t.Error("the addresses of channels do not tell them apart")
	}
}
