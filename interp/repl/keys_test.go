package repl

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// pieces is a reader that gives no more than n bytes at a time.
type pieces struct {
	io.Reader
	n int
}

func (p pieces) Read(b []byte) (int, error) { return p.Reader.Read(b[:min(len(b), p.n)]) }

// Keys are the same in however many pieces their bytes come.
func TestKeys(t *testing.T) {
	for typed, want := range map[string]string{
		"a漢\x7fb":                               "-1a漢 127 -1b",
		"\x1b[A\x1bOB\x1b[3~\x1b[1;5D":          "-3 -4 -9 -10",
		"\x1bb\x1b\x1b[C\x1b\x7f":               "-10 -2 -6 -13",
		"\x1b[Z\x1b[12;3~\x1bxy":                "-2 -2 -2 -1y",
		"\xffx\r\x01\n\n":                       "-1\ufffdx 13 1 10 10",
		"\x1b[200~a\tb\x1b[A\r\nc\nd\x1b[201~e": "-1a\tb[A 13 -1c 13 -1de",
		"\x1b[200~\x1b[201~\x03":                "3",
		"\x1b[1\x03":                            "-2 3",
	} {
		for n := 1; n <= len(typed); n++ {
			k := keyboard{in: newInput(pieces{strings.NewReader(typed), n}, true)}
			var got strings.Builder
			for last := rune(0); ; {
				next, err := k.next()
				if err != nil {
					break
				}
				if next.code != keyText || last != keyText {
					fmt.Fprint(&got, " ", next.code)
				}
				got.WriteString(next.text)
				last = next.code
			}
			if got.String() != " "+want {
				t.Errorf("%q, %d at a time: %q, not %q", typed, n, got.String(), want)
			}
		}
	}
}
