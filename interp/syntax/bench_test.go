package syntax

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/gopher-lua/parse"
)

// ordinary returns at most size bytes of ordinary code, and nearly as many: this
// repository's scripts, as many as there is room for, each in a block of its own.
func ordinary(b *testing.B, size int) string {
	files := luaFiles(b, false)
	var out strings.Builder
	for before := -1; out.Len() > before; {
		before = out.Len()
		for _, path := range slices.Sorted(maps.Keys(files)) {
			source := "do " + files[path] + "\nend\n"
			_, err := parse.Parse(strings.NewReader(source), path)
			if err == nil && complaint(source) == "ok" && out.Len()+len(source) <= size {
				out.WriteString(source)
			}
		}
	}
	return out.String()
}

// The parser beside gopher-lua's.
func BenchmarkParse(b *testing.B) {
	for _, size := range []int{1 << 10, 22 << 10, 1 << 20} {
		source := ordinary(b, size)
		for _, parser := range []struct {
			name  string
			parse func() error
		}{
			{"syntax", func() error { _, err := Parse("t", source); return err }},
			{"gopher-lua", func() error { _, err := parse.Parse(strings.NewReader(source), "t"); return err }},
		} {
			b.Run(fmt.Sprintf("%dK/%s", size>>10, parser.name), func(b *testing.B) {
				b.SetBytes(int64(len(source)))
				b.ReportAllocs()
				for b.Loop() {
					if err := parser.parse(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
