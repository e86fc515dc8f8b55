package json_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"wirelua/interp"
)

const program = `
import json, re, sys
def refuse(name): raise ValueError(name)
for line in sys.stdin:
    text = json.loads(line)
    try:
        v = json.loads(text, parse_constant=refuse, parse_int=float)
        # Half a character is U+FFFD to us.
        v = "ok " + re.sub("[\ud800-\udfff]", "\ufffd", json.dumps(v, sort_keys=True, allow_nan=False, ensure_ascii=False))
    except (ValueError, RecursionError) as e:
        v = "refused"
    print(json.dumps(v))
`

// texts are JSON and what is nearly so: hand-made rows and random damage to them.
func texts() []string {
	rows := []string{"", " ", "null", "true", "false", "nul", "True", "0", "-0", "-", "+1", "01", "1.", ".5", "1.5", "1e5", "1E+5", "1e", "1e+", "0x10",
		"1 2", "[]", "[ ]", "[1]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[", "]", "{}", "{ }", `{"a":1}`, `{"a":1,}`, `{,}`, `{"a"}`, `{"a":}`, `{:1}`, `{a:1}`,
		`{"a":1 "b":2}`, `{"a":1,"b":[2,{"c":null}]}`, `{"a":1,"a":2}`, `{1:2}`, `"`, `""`, `"a`, `'a'`, `"\"`, `"\u12"`, `"\u123g"`, `"\u0041"`, `"\U0041"`,
		`"\ud83d\ude00"`, `"\v"`, "\"\n\"", "\"\t\"", "\"\x7f\"", `"é"`, "[1]\n", "\n[1]", "[1]\x00", "//x\n1", "1//x", "/**/1", "[[[[1]]]]", "NaN", "Infinity", "-Infinity",
		"1e400", "-1e400", "123456789012345678901234567890", "1e-400", `[1,"a",null,true,{"x":[]}]`, "\u00a01", "\ufeff1", "1\u2028", "tru", "truee", "[true]x", `{"a":{"b":{"c":{}}}}`}
	r := rand.New(rand.NewPCG(3, 4))
	whole := rows
	const letters = `[]{}:,"0123456789eE+-. \/bfnrtu` + "\n"
	for range 2000 {
		b := []byte(whole[r.IntN(len(whole))])
		for range 1 + r.IntN(3) {
			at := r.IntN(len(b) + 1)
			if c := letters[r.IntN(len(letters))]; at == len(b) || r.IntN(2) == 0 {
				b = append(b[:at], append([]byte{c}, b[at:]...)...)
			} else if r.IntN(2) == 0 {
				b[at] = c
			} else {
				b = append(b[:at], b[at+1:]...)
			}
		}
		rows = append(rows, strings.ToValidUTF8(string(b), "?"))
	}
	return rows
}

func newInterp(t testing.TB) *interp.Interpreter {
	in, err := interp.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	const again = `
		function again(text)
			local v = json.decode(text)
			local out = json.encode(v)
			assert(json.encode(json.decode(out)) == out)
			assert(json.encode(json.decode(json.encode(v, {indent = 2}))) == out)
			return out
		end`
	if err := in.RunString(context.Background(), "again", again); err != nil {
		t.Fatal(err)
	}
	return in
}

// TestPython has Python decode the same texts: both take or refuse each, and
// what we write of it is, to Python, what it reads.
func TestPython(t *testing.T) {
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	in := newInterp(t)
	var asked []string // each text, and what we made of it when we took it
	var input bytes.Buffer
	for _, text := range texts() {
		for _, ask := range []string{text, ours(in, text)} {
			asked = append(asked, ask)
			line, _ := json.Marshal(ask)
			input.Write(append(line, '\n'))
		}
	}
	cmd := exec.Command(path, "-c", program)
	cmd.Stdin = &input
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(strings.TrimSpace(string(out)), "\n")
	taken := 0
	for i := 0; i < len(asked); i += 2 {
		if theirs, again := answers[i], answers[i+1]; theirs != again {
			t.Errorf("%q: we make it %q; Python reads the one as %s, the other as %s", asked[i], asked[i+1], theirs, again)
		} else if again != `"refused"` {
			taken++
		}
	}
	t.Logf("%d texts, %d of them JSON", len(asked)/2, taken)
}

// ours returns what we make of a text, decoded and encoded again.
func ours(in *interp.Interpreter, text string) string {
	out, err := in.Call(context.Background(), "again", text)
	if err != nil {
		return "refused: " + err.Error()
	}
	return out[0].(string)
}

// FuzzDecode feeds the decoder any text: what it takes encodes, and decodes to
// the same again.
func FuzzDecode(f *testing.F) {
	for _, text := range texts()[:80] {
		f.Add(text)
	}
	in := newInterp(f)
	f.Fuzz(func(t *testing.T, text string) {
		_, err := in.Call(context.Background(), "again", text)
		if err != nil && !strings.Contains(err.Error(), "invalid JSON") {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
