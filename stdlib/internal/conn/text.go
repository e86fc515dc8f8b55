//go:build unix

package conn

import (
	"cmp"
	"fmt"

	"wirelua/stdlib/internal/sys"
)

// text is the socket of a descriptor as Lua prints it.
func text(fd *sys.FD, open bool) string {
	if !open {
		return fmt.Sprintf("socket(closed, %s, %s)", familyName(fd.Family), typeName(fd.Type))
	}
	text := fmt.Sprintf("socket(fd=%d, %s, %s", fd.Fileno(), familyName(fd.Family), typeName(fd.Type))
	if a, err := fd.Sockname(); err == nil && a != nil && a.String() != "" {
		text += ", " + a.String()
	}
	if a, err := fd.Peername(); err == nil && a != nil && a.String() != "" {
		text += " -> " + a.String()
	}
	return text + ")"
}

func familyName(family int) string {
	return cmp.Or(sys.FamilyName(family), fmt.Sprintf("family %d", family))
}

func typeName(typ int) string {
	return cmp.Or(sys.TypeName(typ), fmt.Sprintf("type %d", typ))
}
