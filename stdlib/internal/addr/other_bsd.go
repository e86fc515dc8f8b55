//go:build unix && !linux

package addr

import "golang.org/x/sys/unix"

func otherString(unix.Sockaddr) string { return "of an unknown family" }

// OtherField returns nil: no such addresses have fields here.
func (a *Addr) OtherField(string) any { return nil }
