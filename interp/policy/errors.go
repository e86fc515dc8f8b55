package policy

import (
	"fmt"
	"strings"
	"syscall"
	"unicode"
)

// These hold at compile time what callers rely on.
var (
	_ error                       = (*Denied)(nil)
	_ interface{ Unwrap() error } = (*Denied)(nil)
	_ error                       = (*RuleError)(nil)
)

// Denied is the error of a check that failed. errors.Is finds [fs.ErrPermission] and
// [syscall.EACCES] in it. It is a value to read; nobody changes it.
type Denied struct {
	// Door is "connect", "listen", "read", "write", "run" or "env".
	Door string
	// What the script wanted, for people: "evil.example (127.0.0.1:6379)".
	What string
	// Rule is the rule that would allow it, as narrow as rules get.
	Rule string
	// Why says more when that may puzzle, such as a failed look-up of a name in
	// another rule. Mostly empty.
	Why string

	whole  bool   // What says all, without the door
	both   bool   // the listen door has to be open as well, altogether
	remedy string // what the text ends with; see Checker.WithRemedy
}

// doing is what is denied at a door, before what it was to be done with.
func doing(door string) string {
	switch door {
	case "connect":
		return "connect to "
	case "listen":
		return "listen on "
	case "env":
		return "read the variable "
	}
	return door + " "
}

// Error says what is denied: "not allowed: connect to 127.0.0.1:80". Callers put the operation and its
// address in front; a Checker may have something to add, see [Checker.WithRemedy].
func (d *Denied) Error() string {
	s := "not allowed: "
	if !d.whole {
		s += doing(d.Door)
	}
	s += shown(d.What)
	if d.remedy != "" {
		s += "; " + d.remedy
	}
	if d.Why != "" {
		s += " (" + d.Why + ")"
	}
	return s
}

// Flag is the flag of the command that would allow it, ready to be pasted into a shell:
// "--allow-connect=127.0.0.1:80".
func (d *Denied) Flag() string {
	s := "--allow-" + d.Door + "=" + quote(escapeComma(d.Rule))
	if d.both {
		s += " and --allow-listen=*"
	}
	return s
}

// shown is what of a script's may stand in a message: nothing that a terminal would obey.
func shown(text string) string {
	if text == "" || strings.ContainsFunc(text, unprintable) {
		return shellWord(text)
	}
	return text
}

// Unwrap gives EACCES, which a script sees as the error's code.
func (d *Denied) Unwrap() error { return syscall.EACCES }

// RuleError is what [Policy.Compile] returns for a rule that it cannot understand.
type RuleError struct {
	// Door is the field of [Policy], in lower case, and so the end of the flag's name.
	Door string
	// Rule is the rule as it was given.
	Rule string
	// Problem says what is wrong and what to write instead.
	Problem string
}

// Error is the door, the rule, the problem and its remedy on one line.
func (e *RuleError) Error() string {
	return fmt.Sprintf("%s rule %q: %s", e.Door, e.Rule, e.Problem)
}

// quote makes a rule fit to be pasted into a shell, and shows what cannot be printed: paths come
// from scripts, and must not write to a terminal as they like.
func quote(rule string) string {
	if rule != "" && !strings.ContainsAny(rule, " \"'\\$`;&|<>()#!?{}") && !strings.ContainsFunc(rule, unprintable) {
		return rule
	}
	return shellWord(rule)
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }

// shellWord quotes text so that a shell takes it for one word, whatever is in it. Text with what
// cannot be printed has the form $'...', which most shells know.
func shellWord(text string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./:,@%+=", r)
	}
	switch {
	case strings.ContainsFunc(text, unprintable):
		return ansiWord(text)
	case text == "" || strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }):
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return text
}

func ansiWord(text string) string {
	var b strings.Builder
	b.WriteString("$'")
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\'' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + "'"
}
