package trace

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Text returns an observer that writes a line for each event:
//
//	SECONDS THREAD FILE:LINE SOCKET OP ENDS SIZE [waited TIME] [DATA | CODE]
//	0.001301 thread-1 echo.lua:20 #4 recv    127.0.0.1:8080 <- 127.0.0.1:41234 12 "hello world\n"
//
// Seconds count from now to when the operation ended, waits are told from 0.1 ms on, and data as Lua
// would read them back, the first 60 bytes of them. Of a connection that has a layer above it, as
// TLS is, that is told, and not what it is encrypted to. Each line is one Write; after one that
// failed there is none any more. Several interpreters may share the observer.
func Text(w io.Writer, options ...Option) Observer { return newText(w, options) }

// Hex returns an observer that writes what Text does, and instead of the data a dump of the first
// 256 bytes of them below each line, indented, as the script's hex.dump makes it.
func Hex(w io.Writer, options ...Option) Observer {
	t := newText(w, options)
	t.dump = true
	return t
}

// Option is how Text and Hex write.
type Option int

// Colour has the other end's side of what comes, of what goes, and failures in colours, as
// terminals understand them.
const Colour Option = 1

func newText(w io.Writer, options []Option) *text {
	return &text{w: w, start: time.Now(), colour: slices.Contains(options, Colour)}
}

const (
	shownText = 60  // how many bytes of data a line has
	shownHex  = 256 // and a dump
	shownWait = 100 * time.Microsecond
)

type text struct {
	mu     sync.Mutex
	w      io.Writer
	start  time.Time
	line   []byte
	dump   bool
	colour bool
	failed bool
}

