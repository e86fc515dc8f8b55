package glua

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Kind is what an error of the VM's is about.
type Kind int

const (
	Other    Kind = iota // none of those below
	Index                // indexes what is no table
	Call                 // calls what is no function
	Negate               // "-" of what is no number
	Length               // "#" of what has none
	Operands             // arithmetic with what is no number
	Order                // "<" of values that have no order
	Loop                 // a loop with what is no number
)

// Mistake is an error of the VM's, read: its words name its own types, or nothing.
type Mistake struct {
	Kind   Kind
	Before string // what stands before it: "script.lua:3: "
	Type   string // of what is indexed; of both that are compared, "" if they differ
	What   string // is no number, in a loop: "initial value", "limit" or "step"
}

const (
	notTable    = "attempt to index a non-table object("
	notLoop     = "for statement "
	notNumber   = " must be a number"
	notOperands = "cannot perform "
	notOrdered  = "attempt to compare "
)

var plainMistakes = [...]struct {
	words string
	kind  Kind
}{
	{"attempt to call a non-function object", Call},
	{"__unm undefined", Negate},
	{"__len undefined", Length},
}

// ReadMistake reads what an error of the VM's says.
func ReadMistake(text string) Mistake {
	if before, rest, found := strings.Cut(text, notTable); found {
		typ, _, ok := strings.Cut(rest, ") with key ")
		if !ok {
			return Mistake{}
		}
		return Mistake{Kind: Index, Before: before, Type: typ}
	}
	for _, m := range plainMistakes {
		if before, found := strings.CutSuffix(text, m.words); found {
			return Mistake{Kind: m.kind, Before: before}
		}
	}
	if before, rest, found := strings.Cut(text, notLoop); found {
		if what, ok := strings.CutSuffix(rest, notNumber); ok {
			return Mistake{Kind: Loop, Before: before, What: strings.Replace(what, "init", "initial value", 1)}
		}
	}
	if before, _, _, ok := pair(text, " operation between ", " and "); ok {
		if at := lastIndex(before, notOperands, longestWord); at >= 0 && word(before[at+len(notOperands):]) {
			return Mistake{Kind: Operands, Before: before[:at]}
		}
	}
	if before, left, right, ok := pair(text, notOrdered, " with "); ok {
		order := Mistake{Kind: Order, Before: before}
		if left == right {
			order.Type = left
		}
		return order
	}
	return Mistake{}
}

// pair reads the two words that text ends with, which between stands between, and about before them.
func pair(text, about, between string) (before, left, right string, ok bool) {
	at := lastIndex(text, about, len(between)+2*longestWord)
	if at < 0 {
		return "", "", "", false
	}
	left, right, ok = strings.Cut(text[at+len(about):], between)
	return text[:at], left, right, ok && word(left) && word(right)
}

// longestWord is more than the VM's operations and types have, such as "userdata".
const longestWord = 16

// lastIndex is strings.LastIndex for what at most after bytes follow: a script's own text may have 256 MB.
func lastIndex(text, what string, after int) int {
	from := max(0, len(text)-len(what)-after)
	at := strings.LastIndex(text[from:], what)
	if at < 0 {
		return -1
	}
	return from + at
}

// word reports whether text is a single word.
func word(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r > 'z' || r < 'a' })
}

// IsOverflow reports whether the text of a panic says that there are too many calls in each
// other: that is the VM's way.
func IsOverflow(text string) bool { return strings.Contains(text, "callstack overflow") }

// IsFault reports whether an error that a coroutine has ended with is a panic of Go's, of
// which gopher-lua makes an error like any other, with Go's words.
func IsFault(v lua.LValue) bool {
	text, _ := v.(lua.LString)
	return strings.HasPrefix(string(text), "runtime error: ") || strings.HasPrefix(string(text), "interface conversion: ")
}
