package repl

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Prompts that run at the same time keep all that is typed at any, also while one makes the file smaller.
func TestHistoryTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "history")
	var wg sync.WaitGroup
	const prompts, each = 4, 600
	for i := range prompts {
		wg.Go(func() {
			h := openHistory(path)
			for n := range each {
				h.add(fmt.Sprintf("prompt %d\npiece %d \\n", i, n))
			}
		})
	}
	wg.Wait()
	h := openHistory(path)
	last := make([]int, prompts) // the latest are there, each prompt's in their order
	for _, piece := range h.pieces {
		var i, n int
		if _, err := fmt.Sscanf(piece, "prompt %d\npiece %d \\n", &i, &n); err != nil {
			t.Fatalf("%q: %v", piece, err)
		}
		if last[i] != 0 && n != last[i]+1 {
			t.Fatalf("prompt %d: piece %d after %d", i, n, last[i])
		}
		last[i] = n
	}
	if len(h.pieces) != maxPieces || slices.Max(last) != each-1 {
		t.Errorf("%d pieces; the last are %v", len(h.pieces), last)
	}
}

func TestHistoryBounds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	h := openHistory(path)
	for n := range 60 {
		h.add(strings.Repeat("x", 20<<10) + fmt.Sprint(n))
	}
	h.add(strings.Repeat("huge", maxHistory))
	h.add("last")
	h.add("last")
	h.add("  \n ")
	if info, err := os.Stat(path); err != nil || info.Size() > 2*maxHistory || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	again := openHistory(path).pieces
	if n := len(again); n < 10 || again[n-1] != "last" || !strings.HasSuffix(again[n-2], "x59") {
		t.Errorf("%d pieces", n)
	}
}

func TestHistoryElsewhere(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{"", "/dev/null", dir, "/proc/none/history"} {
		h := openHistory(path)
		h.add("kept while it runs")
		if len(h.pieces) != 1 || h.find("while", 1, "") != 0 || h.find("while", 0, "") != -1 {
			t.Errorf("%s: %q", path, h.pieces)
		}
	}
	path := filepath.Join(dir, "broken")
	if err := os.WriteFile(path, []byte("\xff\\\\n\\n\nno end"), 0o600); err != nil {
		t.Fatal(err)
	}
	if h := openHistory(path); !slices.Equal(h.pieces, []string{"\ufffd\\n\n", "no end"}) {
		t.Errorf("%q", h.pieces)
	}
}
