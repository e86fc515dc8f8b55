//go:build unix

package sys

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib/internal/addr"
)

// Send sends data: send(2). It returns how many bytes were taken.
func (f *FD) Send(s *interp.State, data string, flags int, lim Limit) (int, error) {
	return f.SendTo(s, data, flags, nil, "", lim)
}

// SendTo sends data to an address (nil: where the socket is connected to):
// sendto(2).
func (f *FD) SendTo(s *interp.State, data string, flags int, to *addr.Addr, name string, lim Limit) (int, error) {
	c := f.net.sends.take()
	if c.op.call == nil {
		c.op.call, c.Op, c.write = c, "send", true
	}
	c.to.addr, c.to.name, c.p, c.flags = to, name, bytesOf(data), flags
	c.Size, c.Flags = int64(len(data)), flags
	err := f.run(s, lim.flagged(flags), &c.op)
	n, sa := len(c.Data), c.to.sa
	s.Thread().Moved(n)
	c.to, c.p, c.peer = target{}, nil, nil
	c.forget()
	f.net.sends.put(c)
	if f.opens(flags, lim, err) {
		if err = f.await(s, sa, lim); err == nil {
			return f.SendTo(s, data, flags&^msgFastopen, nil, "", lim)
		}
	}
	return n, err
}

// opens reports whether the connection is being made that sending with MSG_FASTOPEN has begun, and nothing was
// sent yet: then a call that waits for it goes on.
func (f *FD) opens(flags int, lim Limit, err error) bool {
	return flags&msgFastopen != 0 && err == unix.EINPROGRESS && !lim.flagged(flags).Nonblock
}

// sending is one call of SendTo.
type sending struct {
	op
	packet
}

func (c *sending) Try(fd int) error {
	c.peer = c.to.sa
	n, err := c.f.out(fd, &c.packet)
	c.Data = c.p[:n]
	return err
}

// SendMsg sends pieces of data and ancillary data, which Net.MayAttach was asked about
// if a script made it up: sendmsg(2).
func (f *FD) SendMsg(s *interp.State, pieces [][]byte, oob []byte, flags int, to *addr.Addr, name string, lim Limit) (n int, err error) {
	o := &op{Event: trace.Event{Op: "sendmsg", Flags: flags}, to: target{addr: to, name: name}, write: true}
	n, err = f.gathered(s, o, pieces, oob, lim)
	if f.opens(flags, lim, err) {
		if err = f.await(s, o.to.sa, lim); err == nil {
			return f.SendMsg(s, pieces, oob, flags&^msgFastopen, nil, "", lim)
		}
	}
	if err == nil && len(oob) > 0 {
		f.net.lendAll(s, oob)
	}
	return n, err
}

// SendPieces is Send for several strings, of which it sends some of all together: sendmsg(2).
func (f *FD) SendPieces(s *interp.State, pieces []string, flags int, lim Limit) (int, error) {
	all := make([][]byte, len(pieces))
	for i, p := range pieces {
		all[i] = bytesOf(p)
	}
	return f.gathered(s, &op{Event: trace.Event{Op: "send", Flags: flags}, write: true}, all, nil, lim)
}

func (f *FD) gathered(s *interp.State, o *op, pieces [][]byte, oob []byte, lim Limit) (n int, err error) {
	flags := o.Flags
	o.call = callFunc(func(fd int) (err error) {
		n, err = f.out(fd, &packet{kind: aMessage, pieces: pieces, oob: oob, flags: flags, peer: o.to.sa})
		if f.Observed() {
			o.Data = slices.Concat(pieces...)[:n]
		}
		return err
	})
	for _, p := range pieces {
		o.Size += int64(len(p))
	}
	err = f.run(s, lim.flagged(flags), o)
	s.Thread().Moved(n)
	return n, err
}

// SendFile sends count bytes of the regular file open as descriptor in from
// offset on, fewer when it is shorter: sendfile(2). It returns how many went,
// also when it fails. The observer does not hear of it.
func (f *FD) SendFile(s *interp.State, in int, offset, count int64, lim Limit) (int64, error) {
	sent := int64(0)
	err := f.run(s, lim, &op{steps: func() error {
		for k := (packet{kind: aFile, fd: in, offset: offset}); sent < count; {
			n := 0
			err := f.do(s, true, lim, callFunc(func(fd int) (err error) {
				k.count = int(min(count-sent, 1<<20))
				n, err = f.out(fd, &k)
				return err
			}))
			sent += int64(n)
			s.Thread().Moved(n)
			if err != nil || n == 0 {
				return err
			}
		}
		return nil
	}})
	return sent, err
}

// Write writes all of p to a pipe or a stream socket, and returns how much it
// wrote also when it fails: write(2).
func (f *FD) Write(s *interp.State, p []byte, lim Limit) (written int, err error) {
	for written < len(p) && err == nil {
		err = f.run(s, lim, &op{write: true, call: callFunc(func(fd int) error {
			n, err := f.out(fd, &packet{p: p[written:]})
			written += n
			return err
		})})
	}
	return written, err
}

// TrySend writes to a stream socket what it takes without waiting. See TryReceive.
func (f *FD) TrySend(fd int, p []byte) (n int, err error) { return f.out(fd, &packet{p: p}) }

// TryWrite writes what there is room for within a moment. It may be called
// without the turn, by the collector.
func (f *FD) TryWrite(p []byte) {
	if f.shared.Load() {
		return
	}
	f.num.hold(func(fd int) {
		end := time.Now().Add(100 * time.Millisecond)
		for len(p) > 0 {
			n, err := f.out(fd, &packet{p: p, calm: true})
			p = p[n:]
			if err == unix.EAGAIN && pollWithin(fd, unix.POLLOUT, time.Until(end)) {
				continue
			}
			if err != nil {
				return
			}
		}
	})
}
