// Package hex holds the module hex.
package hex

import (
	"encoding/hex"
	"strconv"

	"wirelua/interp"
)

// Module is the module hex: bytes as hexadecimal digits, and what is on the wire
// for people to look at.
//
//	print(hex.encode("\1\255"))         -- 01ff
//	print(hex.decode("01 FF") == "\1\255")
//	io.write(hex.dump(client:recv()))
//
// dump's text is that of the command hexdump -C: 16 bytes a line, a line "*" for
// all that repeat the one before, and the length as the last. It ends in a
// newline; of an empty string it is empty.
var Module = &interp.Module{
	Name: "hex",
	Doc:  "Bytes as hexadecimal digits, and hex dumps.",
	Funcs: []interp.Function{
		{Name: "encode", Args: "s", Doc: "returns the bytes of s as two lower-case digits each", Manual: `
		s string: any bytes
		-> string: twice as long
		> print(hex.encode("\1\255")) --> 01ff
		`, Fn: func(s *interp.State) int {
			data := s.Str(1)
			s.Fits(2 * len(data))
			out, work := make([]byte, 0, 2*len(data)), s.Work()
			work.Pieces(data, func(piece string) {
				work.Spend(len(piece) >> 3)
				out = hex.AppendEncode(out, []byte(piece))
			})
			return s.ReturnBytes(out)
		}},
		{Name: "decode", Args: "s", Doc: "returns the bytes that the digits stand for; there may be white space between bytes", Manual: `
		s string: digits in either case
		-> string: the bytes
		> print(hex.decode("68 69")) --> hi
		`, Fn: decode},
		{Name: "dump", Args: "s", Doc: "returns s as a dump of several lines, as hexdump -C prints it", Manual: `
		s string: any bytes
		-> string: a line for every 16 bytes, and the length
		> io.write(hex.dump("hello"))
		> --> 00000000  68 65 6c 6c 6f                                    |hello|
		> --> 00000005
		`, Fn: dump},
	},
}

func decode(s *interp.State) int {
	text := s.Str(1)
	out, work := make([]byte, 0, len(text)/2), s.Work()
	for i := 0; i < len(text); i++ {
		work.Spend(1)
		if text[i] == ' ' || '\t' <= text[i] && text[i] <= '\r' {
			continue
		}
		high := digit(s, text, i)
		if i++; i == len(text) {
			s.ArgError(1, "odd number of hexadecimal digits")
		}
		out = append(out, high<<4|digit(s, text, i))
	}
	return s.ReturnBytes(out)
}

func digit(s *interp.State, text string, i int) byte {
	switch c := text[i]; {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	default:
		s.ArgError(1, "not a hexadecimal digit: %q at position %d", text[i:i+1], i+1)
	}
	return 0
}

const (
	width   = 16      // bytes a line
	maxDump = 1 << 28 // of the text, which is five times as long as the bytes
)

func dump(s *interp.State) int {
	data := s.Str(1)
	var out []byte
	folded, work := false, s.Work()
	for at := 0; at < len(data); at += width {
		work.Spend(3)
		line := data[at:min(at+width, len(data))]
		if at > 0 && line == data[at-width:at] {
			if !folded {
				out = append(out, "*\n"...)
			}
			folded = true
			continue
		}
		folded = false
		out = appendLine(out, at, line)
		if len(out) > maxDump {
			s.RaiseError("dump of %d bytes too large (at most %d bytes of text)", len(data), maxDump)
		}
	}
	if data != "" {
		out = append(appendOffset(out, len(data)), '\n')
	}
	return s.ReturnBytes(out)
}

const digits = "0123456789abcdef"

// appendLine appends "00000010  68 65 6c ...  |hel...|".
func appendLine(out []byte, at int, line string) []byte {
	out = appendOffset(out, at)
	for i := range width {
		if i%8 == 0 {
			out = append(out, ' ')
		}
		if i < len(line) {
			out = append(out, ' ', digits[line[i]>>4], digits[line[i]&15])
		} else {
			out = append(out, "   "...)
		}
	}
	out = append(out, "  |"...)
	for i := range len(line) {
		if c := line[i]; ' ' <= c && c <= '~' {
			out = append(out, c)
		} else {
			out = append(out, '.')
		}
	}
	return append(out, "|\n"...)
}

// appendOffset appends an offset of at least 8 digits.
func appendOffset(out []byte, at int) []byte {
	text := strconv.FormatInt(int64(at), 16)
	for range 8 - len(text) {
		out = append(out, '0')
	}
	return append(out, text...)
}
