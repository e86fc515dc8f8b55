package hint

import (
	"regexp"
	"strings"
)

// Caret returns two lines: the one of source, and below it a caret where column is, in bytes from 1. What
// is before it is shown as it is in the source, so that tabs stand above tabs. Of a long line a part
// is shown. It returns "" when source has no such place.
func Caret(source string, line, column int) string {
	lines := strings.Split(source, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	text := strings.TrimRight(lines[line-1], "\r")
	if column < 1 || column > len(text)+1 || strings.TrimSpace(text) == "" {
		return ""
	}
	before, after := text[:column-1], text[column-1:]
	if len(before) > maxBefore {
		before = "..." + strings.ToValidUTF8(before[len(before)-maxBefore:], "")
	}
	if len(after) > maxAfter {
		after = strings.ToValidUTF8(after[:maxAfter], "") + "..."
	}
	return "    " + plain(before+after) + "\n    " + blank(plain(before)) + "^\n"
}

const (
	maxBefore = 60
	maxAfter  = 60
)

// Column returns where a line of source has what a message calls by its name ("global 'x'", "to 'start'"), in bytes
// from 1; 0 if that is not known, or if the line has it twice.
func Column(message, source string) int {
	_, line, text := Place(message)
	lines := strings.Split(source, "\n")
	if line < 1 || line > len(lines) {
		return 0
	}
	for _, pattern := range named {
		m := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if m == nil {
			continue
		}
		at := regexp.MustCompile(`(?:^|\W)`+`(`+regexp.QuoteMeta(m[1])+`)(?:\W|$)`).FindAllStringSubmatchIndex(mask(lines[line-1]), 2)
		if len(at) == 1 {
			return at[0][2] + 1
		}
	}
	return 0
}

// named are the ways in which messages name what is in the line, the most telling first.
var named = []string{
	`(?:global|local|upvalue|field|method) '(\w+)'`,
	`has no (?:field|method|\w*) ?'(\w+)'`,
	`(?:argument #\d+ to|calling) '(\w+)'`,
	`^(\w+)(?: \S+)?: `,
}

// plain has no bytes that would move a terminal's cursor, but for tabs.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0xfffd {
			return '?'
		}
		return r
	}, s)
}

// blank is as wide as s.
func blank(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, s)
}
