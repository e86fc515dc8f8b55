package syntax

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"io/fs"
	"maps"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var mutants = flag.Int("mutants", 3000, "how many broken programs to compare with Lua 5.1's parser, and with LuaJIT's")

// luaFiles returns the Lua files of this repository and, with gopher, of gopher-lua's
// own tests, by name.
func luaFiles(t testing.TB, gopher bool) map[string]string {
	dirs := []string{"../.."}
	if gopher {
		dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/gopher-lua").Output()
		if err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, strings.TrimSpace(string(dir)))
	}
	files := map[string]string{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".lua" {
				return err
			}
			data, err := os.ReadFile(path)
			files[path] = string(data)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 50 {
		t.Fatalf("only %d Lua files", len(files))
	}
	return files
}

// snippets returns pieces of ordinary programs: statements of at most 400 bytes.
func snippets(t testing.TB) []string {
	var out []string
	files := luaFiles(t, false)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		source := files[path]
		chunk, err := Parse("t", source, SkipFirstLine())
		if err != nil {
			continue // files of pieces, some of them broken
		}
		Walk(chunk, func(n Node) bool {
			if s, ok := n.(Stmt); ok && s.End().Offset-s.Pos().Offset <= 400 {
				out = append(out, source[s.Pos().Offset:s.End().Offset])
			}
			return true
		})
	}
	return out
}

// tokensOf returns the tokens of a source that has no errors, each with what is
// before it.
func tokensOf(source string) []string {
	s := scanner{name: "t", src: source, line: 1}
	var out []string
	for last := 0; ; last = s.off {
		var t token
		if s.scan(&t); t.kind == tEOF {
			return out
		}
		out = append(out, source[last:s.off])
	}
}

var strays = strings.Fields("and break do else elseif end false for function if in local nil not or repeat return then true " +
	"until while x f 1 0x 1e 3..2 \"s\" \"s 's [[ ]] [=[ [= --[[ -- + - * / % ^ # == ~= <= >= < > = ( ) { } [ ] ; : , . .. ... ~ ! @")

// mutate changes one to three tokens, by strays among other things.
func mutate(r *rand.Rand, strays, tokens []string) string {
	tokens = append([]string(nil), tokens...)
	for range 1 + r.Intn(3) {
		if len(tokens) < 2 {
			break
		}
		i, j := r.Intn(len(tokens)), r.Intn(len(tokens))
		stray := []string{" ", "\n"}[r.Intn(2)] + strays[r.Intn(len(strays))] + []string{" ", "\n", ""}[r.Intn(3)]
		switch r.Intn(7) {
		case 0:
			tokens = append(tokens[:i:i], tokens[i+1:]...)
		case 1:
			tokens[i], tokens[j] = tokens[j], tokens[i]
		case 2:
			tokens[i] = stray
		case 3:
			tokens[i] += stray
		case 4:
			tokens = tokens[:i+1]
		case 5:
			tokens[i] += tokens[j]
		case 6:
			tokens[i] = "\n" + tokens[i]
		}
	}
	return strings.Join(tokens, "")
}

// beyond is what Lua 5.1 takes differently on purpose: see testdata/broken.txt.
var beyond = regexp.MustCompile(`goto|::|\\[xzu]|0[xX]\w*\.|0[xX][0-9a-fA-F]*[pP]|\[\[|[^\x00-\x7f]`)

// Programs broken at random are refused, or not, in Lua 5.1's words.
func TestMutantsAsLua(t *testing.T) {
	compareMutants(t, "lua5.1", strays, func(source string) bool { return !beyond.MatchString(source) }, nil)
}

// same are the differences of LuaJIT that are none of goto's: numbers, the first line,
// where it looks for loops and labels, and how it writes the end.
var same = regexp.MustCompile(`^#|\d[\w.]*[.\w]|\bbreak\b|[^\x00-\x7f]`)

var labelErrors = regexp.MustCompile(`undefined label|jumps into the scope|duplicate label`)

// Programs with goto and labels, broken at random, are refused, or not, in LuaJIT's words.
func TestGotoMutantsAsLuaJIT(t *testing.T) {
	more := append(strings.Fields("goto goto goto goto goto goto :: :: :: :: ::a:: ::f:: ::x::"), strays...)
	compareMutants(t, "luajit", more, func(source string) bool {
		return (strings.Contains(source, "goto") || strings.Contains(source, "::")) && !same.MatchString(source)
	}, func(answer string) string {
		if labelErrors.MatchString(answer) {
			return ""
		}
		return strings.Replace(answer, "near <eof>", "near '<eof>'", 1)
	})
}

// compareMutants compares what program and we say of mutants with strays in them, of
// those that suit. fix makes our words of program's, or "" if there is nothing to compare.
func compareMutants(t *testing.T, program string, strays []string, suits func(string) bool, fix func(string) string) {
	seed := int64(1)
	if *mutants != 3000 {
		seed = rand.Int63()
	}
	r := rand.New(rand.NewSource(seed))
	pieces := snippets(t)
	var sources []string
	for len(sources) < *mutants {
		if source := mutate(r, strays, tokensOf(pieces[r.Intn(len(pieces))])); suits(source) {
			sources = append(sources, source)
		}
	}
	answers := askLua(t, program, sources)
	for i, answer := range answers {
		if fix != nil {
			answers[i] = fix(answer)
		}
	}
	if *update {
		recordMutants(t, program, sources[:1000], answers)
	}
	t.Logf("seed %d", seed)
	checkMutants(t, sources, answers)
}

// checkMutants compares what we say of sources with answers, of which "" is none.
func checkMutants(t *testing.T, sources, answers []string) {
	refused, wrong := 0, 0
	for i, want := range answers {
		if want != "ok" {
			refused++
		}
		if got := complaint(sources[i]); want != "" && got != want && wrong < 10 {
			wrong++
			t.Errorf("%q\n got %q\nwant %q", sources[i], got, want)
		}
	}
	t.Logf("%d of %d refused", refused, len(sources))
	if refused < len(sources)/2 || refused == len(sources) {
		t.Error("too few or too many are broken")
	}
}

// A thousand mutants, and what was said of them, are recorded for where the other Luas
// are not installed: they are made of this repository's files, and so others each time.
func TestMutantsRecorded(t *testing.T) {
	for _, program := range []string{"lua5.1", "luajit"} {
		t.Run(program, func(t *testing.T) {
			f, err := os.Open(mutantFile(program))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			z, err := gzip.NewReader(f)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			var both [2][]string
			for i, s := range strings.Split(string(text), "\x00") {
				both[i%2] = append(both[i%2], s)
			}
			if len(both[0]) != 1000 || len(both[1]) != 1000 {
				t.Fatalf("%d sources and %d answers", len(both[0]), len(both[1]))
			}
			checkMutants(t, both[0], both[1])
		})
	}
}

func mutantFile(program string) string { return "testdata/mutants-" + program + ".gz" }

func recordMutants(t *testing.T, program string, sources, answers []string) {
	var both []string
	for i, s := range sources {
		both = append(both, s, answers[i])
	}
	var data bytes.Buffer
	z := gzip.NewWriter(&data)
	io.WriteString(z, strings.Join(both, "\x00"))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mutantFile(program), data.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
