//go:build unix

package sys

import (
	"golang.org/x/sys/unix"
)

// packet is what one system call moves, out or in.
type packet struct {
	p     []byte // what goes out, or room for what comes in
	flags int
	peer  unix.Sockaddr // whom it goes to (nil: whom the socket is connected to), or who sent it
	named bool          // in: peer is asked for

	kind   kind
	pieces [][]byte // aMessage: instead of p, out
	oob    []byte   // aMessage: ancillary data, or room for them
	noob   int      // aMessage, in: how much of oob came
	got    int      // aMessage, in: the flags that came with it
	fd     int      // aFile, aPipe: where the bytes are from, or go to
	offset int64    // aFile: where they are; it moves with them
	count  int      // aFile, aPipe: how many at most
	cut    bool     // in: fewer came than there are, for a disturbance
	calm   bool     // it is not to be disturbed
}

// kind is how bytes are moved.
type kind uint8

const (
	plain    kind = iota // read(2), recv(2), write(2), send(2)
	aMessage             // recvmsg(2), sendmsg(2)
	aFile                // out of a file: sendfile(2)
	aPipe                // from or to a pipe, within the kernel: splice(2)
)

// in is the one place where bytes come in. It makes one system call, again when a signal
// interrupts it, which never waits, be the descriptor one that blocks. n is how many bytes
// came, never more than there was room for. The turn is not needed; fd is
// the descriptor's number, which whoever waits for it keeps its own.
func (f *FD) in(fd int, k *packet) (n int, err error) {
	if f.chaos != nil {
		return f.chaos.in(f, fd, k)
	}
	return f.take(fd, k)
}

// take is in when nothing is to be disturbed.
func (f *FD) take(fd int, k *packet) (n int, err error) {
	room := len(k.p)
	for {
		switch k.kind {
		case aMessage:
			n, err = f.recvmsg(fd, k)
		case aPipe:
			n, err = splice(fd, k.fd, k.count)
			room = k.count
		default:
			n, err = f.recv(fd, k)
		}
		if err != unix.EINTR {
			return max(min(n, room), 0), err // with MSG_TRUNC it is how long the whole message was
		}
	}
}

// out is the one place where bytes go out, as in is where they come in. n is how many
// were taken.
func (f *FD) out(fd int, k *packet) (n int, err error) {
	if f.chaos != nil && !k.calm {
		return f.chaos.out(f, fd, k)
	}
	return f.give(fd, k)
}

