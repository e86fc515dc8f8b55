package file

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// Bounds of what one Read of a stream is offered. It begins small, so that ten
// thousand files that wait for a line cost little, and grows with what comes.
const (
	minRead = 512
	maxRead = 64 << 10
)

// maxPiece is how much of a regular file is read or written in one call of the
// system's, which nothing can end.
const maxPiece = 1 << 20

// fill reads more into the buffer, at least a byte, and best as many as hoped
// for. At the end it returns io.EOF.
func (f *File) fill(s *interp.State, hope int) error {
	if err := s.CheckStop(); err != nil { // what comes without waiting may go on for long
		return err
	}
	if _, ok := f.t.stream.(Seeker); ok && len(f.t.wbuf) > 0 {
		if err := f.Flush(s); err != nil {
			return err
		}
	}
	if c, ok := f.t.stream.(Shared); ok {
		return f.fillShared(s, c, max(f.want, hope))
	}
	f.makeRoom(hope)
	free := f.rbuf[len(f.rbuf):min(cap(f.rbuf), len(f.rbuf)+maxPiece)]
	n, err := f.t.stream.Read(s, free)
	if f.closed {
		f.rbuf, f.r = nil, 0
		return os.ErrClosed
	}
	f.rbuf = f.rbuf[:len(f.rbuf)+n]
	switch {
	case n > 0:
		err = nil // it comes again, if it matters
	case err == nil:
		err = io.ErrNoProgress
	}
	f.adapt(n, len(free))
	return err
}

// adapt chooses how much to read next, when n of room bytes came.
func (f *File) adapt(n, room int) {
	if n >= room {
		f.want = min(2*f.want, maxRead)
	} else if n < f.want/4 {
		f.want = max(f.want/2, minRead)
	}
}

// errMoved says that others have taken bytes from a Shared while this one waited, so that the call
// has to begin again with what is there.
var errMoved = errors.New("others have read")

// fillShared is fill into the buffer of a Shared, of which f.rbuf is a part while f does not wait.
func (f *File) fillShared(s *interp.State, c Shared, hope int) error {
	had, before := c.Ahead()
	f.rbuf, f.r = nil, 0
	err := c.Fill(s, min(hope, maxRead))
	if f.closed {
		return os.ErrClosed
	}
	now, taken := c.Ahead()
	f.rbuf = now
	if taken != before && (err == nil || err == io.EOF) {
		return errMoved
	}
	f.adapt(len(now)-len(had), f.want)
	return err
}

// makeRoom makes room behind the unread bytes. These are moved only when that
// frees as much as they are, or into at least twice the room: a line of many
// megabytes is copied a few times, not once per piece.
func (f *File) makeRoom(hope int) {
	unread := f.rbuf[f.r:]
	switch {
	case len(unread) == 0 && cap(f.rbuf) >= f.want && cap(f.rbuf) <= 4*f.want:
		f.rbuf, f.r = f.rbuf[:0], 0
	case cap(f.rbuf)-len(f.rbuf) >= f.want:
	case len(unread) > 0 && f.r >= len(unread) && cap(f.rbuf)-len(unread) >= f.want:
		n := copy(f.rbuf[:cap(f.rbuf)], unread)
		f.rbuf, f.r = f.rbuf[:n], 0
	default:
		room := max(f.want, len(unread), min(hope, maxRead))
		if o, ok := f.t.stream.(interface{ remaining() int }); ok && hope > room { // there the promise of so much can be checked
			room = max(room, min(hope, o.remaining()+1)) // one more, to see the end
		}
		grown := make([]byte, len(unread), len(unread)+room)
		copy(grown, unread)
		f.rbuf, f.r = grown, 0
	}
}

// Read reads up to len(p) bytes, first what was read ahead; it waits for the
// first byte only. At the end it returns io.EOF.
func (f *File) Read(s *interp.State, p []byte) (int, error) {
	if err := f.beginRead(s); err != nil {
		return 0, err
	}
	defer f.endRead()
	if len(p) == 0 {
		return 0, nil
	}
	for f.r == len(f.rbuf) {
		if err := f.fill(s, len(p)); err != nil && err != errMoved {
			return 0, err
		}
	}
	n := copy(p, f.rbuf[f.r:])
	f.r += n
	return n, nil
}

// Unread puts back what was read last, to be read again.
func (f *File) Unread(p []byte) {
	if len(p) == 0 || f.closed {
		return
	}
	if c, ok := f.t.stream.(Shared); ok {
		c.Unread(p)
		return
	}
	defer f.watched().Tell()
	if f.r < len(p) {
		f.rbuf, f.r = append(make([]byte, len(p)), f.rbuf[f.r:]...), len(p)
	}
	f.r -= copy(f.rbuf[f.r-len(p):], p)
}

// ReadAll reads to the end.
func (f *File) ReadAll(s *interp.State) (string, error) { return f.readUpTo(s, math.MaxInt) }

