// Package stdlib is the table of wirelua's modules, which a host gives to its scripts, all or some:
//
//	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
//
//	few := slices.DeleteFunc(stdlib.Modules(), func(m *interp.Module) bool { return m.Name == "process" })
//
// What a script may do with them interp.Config.Policy says: without one, a socket connects to nothing. Each is
// the Module of a package of its own, named as scripts name it (pack for struct, and Select of selectors for
// select), and says there what it is for. A net.Conn that the host hands over needs the module socket, and a channel
// of Go's the module channel.
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
	"wirelua/stdlib/io"
	"wirelua/stdlib/json"
	luaos "wirelua/stdlib/os"
	"wirelua/stdlib/pack"
	"wirelua/stdlib/process"
	"wirelua/stdlib/proto"
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
		io.Module,
		json.Module,
		luaos.Module,
		pack.Module,
		pack.String,
		process.Module,
		proto.Module,
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

// DeliverSignals is for a host that handles signals itself, as the command does Ctrl-C.
// Scripts of the interpreter's (module signal) then get those named from the host, by the
// function that it returns. That reports whether a script handles the signal, or
// ignores it. Any goroutine may call it, at any time. c is the channel for which the host has
// asked os/signal. While a script ignores a signal the whole process does, so that programs inherit
// that; then os/signal is asked for c again.
//
// All other hosts need do nothing: the module signal asks the system for the signals that
// a script handles, and no others.
func DeliverSignals(in *interp.Interpreter, c chan<- os.Signal, sigs ...os.Signal) func(os.Signal) bool {
	return signal.Deliver(in, c, sigs...)
}
