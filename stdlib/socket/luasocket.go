//go:build unix

package socket

import "wirelua/stdlib/internal/conn"

// luaSocket are LuaSocket's names, of functions and of modules, that do not exist here.
var luaSocket = map[string]string{
	"tcp":     conn.LuaSocket("socket.tcp", "socket.socket()"),
	"tcp4":    conn.LuaSocket("socket.tcp4", "socket.socket()"),
	"tcp6":    conn.LuaSocket("socket.tcp6", "socket.socket(socket.AF_INET6)"),
	"udp":     conn.LuaSocket("socket.udp", "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"),
	"udp4":    conn.LuaSocket("socket.udp4", "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)"),
	"udp6":    conn.LuaSocket("socket.udp6", "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)"),
	"select":  conn.LuaSocket("socket.select", "select.select"),
	"sleep":   conn.LuaSocket("socket.sleep", "time.sleep"),
	"gettime": conn.LuaSocket("socket.gettime", "time.time"),
	"dns":     conn.LuaSocket("socket.dns", "socket.getaddrinfo, socket.gethostbyname, socket.gethostname"),
	"try":     conn.LuaSocket("socket.try", "calls that fail raise errors by themselves"),
	"newtry":  conn.LuaSocket("socket.newtry", "pcall; sock:with closes what fn leaves"),
	"protect": conn.LuaSocket("socket.protect", "pcall"),
	"skip":    conn.LuaSocket("socket.skip", "select(n, ...)"),
	"choose":  conn.LuaSocket("socket.choose", "a table of functions"),
	"sink":    conn.LuaSocket("socket.sink", "conn:sendall, conn:sendfrom"),
	"source":  conn.LuaSocket("socket.source", "conn:chunks, conn:lines"),

	"socket.core":    conn.LuaSocket("socket.core", `require "socket"`),
	"socket.http":    conn.LuaSocket("socket.http", "scripts/http_get.lua shows how"),
	"socket.url":     conn.LuaSocket("socket.url", "scripts/http_get.lua takes one apart"),
	"socket.ftp":     conn.LuaSocket("socket.ftp", "no such module"),
	"socket.smtp":    conn.LuaSocket("socket.smtp", "no such module"),
	"socket.tp":      conn.LuaSocket("socket.tp", "conn:readline"),
	"socket.headers": conn.LuaSocket("socket.headers", "no such module"),
	"ltn12":          conn.LuaSocket("ltn12", "conn:chunks, conn:sendfrom, socket.relay"),
	"mime":           conn.LuaSocket("mime", "base64, hex"),
	"mime.core":      conn.LuaSocket("mime.core", "base64, hex"),
	"ssl":            "ssl is LuaSec's; here: tls (see README, coming from LuaSocket)",
	"ssl.https":      "ssl.https is LuaSec's; here: tls.connect (see README, coming from LuaSocket)",
}
