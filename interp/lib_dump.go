package interp

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"
)

// dumpHeader is what a binary chunk of Lua 5.1's begins with on a machine of today's:
// libraries look at it to learn how numbers are stored.
const dumpHeader = "\x1bLuaQ\x00\x01\x04\x08\x04\x08\x00"

// dumpKey signs what string.dump gives. The VM does with code what that says, so that code
// made up by a script could do what no script may: only what this process has made itself
// is loaded.
var dumpKey = sync.OnceValue(func() []byte {
	key := make([]byte, sha256.Size)
	rand.Read(key) // never fails
	return key
})

func signature(code string) string {
	mac := hmac.New(sha256.New, dumpKey())
	mac.Write([]byte(code))
	return string(mac.Sum(nil))
}

// dump(fn) returns a function's code as a string that load, loadstring and loadfile take in
// this process, with new upvalues, which are nil.
func stringDump(s *State) int {
	fn, ok := s.Get(1).(*lua.LFunction)
	if !ok {
		s.TypeError(1, "function")
	}
	if fn.IsG {
		s.RaiseError("unable to dump given function")
	}
	code := string(constants.AppendBinary(nil, fn.Proto))
	return s.Return(lua.LString(dumpHeader + signature(code) + code))
}

// isDump reports whether a chunk is no text.
func isDump(chunk string) bool { return strings.HasPrefix(chunk, dumpHeader[:1]) }

// undump returns the function that string.dump made a chunk of, or what is wrong.
func (s *State) undump(chunk string, name chunkName) (*lua.LFunction, *Error) {
	rest, ok := strings.CutPrefix(chunk, dumpHeader)
	if !ok || len(rest) < sha256.Size {
		return nil, notCompiled(name.display, "bad header in precompiled chunk")
	}
	sum, code := rest[:sha256.Size], rest[sha256.Size:]
	if !hmac.Equal([]byte(sum), []byte(signature(code))) {
		return nil, notCompiled(name.display, "the precompiled chunk is not of this process; load its source")
	}
	proto, err := constants.FromBinary([]byte(code))
	if err != nil {
		return nil, notCompiled(name.display, err)
	}
	fn := s.base().l.NewFunctionFromProto(proto)
	for i := range fn.Upvalues {
		fn.Upvalues[i] = &lua.Upvalue{}
		fn.Upvalues[i].SetValue(lua.LNil)
	}
	return fn, nil
}
