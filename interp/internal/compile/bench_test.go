package compile

import (
	"fmt"
	"os"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"wirelua/interp/syntax"
)

// ordinary returns about size bytes of what people write: programs of this project's,
// each a function.
func ordinary(b *testing.B, size int) string {
	files, err := os.ReadDir("../../testdata")
	if err != nil {
		b.Fatal(err)
	}
	var all, one strings.Builder
	for _, f := range files {
		if data, err := os.ReadFile("../../testdata/" + f.Name()); err == nil && strings.HasSuffix(f.Name(), ".lua") {
			if _, err := syntax.Parse("t", string(data)); err == nil && strings.Contains(f.Name(), "language") {
				one.WriteString("do local f = function(...)\n" + string(data) + "\nend end\n")
			}
		}
	}
	for all.Len() < size {
		all.WriteString(one.String())
	}
	return all.String()
}

// BenchmarkCompile is reading and compiling, beside gopher-lua's own front end.
func BenchmarkCompile(b *testing.B) {
	for _, size := range []int{22 << 10, 1 << 20} {
		source := ordinary(b, size)
		b.Run(fmt.Sprintf("%dK/ours", size>>10), func(b *testing.B) {
			b.SetBytes(int64(len(source)))
			b.ReportAllocs()
			for range b.N {
				chunk, err := syntax.Parse("t", source)
				if err == nil {
					_, err = Compile(chunk, Options{Concat: joining})
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("%dK/gopher-lua", size>>10), func(b *testing.B) {
			b.SetBytes(int64(len(source)))
			b.ReportAllocs()
			for range b.N {
				chunk, err := parse.Parse(strings.NewReader(source), "t")
				if err == nil {
					_, err = lua.Compile(chunk, "t")
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
