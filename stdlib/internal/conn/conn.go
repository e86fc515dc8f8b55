//go:build unix

// Package conn is what all connections of Lua have in common, plain sockets
// and TLS ones: reading by lines, delimiters and lengths, iterators, and the
// methods built on them. A kind of connection embeds Buffer, is a Transport,
// and lists Methods among its own.
package conn

import (
	"bytes"
	"strconv"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/sys"
)

// Transport is a connection. Its calls may wait as long as lim says.
type Transport interface {
	// Recv receives up to n bytes, not looking at the buffer; "" at the end.
	Recv(s *interp.State, n, flags int, lim sys.Limit) (string, error)
	// SendAll sends all of data, and returns how much went also when it fails.
	SendAll(s *interp.State, data string, flags int, lim sys.Limit) (int, error)
	// Limit is that of a call beginning now.
	Limit() sys.Limit
	// ReadAhead is the connection's buffer.
	ReadAhead() *Buffer
	// Close closes the connection for the script.
	Close(s *interp.State) error
	// End is what a relay reads and writes. It may wait until there is one.
	End(s *interp.State) (sys.End, error)
}

// Lender is a plain socket that a protocol can be laid over, which then has its
// descriptor and what was read ahead. For the script the socket is closed until
// they are given back.
type Lender interface {
	Transport
	// Lend gives the descriptor away, and whom it is connected to if that is
	// known. It fails when the socket is closed or in use.
	Lend() (*sys.FD, *addr.Addr, error)
	// Return takes the descriptor back.
	Return()
}

// Buffer holds what was read ahead. The zero value is empty.
type Buffer struct{ b []byte }

// ReadAhead returns the buffer itself, for Transport.
func (b *Buffer) ReadAhead() *Buffer { return b }

// Buffered returns how many bytes were read ahead.
func (b *Buffer) Buffered() int { return len(b.b) }

// Take removes up to n bytes and returns them.
func (b *Buffer) Take(n int) string {
	n = min(n, len(b.b))
	data := string(b.b[:n])
	if b.b = b.b[n:]; len(b.b) == 0 {
		b.b = nil // an idle connection holds no memory for it
	}
	return data
}

// Add puts bytes behind those that were read ahead.
func (b *Buffer) Add(p []byte) { b.b = append(b.b, p...) }

// Hold makes what a Buffer is embedded in an interp.Holder: a connection, of which the
// rest is estimated.
func (b *Buffer) Hold(a *interp.Account) { a.Bytes(1024 + cap(b.b)) }

// Peek returns up to n bytes and leaves them.
func (b *Buffer) Peek(n int) string { return string(b.b[:min(n, len(b.b))]) }

// chunk is how much is read ahead at a time.
const chunk = 4096

// fill reads more; more is false at the end.
func fill(s *interp.State, t Transport, want int, lim sys.Limit) (more bool, err error) {
	data, err := t.Recv(s, max(want, chunk), 0, lim)
	if err != nil {
		return false, err
	}
	b := t.ReadAhead()
	b.b = append(b.b, data...)
	return data != "", nil
}

// Receive returns up to n bytes: those read ahead, or what Recv gives.
func Receive(s *interp.State, t Transport, n, flags int, lim sys.Limit) (string, error) {
	b := t.ReadAhead()
	if flags&unix.MSG_WAITALL != 0 && !lim.Nonblock && flags&unix.MSG_PEEK == 0 {
		for len(b.b) < n {
			more, err := fill(s, t, n-len(b.b), lim)
			if err != nil && len(b.b) == 0 {
				return "", err
			}
			if err != nil || !more {
				break
			}
		}
		return b.Take(n), nil
	}
	if len(b.b) == 0 {
		return t.Recv(s, n, flags, lim)
	}
	if flags&unix.MSG_PEEK != 0 {
		return b.Peek(n), nil
	}
	return b.Take(n), nil
}

// Until reads up to and including a delimiter; ok is false at the end of the
// stream, where what there is without a delimiter has been left in the buffer.
// A piece of more than max bytes (0: any) is an EMSGSIZE, and left there, too.
func Until(s *interp.State, t Transport, delimiter string, max int) (piece string, ok bool, err error) {
	lim := t.Limit()
	b := t.ReadAhead()
	seen := 0
	for {
		if i := bytes.Index(b.b[seen:], []byte(delimiter)); i >= 0 {
			end := seen + i + len(delimiter)
			if max > 0 && end > max {
				return "", false, tooLong(max)
			}
			return b.Take(end), true, nil
		}
		if max > 0 && len(b.b) > max {
			return "", false, tooLong(max)
		}
		if seen = len(b.b) - len(delimiter) + 1; seen < 0 {
			seen = 0
		}
		more, err := fill(s, t, 0, lim)
		if err != nil || !more {
			return "", false, err
		}
	}
}

func tooLong(max int) error {
	return &interp.OpError{Code: "EMSGSIZE", Errno: unix.EMSGSIZE,
		Message: "no end within " + strconv.Itoa(max) + " bytes"}
}

// Exactly reads n bytes; ok is false when the stream ends before, and what there
// is has been left in the buffer.
func Exactly(s *interp.State, t Transport, n int) (data string, ok bool, err error) {
	lim := t.Limit()
	b := t.ReadAhead()
	for len(b.b) < n {
		more, err := fill(s, t, min(n-len(b.b), 1<<18), lim)
		if err != nil || !more {
			return "", false, err
		}
	}
	return b.Take(n), true, nil
}

// early is the error for a stream that ended within something.
func early(b *Buffer) error {
	partial := b.Take(len(b.b))
	return &interp.OpError{Code: "EOF",
		Message: "connection closed after " + strconv.Itoa(len(partial)) + " bytes",
		Extra:   map[string]lua.LValue{"partial": lua.LString(partial)}}
}

// Fail ends a Lua call that failed: a call that cannot go on without waiting
// answers nil and a name, everything else raises.
func Fail(s *interp.State, err error) int {
	switch err {
	case unix.EAGAIN, unix.EINPROGRESS, unix.EALREADY:
		return s.Return(lua.LNil, lua.LString(interp.ErrnoName(err.(unix.Errno))))
	}
	return s.Raise(err)
}