// give is out when nothing is to be disturbed.
func (f *FD) give(fd int, k *packet) (n int, err error) {
	for {
		switch k.kind {
		case aMessage:
			n, err = sendmsgPieces(fd, k.pieces, k.oob, k.peer, k.flags|f.dontwait()|unix.MSG_NOSIGNAL)
		case aFile:
			n, err = f.sendfile(fd, k)
		case aPipe:
			n, err = splice(k.fd, fd, k.count)
		default:
			n, err = f.send(fd, k.p, k.flags, k.peer)
		}
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// takeBack reads what splice has put into a pipe of our own, and could not pass on.
func takeBack(pipe int, p []byte) (int, error) { return unix.Read(pipe, p) }

func (f *FD) recv(fd int, k *packet) (n int, err error) {
	flags := receiveFlags(fd, k.flags) | f.dontwait()
	switch {
	case len(k.p) == 0 && k.flags == 0 && !k.named:
		return 0, nil // which read(2) says at once, and recvfrom(2) once something has come
	case f.Family == noFamily && f.shared.Load():
		return readNow(fd, k.p)
	case f.Family == noFamily:
		return unix.Read(fd, k.p)
	case k.named && f.Family == unix.AF_UNIX:
		n, k.peer, err = recvfromUnix(fd, k.p, flags)
		return n, err
	case !k.named:
		return recvPlain(fd, k.p, flags)
	}
	if f.Family != unix.AF_INET && f.Family != unix.AF_INET6 {
		n, k.peer, err = unix.Recvfrom(fd, k.p, flags)
		return n, err
	}
	n, k.peer, err = recvfrom(fd, k.p, flags, f.Proto)
	return n, err
}

// recvmsg receives a message. Where x/sys/unix does it, it receives a byte of its own if
// there is room for ancillary data alone: which must not be lost to a stream.
func (f *FD) recvmsg(fd int, k *packet) (n int, err error) {
	flags := receiveFlags(fd, k.flags) | f.dontwait() | msgCloexec
	if f.Family == unix.AF_UNIX {
		n, k.noob, k.got, k.peer, err = recvmsgUnix(fd, k.p, k.oob, flags)
	} else {
		if len(k.p) == 0 && f.Type == unix.SOCK_STREAM {
			flags |= unix.MSG_PEEK
		}
		n, k.noob, k.got, k.peer, err = unix.Recvmsg(fd, k.p, k.oob, flags)
	}
	k.noob = max(min(k.noob, len(k.oob)), 0)
	return n, err
}

// receiveFlags leaves MSG_TRUNC out on a stream: there the kernel throws the bytes away
// and writes nothing, but says how many they were, and the buffer would be told as data.
// Without the flag the bytes are taken out of the stream just so, and are the right ones.
func receiveFlags(fd, flags int) int {
	if flags&unix.MSG_TRUNC == 0 {
		return flags
	}
	// Asked of the kernel, as a script may have named another type for the descriptor.
	if typ, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err != nil || typ == unix.SOCK_STREAM {
		flags &^= unix.MSG_TRUNC
	}
	return flags
}

// send sends p, without waiting whatever the descriptor's mode.
func (f *FD) send(fd int, p []byte, flags int, to unix.Sockaddr) (int, error) {
	switch shared := f.shared.Load(); {
	case f.Family == noFamily && shared:
		return writeNow(fd, p)
	case f.Family == noFamily:
		return unix.Write(fd, p)
	case shared:
		return sendNow(fd, p, flags, to)
	}
	return send(fd, p, flags, to)
}

// send raises no SIGPIPE: Go's runtime ignores that signal but for descriptors 1
// and 2, which the flag is for.
func send(fd int, p []byte, flags int, to unix.Sockaddr) (int, error) {
	if to == nil {
		return sendPlain(fd, p, flags|unix.MSG_NOSIGNAL)
	}
	return sendmsg(fd, p, nil, to, flags|unix.MSG_NOSIGNAL)
}

// sendfile sends out of a file: through memory where the system's call is of no use, or
// the descriptor blocks, as that call knows no MSG_DONTWAIT.
func (f *FD) sendfile(fd int, k *packet) (int, error) {
	if !f.shared.Load() {
		if n, err := sendfile(fd, k.fd, &k.offset, k.count); err != unix.ENOSYS {
			return n, err
		}
	}
	b, pool := buffer(65536)
	defer pool.Put(b)
	n, err := unix.Pread(k.fd, (*b)[:min(k.count, len(*b))], k.offset)
	if err != nil || n == 0 {
		return n, err
	}
	n, err = f.send(fd, (*b)[:n], 0, nil)
	k.offset += int64(max(n, 0))
	return n, err
}

// readLooking and writeLooking are for systems and pipes that know no better way
// than to look first. When several processes read one pipe they may wait
// nevertheless.
func readLooking(fd int, p []byte) (int, error) {
	if err := pollOne(fd, unix.POLLIN); err != nil {
		return 0, err
	}
	return unix.Read(fd, p)
}

// atomicWrite is what goes into a pipe without waiting when it has room at all.
const atomicWrite = 512

func writeLooking(fd int, p []byte) (int, error) {
	if err := pollOne(fd, unix.POLLOUT); err != nil {
		return 0, err
	}
	return unix.Write(fd, p[:min(len(p), atomicWrite)])
}
