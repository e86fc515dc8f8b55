package pack

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"runtime"
	"strings"

	"wirelua/interp"
)

// format is one of struct's, parsed.
type format struct {
	text   string
	items  []item
	big    bool // most significant byte first
	size   int  // of the packed bytes
	values int  // arguments that pack takes, results that unpack gives
}

// item is a letter of a format with its count. Padding is no item: it only moves
// those that come after.
type item struct {
	code  byte
	name  string // the code, for messages
	count int    // how many; for s and p the bytes of the one string
	size  int    // bytes of each
	at    int    // where the first begins
}

func (it *item) isString() bool { return it.code == 's' || it.code == 'p' }
func (it *item) signed() bool   { return strings.IndexByte("bhilqn", it.code) >= 0 }

// maxSize bounds what a format describes: a few characters can ask for more
// memory than there is, and Go cannot recover from that.
const maxSize = 1 << 28

// maxItems bounds the letters of a format: it is what fits on the Lua stack.
const maxItems = 1 << 17

// Sizes of this machine's C. Go has no names for them: a long is as wide as a
// pointer but on Windows, and 8 bytes are aligned to 8 but on 32-bit Intel.
var (
	sizePointer = bits.UintSize / 8
	sizeLong    = pick(runtime.GOOS == "windows", 4, sizePointer)
	align8      = pick(runtime.GOARCH == "386" && runtime.GOOS != "windows", 4, 8)
	nativeBig   = binary.NativeEndian.Uint16([]byte{0, 1}) == 1
)

func pick(when bool, a, b int) int {
	if when {
		return a
	}
	return b
}

// sizeOf returns how many bytes a letter takes; 0 when there is no such letter.
func sizeOf(code byte, native bool) int {
	switch code {
	case 'x', 'c', 'b', 'B', '?', 's', 'p':
		return 1
	case 'h', 'H', 'e':
		return 2
	case 'i', 'I', 'f':
		return 4
	case 'q', 'Q', 'd':
		return 8
	case 'l', 'L':
		return pick(native, sizeLong, 4)
	case 'n', 'N', 'P':
		return pick(native, sizePointer, 0)
	}
	return 0
}

// parse reads a format. It accepts and refuses what Python's struct does.
func parse(work *interp.Work, text string) (*format, error) {
	f := &format{text: text, big: nativeBig}
	rest, native := text, true
	if text != "" && strings.IndexByte("@=<>!", text[0]) >= 0 {
		rest, native = text[1:], text[0] == '@'
		switch text[0] {
		case '<':
			f.big = false
		case '>', '!':
			f.big = true
		}
	}
	for rest != "" {
		work.Spend(5)
		if isSpace(rest[0]) {
			rest = rest[1:]
			continue
		}
		var err error
		if rest, err = f.add(rest, native); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// add adds the item that rest begins with, and returns what comes after it.
func (f *format) add(rest string, native bool) (string, error) {
	count, digits := number(rest)
	rest = rest[digits:]
	if rest == "" {
		return "", fmt.Errorf("repeat count given without format specifier in '%s'", f.text)
	}
	code := rest[0]
	size := sizeOf(code, native)
	if size == 0 {
		return "", f.badChar(code, len(f.text)-len(rest))
	}
	if digits == 0 {
		count = 1
	}
	if native {
		a := size
		if a == 8 {
			a = align8
		}
		f.size += -f.size & (a - 1)
	}
	it := item{code: code, name: rest[:1], count: count, size: size, at: f.size}
	if count > (maxSize-f.size)/size {
		return "", fmt.Errorf("total struct size too long in '%s' (at most %d bytes)", f.text, maxSize)
	}
	f.size += count * size
	if it.isString() {
		f.values++
	} else if code != 'x' {
		f.values += count
	} else {
		return rest[1:], nil
	}
	if len(f.items) >= maxItems {
		return "", fmt.Errorf("more than %d items in '%s'", maxItems, f.text)
	}
	f.items = append(f.items, it)
	return rest[1:], nil
}

func (f *format) badChar(code byte, at int) error {
	hint := ""
	switch {
	case strings.IndexByte("@=<>!", code) >= 0:
		hint = "; the byte order comes first"
	case strings.IndexByte("nNP", code) >= 0:
		hint = "; it goes with @ only"
	case isSpace(code):
		hint = "; the letter follows its count at once"
	}
	return fmt.Errorf("bad char in struct format '%s': %q at position %d%s", f.text, f.text[at:at+1], at+1, hint)
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// number reads the decimal number that text begins with, and tells how many
// digits it has. More than maxSize is all the same.
func number(text string) (n, digits int) {
	for digits < len(text) && '0' <= text[digits] && text[digits] <= '9' {
		if n > maxSize/10 {
			n = maxSize + 1
		} else {
			n = n*10 + int(text[digits]-'0')
		}
		digits++
	}
	return n, digits
}