// readUpTo reads to the end, or n bytes.
func (f *File) readUpTo(s *interp.State, n int) (string, error) {
	if err := f.beginRead(s); err != nil {
		return "", err
	}
	defer f.endRead()
	end, err := f.findCount(s, 0, n)
	for err == errMoved {
		end, err = f.findCount(s, 0, n)
	}
	if err != nil {
		return "", err
	}
	text := string(f.rbuf[f.r : f.r+end])
	f.r += end
	return text, nil
}

// readPiece reads what is there, n bytes at most, and waits for the first only. "" is the end.
func (f *File) readPiece(s *interp.State, n int) (string, error) {
	if err := f.beginRead(s); err != nil {
		return "", err
	}
	defer f.endRead()
	for err := errMoved; f.r == len(f.rbuf) && n > 0 && err == errMoved; {
		if err = f.fill(s, n); err != nil && err != io.EOF && err != errMoved {
			return "", err
		}
	}
	text := string(f.rbuf[f.r : f.r+min(n, len(f.rbuf)-f.r)])
	f.r += len(text)
	return text, nil
}

// beginRead takes the turn to read, which the caller leaves by endRead.
func (f *File) beginRead(s *interp.State) error {
	if f.closed {
		return os.ErrClosed
	}
	if !f.Readable {
		return errNotReadable
	}
	if err := f.reading.Lock(s.Thread(), time.Time{}); err != nil {
		return err
	}
	if f.closed {
		f.reading.Unlock()
		return os.ErrClosed
	}
	if c, ok := f.t.stream.(Shared); ok {
		f.rbuf, _ = c.Ahead()
		f.r = 0
	}
	return nil
}

func (f *File) endRead() {
	if c, ok := f.t.stream.(Shared); ok {
		c.Take(f.r)
		f.rbuf, f.r = nil, 0
	} else if f.Buffered() > 0 {
		f.watched().Tell()
	}
	f.reading.Unlock()
}

// Format is what read and lines are asked for.
type Format struct {
	kind byte // 'l', 'L', 'a', 'n' as in "*l", or 'c' for n bytes
	n    int
}

var oneLine = []Format{{kind: 'l'}}

// Formats appends the formats that are arguments first and on, which is a line when there are none.
func Formats(s *interp.State, to []Format, first int) []Format {
	top := s.GetTop()
	if first > top {
		return oneLine
	}
	for i := first; i <= top; i++ {
		switch v := s.Get(i).(type) {
		case lua.LNumber:
			if !(v >= 0) {
				s.ArgError(i, "number of bytes must be 0 or more, got %s", interp.Shown(v))
			}
			to = append(to, Format{'c', int(min(float64(v), math.MaxInt32))})
		case lua.LString:
			kind := strings.TrimPrefix(string(v), "*")
			if kind == "" || !strings.Contains("lLan", kind[:1]) {
				s.ArgError(i, "invalid format")
			}
			to = append(to, Format{kind: kind[0]})
		default:
			s.ArgError(i, "invalid option")
		}
	}
	return to
}

// read pushes what the formats ask for, up to the first that finds nothing, which
// is nil. When it fails it has pushed and taken nothing.
func (f *File) read(s *interp.State, formats []Format) (n int, err error) {
	if err := f.beginRead(s); err != nil {
		return 0, err
	}
	defer f.endRead()
	top := s.GetTop()
	at, err := f.findAll(s, formats)
	for err == errMoved {
		s.SetTop(top)
		at, err = f.findAll(s, formats)
	}
	if err != nil {
		s.SetTop(top)
		return 0, err
	}
	f.r += at
	return s.GetTop() - top, nil
}

// findAll pushes what read does, and returns where it ends.
func (f *File) findAll(s *interp.State, formats []Format) (at int, err error) {
	for _, what := range formats {
		var v lua.LValue
		if v, at, err = f.find(s, what, at); err != nil {
			return 0, err
		}
		s.Push(v)
		if v == lua.LNil {
			break
		}
	}
	return at, nil
}

// find finds what is asked for in the unread bytes from at on, and where it ends,
// reading more as needed. It takes nothing, so that a read that fails halfway
// leaves everything to the next.
func (f *File) find(s *interp.State, what Format, at int) (v lua.LValue, end int, err error) {
	take := 0 // bytes at the end that are no part of the result
	switch what.kind {
	case 'n':
		return f.findNumber(s, at)
	case 'a':
		if end, err = f.findCount(s, at, math.MaxInt); err != nil {
			return nil, at, err
		}
	case 'c':
		if end, err = f.findCount(s, at, max(what.n, 1)); err != nil {
			return nil, at, err
		}
		if end == at {
			return lua.LNil, at, nil
		}
		if what.n == 0 { // asks whether there is more
			end = at
		}
	default:
		var whole bool
		if end, whole, err = f.findLine(s, at); err != nil {
			return nil, at, err
		}
		if end == at {
			return lua.LNil, at, nil
		}
		if whole && what.kind == 'l' {
			take = 1
		}
	}
	return lua.LString(f.rbuf[f.r+at : f.r+end-take]), end, nil
}

