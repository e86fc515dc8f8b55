package interp

import (
	"slices"
	"strings"

	"wirelua/interp/internal/number"
)

// format(format, ...) returns the format with its directives replaced by the
// arguments: d and i (integer), u o x X (the same, unsigned), c (a byte's code),
// e E f g G (number), s (anything, as tostring writes it), q (a string as Lua
// source), with C's flags, widths and precisions of two digits at most.
func stringFormat(s *State) int {
	format := s.Str(1)
	var space [128]byte
	b, arg := space[:0], 1
	work := s.Work()
	for {
		work.Spend(5)
		i := strings.IndexByte(format, '%')
		if i < 0 {
			break
		}
		s.fits(len(b) + i)
		b = work.Append(b, format[:i])
		format = format[i+1:]
		if strings.HasPrefix(format, "%") {
			b, format = append(b, '%'), format[1:]
			continue
		}
		if arg++; arg > s.GetTop() {
			s.ArgError(arg, "no value")
		}
		d, rest := s.directive(format)
		format = rest
		b = appendDirective(&work, b, d, arg)
		s.fits(len(b))
	}
	s.fits(len(b) + len(format))
	return s.ReturnBytes(work.Append(b, format))
}

// directive reads a directive behind its '%', and returns what follows it, too.
func (s *State) directive(format string) (d number.Directive, rest string) {
	rest, flaw := d.Read(format)
	switch {
	case flaw != "":
		s.RaiseError("invalid format (%s)", flaw)
	case d.Verb == 0 && rest == "":
		s.RaiseError("invalid option '%%' to 'format'")
	case strings.IndexByte("diuoxXceEfgGsq", d.Verb) < 0:
		s.RaiseError("invalid option '%%%c' to 'format'", d.Verb)
	}
	return d, rest
}

// appendDirective appends argument arg as the directive has it.
func appendDirective(work *Work, b []byte, d number.Directive, arg int) []byte {
	s := work.s
	switch d.Verb {
	case 's':
		str := s.Display(s.Get(arg))
		s.fits(len(b) + len(str))
		if d.Precision >= 0 && d.Precision < len(str) {
			str = str[:d.Precision]
		}
		if len(str) > pieceSize {
			return work.Append(b, str)
		}
		return d.Pad(b, str)
	case 'q':
		return appendQuoted(work, b, s.Str(arg))
	case 'c':
		return d.Pad(b, string([]byte{byte(int64(s.Num(arg)))}))
	}
	return d.Append(b, s.Num(arg))
}

// appendQuoted appends a string as Lua source has it.
func appendQuoted(work *Work, b []byte, str string) []byte {
	size := len(b) + 2
	work.Pieces(str, func(piece string) {
		size += len(piece) + strings.Count(piece, "\"") + strings.Count(piece, "\\") + strings.Count(piece, "\n") +
			strings.Count(piece, "\r") + 3*strings.Count(piece, "\x00")
	})
	work.s.fits(size)
	b = append(slices.Grow(b, size-len(b)), '"')
	work.Pieces(str, func(piece string) { b = appendEscaped(b, piece) })
	return append(b, '"')
}

func appendEscaped(b []byte, str string) []byte {
	for i := range len(str) {
		switch c := str[i]; c {
		case '"', '\\', '\n':
			b = append(b, '\\', c)
		case '\r':
			b = append(b, `\r`...)
		case 0:
			b = append(b, `\000`...)
		default:
			b = append(b, c)
		}
	}
	return b
}
