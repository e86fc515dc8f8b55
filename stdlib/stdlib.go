// Package stdlib is the table of wirelua's modules.
package stdlib

import (
	"wirelua/interp"
	"wirelua/stdlib/base64"
	"wirelua/stdlib/bit"
	"wirelua/stdlib/bit32"
	"wirelua/stdlib/channel"
	"wirelua/stdlib/errno"
	"wirelua/stdlib/hash"
	"wirelua/stdlib/hex"
	"wirelua/stdlib/json"
	"wirelua/stdlib/pack"
	"wirelua/stdlib/random"
	"wirelua/stdlib/selectors"
	"wirelua/stdlib/socket"
	"wirelua/stdlib/thread"
	"wirelua/stdlib/time"
)

// Modules returns wirelua's modules, for interp.Config.Modules. The slice is the
// caller's: add to it, or take away what scripts shall not have.
func Modules() []*interp.Module {
	return []*interp.Module{
		base64.Module,
		bit.Module,
		bit32.Module,
		channel.Module,
		errno.Module,
		hash.Module,
		hex.Module,
		json.Module,
		pack.Module,
		pack.String,
		random.Module,
		selectors.Select,
		selectors.Module,
		socket.Module,
		thread.Module,
		time.Module,
	}
}
