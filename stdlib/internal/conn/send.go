//go:build unix

package conn

import (
	"strings"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// Gatherer is a Transport that sends several strings in one call.
type Gatherer interface {
	// SendPieces sends some of all pieces together, of which none is empty, and returns how many
	// bytes were taken, perhaps also when it fails.
	SendPieces(s *interp.State, pieces []string, flags int, lim sys.Limit) (int, error)
}

// sending is a call that sends all of something.
type sending struct {
	c     *Conn
	flags int
	lim   sys.Limit
	file  bool // as in reading
	sent  int  // how much went, also when it failed
}

// run sends all of data.
func (w *sending) run(s *interp.State, data string) error {
	typ := w.c.t.Traits().Type
	for more := true; more; more = data != "" {
		err := w.open(s)
		if nothing := data == "" && typ != unix.SOCK_DGRAM && typ != unix.SOCK_SEQPACKET; err != nil || nothing {
			return err // sending nothing might wait: a net.Pipe does
		}
		n, err := w.c.t.Send(s, data, w.flags, w.lim)
		w.sent += n
		data = data[n:]
		if err != nil {
			return w.c.About(err)
		}
	}
	return nil
}

func (w *sending) open(s *interp.State) error {
	if w.c.closed && !w.file {
		return w.c.About(closed(s, w.c.t, "send"))
	}
	return nil
}

// runAll sends all pieces. They are put together only where they are one message, where a call that
// could not go on has to be made again with the same bytes, or where they are short and the
// transport takes one at a time.
func (w *sending) runAll(s *interp.State, pieces []string) error {
	pieces = withoutEmpty(pieces)
	stream := w.c.t.Traits().Type == unix.SOCK_STREAM
	if g, ok := w.c.t.(Gatherer); ok && stream {
		return w.gather(s, g, pieces)
	}
	if len(pieces) == 0 || !stream || w.lim.Nonblock || w.flags&unix.MSG_DONTWAIT != 0 {
		return w.run(s, strings.Join(pieces, ""))
	}
	for len(pieces) > 0 {
		var err error
		if pieces, err = w.some(s, pieces); err != nil {
			return err
		}
	}
	return nil
}

// withoutEmpty returns what of pieces is not empty, in the same memory.
func withoutEmpty(pieces []string) []string {
	kept := pieces[:0]
	for _, p := range pieces {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return kept
}

// maxGathered is how many pieces systems take in one call.
const maxGathered = 1024

func (w *sending) gather(s *interp.State, g Gatherer, pieces []string) error {
	err := w.open(s)
	for len(pieces) > 0 && err == nil {
		var n int
		n, err = g.SendPieces(s, pieces[:min(len(pieces), maxGathered)], w.flags, w.lim)
		w.sent += n
		for ; n > 0 && n >= len(pieces[0]); pieces = pieces[1:] {
			n -= len(pieces[0])
		}
		if n > 0 {
			pieces[0] = pieces[0][n:]
		}
		if err == nil && len(pieces) > 0 {
			err = w.open(s)
		}
	}
	return w.c.About(err)
}

// some sends the first of pieces, or several short ones together, and returns the others.
func (w *sending) some(s *interp.State, pieces []string) ([]string, error) {
	var x sys.Piece
	defer x.Free()
	room := x.Room(sys.MaxPiece)
	n := 0
	for len(pieces) > 0 && len(pieces[0]) <= len(room)-n {
		n += copy(room[n:], pieces[0])
		pieces = pieces[1:]
	}
	if x.Came(n); n == 0 {
		return pieces[1:], w.run(s, pieces[0])
	}
	return pieces, w.run(s, unsafe.String(&room[0], n))
}

func sendall(s *interp.State) int {
	w := sending{c: Self(s)}
	top := s.GetTop()
	if _, ok := s.Get(top).(lua.LNumber); ok && top > 2 || top > 2 && s.Absent(top) {
		w.flags = s.OptInt(top, 0)
		top--
	}
	var err error
	if first := s.Str(2); top <= 2 {
		w.lim = w.c.Begin(s, w.flags)
		err = w.run(s, first)
	} else {
		pieces := pieces(s, top)
		w.lim = w.c.Begin(s, w.flags)
		err = w.runAll(s, pieces)
	}
	if err != nil {
		return failSent(s, err, int64(w.sent))
	}
	return s.True()
}

// pieces returns arguments 2 to last.
func pieces(s *interp.State, last int) (pieces []string) {
	for i := 2; i <= last; i++ {
		if _, ok := s.Get(i).(lua.LNumber); ok && i > 2 {
			s.ArgError(i, "a number after the data is taken for flags, and must be the last argument")
		}
		pieces = append(pieces, s.Str(i))
	}
	return pieces
}

// failSent is Fail for a call of which a part was done.
func failSent(s *interp.State, err error, sent int64) int {
	if err == unix.EAGAIN {
		return s.Return(lua.LNil, lua.LString("EAGAIN"), lua.LNumber(sent))
	}
	e := *interp.AsOpError(err)
	e.Extra = map[string]lua.LValue{"sent": lua.LNumber(sent)}
	return s.Raise(&e)
}