func (t *text) Observe(e Event) {
	if e.Carried {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.failed {
		t.line = t.append(t.line[:0], &e)
		_, err := t.w.Write(t.line)
		t.failed = err != nil
	}
}

// append appends e's line, with the dump below it.
func (t *text) append(b []byte, e *Event) []byte {
	b = strconv.AppendFloat(b, e.ended().Sub(t.start).Seconds(), 'f', 6, 64)
	b = append(padded(append(b, ' '), or(e.Thread, "-"), 8), ' ')
	b = append(append(append(append(b, or(e.Where, "-")...), ' '), e.number()...), ' ')
	b = padded(b, e.name(), 7)
	for _, word := range [...]string{t.in(e.direction(), e.ends()), e.size(), e.peek(), e.Detail, e.copied(), e.by(), e.wait(), t.in(red, e.Code)} {
		if word != "" {
			b = append(append(b, ' '), word...)
		}
	}
	moved := e.moves() && e.Err == nil && !e.sums()
	if moved && !t.dump {
		b = quoted(append(b, ' '), e.Data, shownText)
	}
	b = append(bytes.TrimRight(b, " "), '\n')
	if moved && t.dump {
		b = append(b, dumped(e.Data, shownHex)...)
	}
	return b
}

// padded appends a word, and what it lacks of a width in spaces.
func padded(b []byte, word string, width int) []byte {
	b = append(b, word...)
	for n := utf8.RuneCountInString(word); n < width; n++ {
		b = append(b, ' ')
	}
	return b
}

// Colours, as ECMA-48 numbers them.
const (
	red   = "31"
	green = "32"
	cyan  = "36"
)

// in returns a word in a colour; "" is none.
func (t *text) in(colour, word string) string {
	if !t.colour || colour == "" || word == "" {
		return word
	}
	return "\x1b[" + colour + "m" + word + "\x1b[0m"
}

// direction is the colour of where something goes.
func (e *Event) direction() string {
	switch {
	case e.inward():
		return green
	case e.moves() || e.Op == "connect":
		return cyan
	}
	return ""
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// ended returns when an event's operation ended.
func (e *Event) ended() time.Time { return e.Time.Add(e.Duration) }

func (e *Event) number() string {
	if e.Socket == nil {
		return "-"
	}
	return "#" + strconv.FormatUint(e.Socket.Number, 10)
}

// name is the operation's, with its layer where that is no socket's.
func (e *Event) name() string {
	if e.Layer == "tls" {
		return "tls " + e.Op
	}
	return e.Op
}

// moves reports whether an operation's bytes are some that went over the wire.
func (e *Event) moves() bool {
	switch e.Op {
	case "send", "recv", "sendmsg", "recvmsg", "sendfrom", "relay":
		return true
	}
	return false
}

// sums reports whether it is the sum of others, whose bytes are not its own.
func (e *Event) sums() bool { return e.Op == "sendfrom" || e.Op == "relay" }

// inward reports whether what it is about came from the other end.
func (e *Event) inward() bool {
	switch e.Op {
	case "recv", "recvmsg", "accept", "relay":
		return true
	}
	return false
}

// Ends returns the addresses of this end and of the other, as far as they are known: that of a
// datagram's sender or receiver, where there is one, before that of whom the socket is connected to.
func (e *Event) Ends() (local, peer string) {
	if e.Socket != nil {
		local, peer = e.Socket.Local, e.Socket.Peer
	}
	if e.New != nil {
		local, peer = e.New.Local, e.New.Peer
	}
	switch {
	case e.Address == "" || e.Op == "bind" && e.Err == nil:
	case e.Op == "bind":
		local = e.Address
	case e.Op != "setsockopt" && e.Op != "lookup":
		peer = e.Address
	}
	if e.Op == "connect" && e.Err != nil { // what it had been bound to for that means nothing
		local = ""
	}
	return local, peer
}

func (e *Event) ends() string {
	if e.Op == "lookup" {
		return strings.TrimSuffix(e.Address+" -> "+strings.Join(e.Found, ", "), " -> ")
	}
	local, peer := e.Ends()
	switch {
	case peer == "":
		return local
	case e.inward():
		return strings.TrimSpace(local + " <- " + peer)
	}
	return strings.TrimSpace(local + " -> " + peer)
}

// Bytes returns how many bytes moved.
func (e *Event) Bytes() int64 {
	if !e.moves() {
		return 0
	}
	return e.N + int64(len(e.Data))
}

func (e *Event) size() string {
	if !e.moves() || e.Err != nil && e.Bytes() == 0 {
		return ""
	}
	return strconv.FormatInt(e.Bytes(), 10)
}

// peek says that the data are still to be received.
func (e *Event) peek() string {
	const msgPeek = 2 // on every system that has it
	if e.Flags&msgPeek == 0 || e.Layer == "name" || e.Op != "recv" && e.Op != "recvmsg" {
		return ""
	}
	return "peek"
}

func (e *Event) copied() string {
	if e.Op != "dup" || e.New == nil {
		return ""
	}
	return "as #" + strconv.FormatUint(e.New.Number, 10)
}

func (e *Event) by() string {
	if e.By == "" || e.By == "script" {
		return ""
	}
	return "by " + e.By
}

func (e *Event) wait() string {
	switch w := e.Waited; {
	case w < shownWait:
		return ""
	case w < time.Second:
		return fmt.Sprintf("waited %.1fms", w.Seconds()*1000)
	default:
		return fmt.Sprintf("waited %.1fs", w.Seconds())
	}
}

// quoted appends data as Lua would read them back.
func quoted(b, data []byte, most int) []byte {
	shown := data[:min(len(data), most)]
	b = append(b, '"')
	for i, c := range shown {
		digit := i+1 < len(shown) && '0' <= shown[i+1] && shown[i+1] <= '9'
		switch {
		case c == '\n':
			b = append(b, `\n`...)
		case c == '\r':
			b = append(b, `\r`...)
		case c == '\t':
			b = append(b, `\t`...)
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case ' ' <= c && c <= '~':
			b = append(b, c)
		case digit:
			b = fmt.Appendf(b, `\%03d`, c)
		default:
			b = strconv.AppendUint(append(b, '\\'), uint64(c), 10)
		}
	}
	b = append(b, '"')
	if more := len(data) - len(shown); more > 0 {
		b = fmt.Appendf(b, "... (%d more)", more)
	}
	return b
}

// dumped is data as hexdump -C shows them, indented by two.
func dumped(data []byte, most int) string {
	var b strings.Builder
	shown := data[:min(len(data), most)]
	last, starred := "", false
	for i, line := range strings.SplitAfter(strings.TrimSuffix(hex.Dump(shown), "\n"), "\n") {
		bytes := shown[min(16*i, len(shown)):min(16*i+16, len(shown))]
		if i > 0 && string(bytes) == last {
			if !starred {
				b.WriteString("  *\n")
			}
			starred = true
			continue
		}
		last, starred = string(bytes), false
		if line != "" {
			b.WriteString("  " + strings.TrimSuffix(line, "\n") + "\n")
		}
	}
	switch more := len(data) - len(shown); {
	case more > 0:
		fmt.Fprintf(&b, "  ... (%d more)\n", more)
	case len(data) > 0:
		fmt.Fprintf(&b, "  %08x\n", len(data))
	}
	return b.String()
}
