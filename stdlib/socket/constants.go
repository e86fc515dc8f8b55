//go:build unix

package socket

//go:generate go run gen_constants.go

import (
	"iter"

	lua "github.com/yuin/gopher-lua"
)

// constant is a number that the module has under a name of C's. Some do not fit
// an int of 32 bits.
type constant struct {
	name  string
	value int64
}

// constants are those that golang.org/x/sys/unix knows.
func constants() iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		for _, c := range platformConstants {
			if !yield(c.name, c.value) {
				return
			}
		}
	}
}

// ownConstants are those that x/sys/unix lacks and all platforms have. What the
// flags mean is ours, in resolver.go and hosts.go; their values are the
// platform's all the same, for scripts that print or pass on numbers.
var ownConstants = [...]constant{
	{"AI_PASSIVE", aiPassive},
	{"AI_CANONNAME", aiCanonname},
	{"AI_NUMERICHOST", aiNumerichost},
	{"AI_NUMERICSERV", aiNumericserv},
	{"AI_V4MAPPED", aiV4mapped},
	{"AI_ALL", aiAll},
	{"AI_ADDRCONFIG", aiAddrconfig},
	{"NI_NUMERICHOST", niNumerichost},
	{"NI_NUMERICSERV", niNumericserv},
	{"NI_NOFQDN", niNofqdn},
	{"NI_NAMEREQD", niNamereqd},
	{"NI_DGRAM", niDgram},
	{"NI_MAXHOST", 1025},
	{"NI_MAXSERV", 32},
	{"INADDR_ANY", 0},
	{"INADDR_BROADCAST", 0xffffffff},
	{"INADDR_LOOPBACK", 0x7f000001},
	{"INADDR_NONE", 0xffffffff},
	{"INADDR_UNSPEC_GROUP", 0xe0000000},
	{"INADDR_ALLHOSTS_GROUP", 0xe0000001},
	{"INADDR_MAX_LOCAL_GROUP", 0xe00000ff},
}

// addConstants adds to the module's constants those that x/sys/unix lacks.
func addConstants(all map[string]lua.LValue) {
	for _, c := range ownConstants {
		all[c.name] = lua.LNumber(c.value)
	}
	for _, c := range extraConstants {
		all[c.name] = lua.LNumber(c.value)
	}
}
