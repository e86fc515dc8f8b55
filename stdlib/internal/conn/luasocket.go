//go:build unix

package conn

// LuaSocket is what is said of a name of LuaSocket's that does not exist here.
func LuaSocket(name, here string) string {
	return name + " is LuaSocket's; here: " + here + " (see README, coming from LuaSocket)"
}

// luaSocket are the methods of LuaSocket's objects that have other names here.
var luaSocket = map[string]string{
	"receive":     LuaSocket(":receive", "recv, readline, readexactly"),
	"receivefrom": LuaSocket(":receivefrom", "recvfrom"),
	"setoption":   LuaSocket(":setoption", "setsockopt"),
	"getoption":   LuaSocket(":getoption", "getsockopt"),
	"setsockname": LuaSocket(":setsockname", "bind"),
	"setpeername": LuaSocket(":setpeername", "connect"),
	"getfd":       LuaSocket(":getfd", "fileno"),
	"setfd":       LuaSocket(":setfd", "socket.fromfd"),
	"dirty":       LuaSocket(":dirty", "select.select, which knows what was read ahead"),
	"getstats":    LuaSocket(":getstats", "an observer, --trace"),
	"setstats":    LuaSocket(":setstats", "an observer, --trace"),
	"dohandshake": ":dohandshake is LuaSec's; here: tls.wrap shakes hands before it returns (see README, coming from LuaSocket)",
}
