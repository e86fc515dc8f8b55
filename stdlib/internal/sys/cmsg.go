//go:build unix

package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Item is an item of ancillary data that was received.
type Item struct {
	Level, Type int
	Data        []byte
	FDs         []int // those that are in Data, in SCM_RIGHTS
}

// take reads the ancillary data of a message. Descriptors in it are the script's from then
// on, as far as there is room for them. What is beyond is closed, and told by
// MSG_CTRUNC: so the kernel does when the process can have no more.
func (n *Net) take(m *Message, control []byte) error {
	items, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return err
	}
	for _, c := range items {
		item := Item{Level: int(c.Header.Level), Type: int(c.Header.Type), Data: c.Data}
		if fds := rights(c); len(fds) > 0 {
			if item.FDs = n.keep(fds); len(item.FDs) < len(fds) {
				m.Flags |= unix.MSG_CTRUNC
				item.Data = item.Data[:4*len(item.FDs)]
			}
			if len(item.FDs) == 0 {
				continue
			}
		}
		m.Items = append(m.Items, item)
	}
	return nil
}

// rights returns the descriptors in an item of ancillary data. Of an item that a script made
// up the kernel reads whole ones only, and ParseUnixRights must be given no others.
func rights(c unix.SocketControlMessage) []int {
	if c.Header.Level != unix.SOL_SOCKET || c.Header.Type != unix.SCM_RIGHTS {
		return nil
	}
	c.Data = c.Data[:len(c.Data)&^3]
	fds, _ := unix.ParseUnixRights(&c)
	return fds
}

// keep notes descriptors that came from another process, of which nothing here holds any,
// and returns those that there is room for.
func (n *Net) keep(fds []int) []int {
	for i, fd := range fds {
		if n.room(1) != nil {
			for _, fd := range fds[i:] {
				discard(fd)
			}
			return fds[:i]
		}
		unix.CloseOnExec(fd)
		n.given[fd] = &given{foreign: true}
	}
	return fds
}

// Cmsg encodes one item of ancillary data, padded as the kernel wants it.
func Cmsg(level, typ int, data []byte) []byte {
	b := make([]byte, unix.CmsgSpace(len(data)))
	h := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
	h.Level, h.Type = int32(level), int32(typ)
	h.SetLen(unix.CmsgLen(len(data)))
	copy(b[unix.CmsgLen(0):], data)
	return b
}
