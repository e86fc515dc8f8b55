//go:build unix

// Package socket is the Lua module socket: Python's socket module in Lua's
// clothes. Its functions are in the files of this folder by topic; all system
// calls are in stdlib/internal/sys.
//
// A net.Conn or net.Listener that the host hands over arrives as a socket: with all
// methods if it is net's own, such as *net.TCPConn, for then its descriptor is used. One
// without a descriptor of its own (tls.Conn, an end of net.Pipe, what embeds one of
// net's) is called instead: a hosted socket, or a hosted listener. To scripts it differs in this:
//
//   - fileno is -1, and so select and selectors do not take it, nor send_fds and
//     process.spawn
//   - there is no setsockopt or getsockopt, no dup or detach, no sendto, sendmsg or
//     recvmsg, and no bind, listen or connect
//   - tls.wrap does not take it
//   - shutdown ends what the connection can end: a tls.Conn the sending, a net.Pipe nothing
//     (EOPNOTSUPP)
//
// Sending, receiving (by lines, too), timeouts, accept, makefile, close and relay work as on
// any socket.
//
// Descriptors never block in the kernel: a call that cannot go on gives the turn up until its
// timeout. Calls that poll (a timeout of 0, select with something ready) let others in now and
// then. System calls are made before anything is waited for, unlike Python's, whose calls with
// a timeout wait first: an error that no waiting can mend is raised at once. readline and its kin read ahead, so that the
// kernel takes for read what the script has not seen yet. The differences from CPython are
// the table of differential_meant_test.go.
package socket

import (
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/lookup"
)

// Module is the module socket.
//
// Scripts are written in the blocking style, a thread for each connection:
//
//	local server = socket.create_server("127.0.0.1", 8080)
//	for client in server:clients() do
//	  thread.start(function() client:sendall(client:recv()) client:close() end)
//	end
//
// A call that cannot go on lets other threads run. One that fails raises an
// error object with op, code, message and address. Addresses are (host, port),
// a table of the two, a path for AF_UNIX, or an address object. Times are in
// seconds, data are strings of bytes.
var Module = module()

// module completes Type, too, which could not list its methods itself: they
// make sockets, and so refer to it.
func module() *interp.Module {
	Type.Methods = slices.Concat(conn.Methods, conn.ObjectMethods, conn.AcceptMethods, conn.OptionMethods, verbs, methods, messageMethods)
	return &interp.Module{
		Name:   "socket",
		Doc:    "sockets as in Python: TCP, UDP, Unix; options, ancillary data, name look-ups",
		Funcs:  slices.Concat(constructors, asFunctions(verbs), asFunctions(commonVerbs()), createFuncs, resolverFuncs, messageFuncs, relayFuncs),
		Groups: groups,
		Types:  []*interp.Type{Type, conn.HostedType, conn.HostedListenerType, lookup.AddrType},
		Constants: func() map[string]lua.LValue {
			all := map[string]lua.LValue{}
			for name, value := range constants() {
				all[name] = lua.LNumber(value)
			}
			addConstants(all)
			all["has_ipv6"] = lua.LBool(hasIPv6())
			return all
		},
		Foreign:   luaSocket,
		Elsewhere: func(name string) bool { return slices.Contains(strings.Fields(someConstants), name) },
		Import:    importConn,
		Export:    conn.Export,
	}
}
