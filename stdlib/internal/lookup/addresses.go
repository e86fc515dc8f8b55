//go:build unix

package lookup

import (
	"fmt"
	"weak"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
)

// addresses are the address objects of an interpreter, each as long as anybody holds it. A UDP
// server keeps what it knows of its clients by their addresses, and tables go by the object: so
// equal addresses are one. It is for who has the turn.
type addresses struct {
	objects map[any]weak.Pointer[lua.LUserData]
	most    int // how many entries there may be before those are taken out that nobody holds
}

// fewest is how many entries are kept in any case.
const fewest = 64

// object returns the object that stands for a.
func (as *addresses) object(in *interp.Engine, a *addr.Addr) *lua.LUserData {
	key := keyOf(a)
	if ud := as.objects[key].Value(); ud != nil {
		return ud
	}
	if len(as.objects) >= as.most {
		as.sweep()
	}
	ud := in.NewObject(AddrType, a)
	as.objects[key] = weak.Make(ud)
	return ud
}

// sweep takes out what nobody holds. It is called when there are twice as many entries as it
// left the last time, so that an entry costs the same however many there are.
func (as *addresses) sweep() {
	left := map[any]weak.Pointer[lua.LUserData]{}
	for key, p := range as.objects {
		if p.Value() != nil {
			left[key] = p
		}
	}
	as.objects, as.most = left, max(2*len(left), fewest)
}

// keyOf returns what is alike of equal addresses.
func keyOf(a *addr.Addr) any {
	if a.Other != nil {
		return fmt.Sprintf("%T%+v", a.Other, a.Other) // a pointer to a struct is printed with what is in it
	}
	return *a
}

// ofInterpreter is the key by which an interpreter keeps its addresses.
type ofInterpreter struct{}
