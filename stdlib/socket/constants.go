//go:build unix

package socket

//go:generate go run gen_constants.go

import (
	"iter"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
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

// namesConstants adds to the module's table the constants that x/sys/unix
// lacks, and makes reading one that no platform has an error: nil would end up
// as some option number of 0 or a missing argument, far from the misspelling. One that only
// others have is nil, so that scripts can ask for it.
func namesConstants(in *interp.Interpreter, table *lua.LTable) {
	for _, c := range ownConstants {
		table.RawSetString(c.name, lua.LNumber(c.value))
	}
	for _, c := range extraConstants {
		table.RawSetString(c.name, lua.LNumber(c.value))
	}
	mt := &lua.LTable{Metatable: lua.LNil}
	mt.RawSetString("__index", in.NewFunction("index", "", func(s *interp.State) int {
		name, ok := s.Get(2).(lua.LString)
		if ok && constantLike(string(name)) && !slices.Contains(strings.Fields(someConstants), string(name)) {
			s.RaiseError("socket.%s: no such constant", string(name))
		}
		return s.Return(lua.LNil)
	}))
	table.Metatable = mt
}

// constantLike reports whether a name is in capitals, as AF_INET and SOMAXCONN.
func constantLike(name string) bool {
	for i, c := range []byte(name) {
		switch {
		case c >= 'A' && c <= 'Z':
		case (c >= '0' && c <= '9' || c == '_') && i > 0:
		default:
			return false
		}
	}
	return len(name) > 1
}
