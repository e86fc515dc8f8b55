package json

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads a string. One without escapes is copied once, so that it does not keep all of
// the text.
func (d *decoder) string() string {
	d.at++
	start := d.at
	d.plain()
	if d.peek() == '"' {
		d.at++
		return strings.Clone(d.text[start : d.at-1])
	}
	out := d.Append(nil, d.text[start:d.at])
	for d.peek() != '"' {
		if d.peek() != '\\' {
			d.unexpected("in string literal")
		}
		out = d.escape(out)
		start = d.at
		d.plain()
		out = append(out, d.text[start:d.at]...)
	}
	d.at++
	return string(out)
}

// plain goes over what stands for itself: it stops at a quote, a backslash, what must not be
// in a string, and the end.
func (d *decoder) plain() {
	for d.at < len(d.text) {
		if d.at%16 == 0 {
			d.Spend(3)
		}
		switch c := d.text[d.at]; {
		case c == '"' || c == '\\' || c < ' ':
			return
		case c < utf8.RuneSelf:
			d.at++
		default:
			r, n := utf8.DecodeRuneInString(d.text[d.at:])
			if r == utf8.RuneError && n == 1 { // there would be U+FFFD without a word
				d.unexpected("")
			}
			d.at += n
		}
	}
}

// escape appends what an escape stands for.
func (d *decoder) escape(out []byte) []byte {
	d.Spend(3)
	d.at++
	i := strings.IndexByte(`"\/bfnrt`, d.peek())
	switch {
	case d.at < len(d.text) && i >= 0:
		d.at++
		return append(out, "\"\\/\b\f\n\r\t"[i])
	case d.peek() != 'u':
		d.unexpected("in string escape code")
	}
	d.at++
	r := d.hex()
	if utf16.IsSurrogate(r) {
		r = d.secondHalf(r)
	}
	return utf8.AppendRune(out, r)
}

// hex reads four digits.
func (d *decoder) hex() (r rune) {
	for range 4 {
		c := d.peek()
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			d.unexpected(`in \u hexadecimal character escape`)
		}
		r = r<<4 | rune(c)
		d.at++
	}
	return r
}

// secondHalf returns the character of which first is one half. If the other does not follow it
// is U+FFFD, and what does follow stands for itself.
func (d *decoder) secondHalf(first rune) rune {
	if !strings.HasPrefix(d.text[d.at:], `\u`) {
		return utf8.RuneError
	}
	before := d.at
	d.at += 2
	r := utf16.DecodeRune(first, d.hex())
	if r == utf8.RuneError {
		d.at = before
	}
	return r
}