// findLine returns where the line from at on ends; whole is false for one that the
// end of the file cuts off.
func (f *File) findLine(s *interp.State, at int) (end int, whole bool, err error) {
	for seen := at; ; {
		unread := f.rbuf[f.r:]
		if i := bytes.IndexByte(unread[seen:], '\n'); i >= 0 {
			return seen + i + 1, true, nil
		}
		if seen = len(unread); seen-at > interp.MaxString {
			return 0, false, syscall.EFBIG
		}
		switch err := f.fill(s, 0); err {
		case nil:
		case io.EOF:
			return seen, false, nil
		default:
			return 0, false, err
		}
	}
}

// findCount returns where n bytes from at on end, or the file before that.
func (f *File) findCount(s *interp.State, at, n int) (end int, err error) {
	for {
		have := len(f.rbuf) - f.r - at
		if have >= n {
			return at + n, nil
		}
		if have > interp.MaxString { // see interp.MaxString; a device may have no end
			return 0, syscall.EFBIG
		}
		switch err := f.fill(s, n-have); err {
		case nil:
		case io.EOF:
			return at + have, nil
		default:
			return 0, err
		}
	}
}

// peek returns the unread byte at at; ok is false at the end.
func (f *File) peek(s *interp.State, at int) (c byte, ok bool, err error) {
	for f.r+at >= len(f.rbuf) {
		if err := f.fill(s, 0); err == io.EOF {
			return 0, false, nil
		} else if err != nil {
			return 0, false, err
		}
	}
	return f.rbuf[f.r+at], true, nil
}

// findNumber reads a number as C's scanf("%lf") does, which Lua 5.1 uses: white
// space, then as much as can begin a number. What it went over is gone also when
// it is none.
func (f *File) findNumber(s *interp.State, at int) (v lua.LValue, end int, err error) {
	var room [32]byte
	scan := numberScan{text: room[:0]}
	for end = at; ; end++ {
		c, ok, err := f.peek(s, end)
		if err != nil {
			return nil, at, err
		}
		if !ok || !scan.accept(c) {
			break
		}
		if end-at > interp.MaxString {
			return nil, at, syscall.EFBIG
		}
	}
	if x, ok := scan.value(); ok {
		return lua.LNumber(x), end, nil
	}
	return lua.LNil, end, nil
}

// numberScan takes a number's characters one by one.
type numberScan struct {
	text     []byte // lower case, without the white space
	sign     int    // how many of them are a sign: 0 or 1
	hex      bool
	digits   bool // there were some before the exponent
	point    bool
	exponent bool
}

// accept reports whether c can come next.
func (n *numberScan) accept(c byte) bool {
	if len(n.text) == 0 && strings.IndexByte(" \t\n\v\f\r", c) >= 0 {
		return true
	}
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	if !n.fits(c) {
		return false
	}
	n.text = append(n.text, c)
	return true
}

func (n *numberScan) fits(c byte) bool {
	body := n.text[n.sign:]
	if len(body) == 0 {
		switch {
		case (c == '+' || c == '-') && n.sign == 0:
			n.sign = 1
			return true
		case c == 'i' || c == 'n':
			return true
		}
	} else if body[0] == 'i' || body[0] == 'n' {
		word := string(body) + string(c)
		return strings.HasPrefix("infinity", word) || strings.HasPrefix("nan", word)
	}
	switch {
	case '0' <= c && c <= '9' || n.hex && !n.exponent && 'a' <= c && c <= 'f':
		n.digits = n.digits || !n.exponent
		return true
	case c == '+' || c == '-':
		return n.exponent && (body[len(body)-1] == 'e' || body[len(body)-1] == 'p')
	case c == 'x' && len(body) == 1 && body[0] == '0':
		n.hex, n.digits = true, false
		return true
	case c == '.' && !n.point && !n.exponent:
		n.point = true
		return true
	case n.digits && !n.exponent && (c == 'e' && !n.hex || c == 'p' && n.hex):
		n.exponent = true
		return true
	}
	return false
}

// value returns the number, as far as the characters taken make one.
func (n *numberScan) value() (float64, bool) {
	text := string(n.text)
	switch text[n.sign:] {
	case "nan":
		return math.NaN(), true
	case "inf", "infinity":
	default:
		if !n.digits {
			return 0, false
		}
		if n.exponent { // perhaps without digits, which Go does not take
			text = strings.TrimRight(text, "+-")
			text = strings.TrimSuffix(strings.TrimSuffix(text, "e"), "p")
		}
		if n.hex && !strings.Contains(text, "p") {
			text += "p0"
		}
	}
	x, err := strconv.ParseFloat(text, 64)
	if ne, ok := err.(*strconv.NumError); ok && ne.Err == strconv.ErrRange {
		err = nil // infinity, as in C
	}
	return x, err == nil
}
