package trace_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wirelua/interp/trace"
)

// line returns what an observer writes of data that were received.
func line(make func(w *strings.Builder) trace.Observer, data string) string {
	var out strings.Builder
	make(&out).Observe(trace.Event{Time: time.Now(), Thread: "main", Where: "x.lua:1", Layer: "socket", Op: "recv",
		Socket: &trace.Socket{Number: 7, Local: "a", Peer: "b"}, Data: []byte(data), Waited: 1500 * time.Millisecond})
	_, rest, _ := strings.Cut(out.String(), " ")
	return rest
}

// Data are quoted so that Lua reads them back, and cut.
func TestText(t *testing.T) {
	text := func(w *strings.Builder) trace.Observer { return trace.Text(w) }
	const head = "main     x.lua:1 #7 recv    a <- b "
	for data, want := range map[string]string{
		"":                         `0 waited 1.5s ""`,
		"a\"\\\r\n\t\x00\x001\xff": `10 waited 1.5s "a\"\\\r\n\t\0\0001\255"`,
		strings.Repeat("x", 61):    `61 waited 1.5s "` + strings.Repeat("x", 60) + `"... (1 more)`,
	} {
		if got := line(text, data); got != head+want+"\n" {
			t.Errorf("%q: %s, want %s", data, got, head+want)
		}
	}
}

// A dump is hexdump -C's, with lines that repeat left out, and cut after 256 bytes.
func TestHex(t *testing.T) {
	hex := func(w *strings.Builder) trace.Observer { return trace.Hex(w) }
	const head = "main     x.lua:1 #7 recv    a <- b "
	zeros := strings.Repeat("00 ", 8)
	zero := zeros + " " + zeros + " |................|\n"
	for data, want := range map[string]string{
		"":                            "0 waited 1.5s\n",
		"hello":                       "5 waited 1.5s\n  00000000  68 65 6c 6c 6f                                    |hello|\n  00000005\n",
		strings.Repeat("\x00", 48):    "48 waited 1.5s\n  00000000  " + zero + "  *\n  00000030\n",
		strings.Repeat("\x00", 1<<10): "1024 waited 1.5s\n  00000000  " + zero + "  *\n  ... (768 more)\n",
	} {
		if got := line(hex, data); got != head+want {
			t.Errorf("%q:\n%s\nwant\n%s", data, got, head+want)
		}
	}
}

// full is a writer whose disk is full.
type full struct{ calls int }

func (f *full) Write([]byte) (int, error) { f.calls++; return 0, errors.New("full") }

// After a write that failed there is none any more: half a trace tells what was not so.
func TestWriteFails(t *testing.T) {
	for _, make := range []func(*full) trace.Observer{
		func(w *full) trace.Observer { return trace.Text(w) },
		func(w *full) trace.Observer { return trace.Hex(w) },
		func(w *full) trace.Observer { return trace.JSON(w) },
	} {
		var w full
		o := make(&w)
		for range 3 {
			o.Observe(trace.Event{Op: "close"})
		}
		if w.calls != 1 {
			t.Errorf("%d writes", w.calls)
		}
	}
}

// Interpreters that share an observer have sockets of the same numbers: their runs tell them apart.
func TestJSONRuns(t *testing.T) {
	var out strings.Builder
	o := trace.JSON(&out)
	var runs [3]trace.Run
	for _, r := range []*trace.Run{&runs[0], &runs[1], &runs[2], &runs[1], &runs[0]} {
		o.Observe(trace.Event{Op: "close", Layer: "socket", Socket: &trace.Socket{Run: r, Number: 1}})
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		_, run, _ := strings.Cut(line, `"run":`)
		got = append(got, run[:min(1, len(run))])
	}
	if strings.Join(got, ",") != ",1,2,1," {
		t.Errorf("runs are %q", got)
	}
}
