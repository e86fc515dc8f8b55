// Package stdlib is the table of wirelua's modules.
package stdlib

import (
	"os"

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
	"wirelua/stdlib/process"
	"wirelua/stdlib/random"
	"wirelua/stdlib/selectors"
	"wirelua/stdlib/signal"
	"wirelua/stdlib/socket"
	"wirelua/stdlib/thread"
	"wirelua/stdlib/time"
	"wirelua/stdlib/tls"
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
		process.Module,
		random.Module,
		selectors.Select,
		selectors.Module,
		signal.Module,
		socket.Module,
		thread.Module,
		time.Module,
		tls.Module,
	}
}

// SignalHandled returns a function that tells a host which handles signals itself,
// as the command does Ctrl-C, that a script of the interpreter's has asked for one
// (module signal). Any goroutine may call it, at any time.
func SignalHandled(in *interp.Interpreter) func(os.Signal) bool { return signal.Handled(in) }
