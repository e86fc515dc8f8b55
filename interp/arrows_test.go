package interp_test

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The packages of this module may import each other along these arrows only:
//
//	cmd, scripts/hosts → interp, interp/*, stdlib
//	stdlib → stdlib/* → stdlib/internal/* → interp, interp/file
//	interp/repl, interp/lint → interp/manual
//	interp/file, interp/manual, interp/repl, interp/lint, interp/interptest → interp → interp/policy, interp/chaos, interp/dump → interp/trace, interp/syntax
//	interp, interp/file → interp/internal/*; interp/internal/* → interp/syntax → interp/internal/number
//	interp/chaos → interp/policy, interp/internal/nearest
//	interp/repl, interp/lint → interp/hint
//
// where "a → b → c" lets a import c as well. A module of Lua's (stdlib/x) never
// imports another: what two of them share is in stdlib/internal. External test
// packages are users of the interpreter like the command, and what they import
// binds nobody.
//
// The test reads the files itself. One that asked go list would pass from the
// test cache after somebody had added an import.

// module is the module's path in go.mod.
const module = "wirelua"

// A file is a Go file of this module.
type file struct {
	name    string // its path from the module's root, with slashes
	pkg     string // its folder: "interp/policy", "cmd/wirelua"
	test    bool   // its name ends in _test.go
	outside bool   // it belongs to an external test package
	ast     *ast.File
	set     *token.FileSet
}

// at says where in the file something is.
func (f *file) at(p token.Pos) string {
	return fmt.Sprintf("%s:%d", f.name, f.set.Position(p).Line)
}

func TestArrows(t *testing.T) {
	for _, f := range moduleFiles(t) {
		for _, spec := range f.ast.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			var reason string
			if own, ok := strings.CutPrefix(imported, module+"/"); ok {
				reason = badArrow(f, own)
			} else {
				reason = badImport(f, imported)
			}
			if reason != "" {
				t.Errorf("%s: %s must not import %s: %s", f.at(spec.Pos()), f.pkg, imported, reason)
			}
		}
	}
}

// badArrow says why f must not import a package of this module, or "".
func badArrow(f *file, to string) string {
	from := f.pkg
	user := program(from) || under(from, "scripts") && f.test || f.outside
	switch {
	case under(to, "cmd"):
		return "nothing imports a command"
	case user && (under(to, "interp") || to == "stdlib"):
		return ""
	case f.outside && from == to:
		return "" // its own package, as everybody else sees it
	}
	if from == "stdlib/internal/addr" {
		return "addresses are plain values: they know no interpreter, and nothing else of ours"
	}
	if from == "stdlib/internal/sys" && under(to, "stdlib") && to != "stdlib/internal/addr" {
		return "sys is descriptors only: what resolves names and reads arguments is built on it"
	}
	leaf := to == "interp/policy" || to == "interp/syntax" || to == "interp/chaos" || to == "interp/dump" || under(to, "interp/trace")
	switch {
	case from == "interp/hint":
		return "hints are about texts: they know nothing else of ours"
	case under(from, "interp/policy"):
		return "policy knows nothing of interpreters: it is a value that other programs can use"
	case under(from, "interp/trace"):
		if !under(to, "interp/trace") {
			return "trace only describes events, whoever causes them"
		}
	case under(from, "interp/chaos"):
		if to != "interp/policy" && to != "interp/internal/nearest" {
			return "chaos says what is to be disturbed, whoever does it: it knows rules, and no interpreter"
		}
	case from == "interp/dump":
		if to != "interp/trace" {
			return "a dump is a value: it knows nothing of what it is made of"
		}
	case under(from, "interp/syntax"):
		if to != "interp/internal/number" {
			return "syntax reads Lua for any tool: it knows nothing of what runs it"
		}
	case from == "interp/internal/number" || from == "interp/internal/pattern":
		return "numbers and patterns are text: they know nothing else of ours"
	case from == "interp":
		if !leaf && !under(to, "interp/internal") {
			return "interp imports its leaves and interp/internal alone: it knows no module by name, and its tools are built on it"
		}
	case under(from, "interp/internal"):
		if to != "interp/syntax" && !under(to, "interp/internal") {
			return "what interp is made of stands below it: interp/syntax only"
		}
	case from == "interp/file":
		if to != "interp" && to != "interp/internal/osfile" && !leaf {
			return "file objects are built on interp, and know no module"
		}
	case (from == "interp/repl" || from == "interp/lint") && to == "interp/manual":
	case under(from, "interp"):
		if to != "interp" && !leaf && ((from != "interp/repl" && from != "interp/lint") || to != "interp/hint") {
			return "what is built on interp imports that, and no sibling or module"
		}
	case under(from, "stdlib/internal"):
		if to != "interp" && to != "interp/file" && !leaf && !under(to, "stdlib/internal") {
			return "what modules share stands below them: interp, interp/file, interp/policy and interp/trace only"
		}
	case isModule(from):
		if isModule(to) {
			return "no module of Lua's imports another: what they share belongs to stdlib/internal"
		}
		if to != "interp" && to != "interp/file" && !leaf && !under(to, "stdlib/internal") {
			return "a module imports stdlib/internal, interp, interp/file, interp/policy and interp/trace"
		}
	case from == "stdlib":
		if !isModule(to) && to != "interp" {
			return "stdlib is the table of modules, and nothing else"
		}
	case user:
		if !under(from, "cmd") || to != "scripts" { // which the command brings along
			return "users of the interpreter import interp, interp/* and stdlib"
		}
	default:
		return "DESIGN section 1 names no such package"
	}
	return ""
}

// badImport says why f must not import a package from elsewhere, or "". It is
// about what would let a script's doings escape from its interpreter.
func badImport(f *file, to string) string {
	switch {
	case to == "C":
		return "wirelua is one static binary for every platform, built with Go alone"
	case f.test:
		return ""
	case to == "testing" && !under(f.pkg, "interp/interptest"):
		return "testing adds its flags to every program; only interp/interptest is for tests"
	case to == "os/exec" && (f.pkg == "interp" || f.pkg == "interp/file" || f.pkg == "stdlib/internal/child"):
		return "the engine starts no programs; stdlib/internal/child does, by a call that leaves descriptors as they are"
	case (to == "log" || to == "log/slog") && !under(f.pkg, "scripts/hosts"):
		return "a library does not write to the process's standard error; an interpreter has its own"
	case (to == "flag" || under(to, "github.com/spf13/pflag")) && !program(f.pkg):
		return "flags belong to the command; a library takes a Config"
	case to == "github.com/mdlayher/socket" && f.pkg != "stdlib/internal/sys":
		return "every socket call goes through stdlib/internal/sys, where the policy is asked and the event reported"
	case to == "github.com/yuin/gopher-lua" && (f.pkg == "interp/internal/number" || f.pkg == "interp/internal/pattern"):
		return "numbers and patterns are text: the engine makes Lua's values of them"
	case to == "github.com/yuin/gopher-lua" && (f.pkg == "stdlib/internal/sys" || f.pkg == "stdlib/internal/addr"):
		return "descriptors and addresses know nothing of Lua's values: stdlib/internal/lookup reads and makes those"
	case to == "unsafe" && f.pkg == "interp" && f.name != "interp/work.go":
		return "what is known of gopher-lua's insides is interp/internal/glua's; strings of bytes are made by stringOf in work.go"
	case to == "expvar" || to == "net/http/pprof":
		return "it registers itself with the process's web server"
	}
	return ""
}

// program reports whether a folder is a program: the command, or an example of a host.
func program(pkg string) bool { return under(pkg, "cmd") || under(pkg, "scripts/hosts") }

// isModule reports whether a folder is a module of Lua's, or is inside one.
func isModule(pkg string) bool {
	return under(pkg, "stdlib") && pkg != "stdlib" && !under(pkg, "stdlib/internal")
}

// under reports whether a path is dir, or below it.
func under(p, dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }

// TestNoInit holds "no init() registration": importing a package must change
// nothing, since several interpreters share all that is in it.
func TestNoInit(t *testing.T) {
	for _, f := range moduleFiles(t) {
		if f.test {
			continue
		}
		for _, decl := range f.ast.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: func init: modules are listed in stdlib/stdlib.go, and state belongs to an interpreter", f.at(fn.Pos()))
			}
		}
	}
}

// TestNoExit holds that a script never ends its host: os.Exit and its kin are
// for the main functions of programs only.
func TestNoExit(t *testing.T) {
	for _, f := range moduleFiles(t) {
		if f.test {
			continue
		}
		for _, decl := range f.ast.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && f.ast.Name.Name == "main" && program(f.pkg) && fn.Name.Name == "main" {
				continue
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && ends(sel) {
					t.Errorf("%s: %s.%s: only main() of a command ends the process, where nothing is left to clean up",
						f.at(sel.Pos()), sel.X, sel.Sel)
				}
				return true
			})
		}
	}
}

// TestModulesMeetBelow holds that no module of Lua's finds another at run time, which no import would show.
func TestModulesMeetBelow(t *testing.T) {
	for _, f := range moduleFiles(t) {
		if f.test || !under(f.pkg, "stdlib") || f.pkg == "stdlib" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Modules" {
				t.Errorf("%s: %s.Modules: no module finds another by its name: what they share belongs to stdlib/internal", f.at(n.Pos()), sel.X)
			}
			return true
		})
	}
}

// TestOneGrammar holds that arguments are read by interp.State, whose errors have one grammar: who could
// get hold of a state of gopher-lua's would have its Check and Opt functions, too.
func TestOneGrammar(t *testing.T) {
	for _, f := range moduleFiles(t) {
		if f.test || !under(f.pkg, "stdlib") && !under(f.pkg, "cmd") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && leaksState(sel) {
				t.Errorf("%s: %s.%s: modules have interp.State, which wraps what they may use of gopher-lua's", f.at(n.Pos()), sel.X, sel.Sel.Name)
			}
			return true
		})
	}
	for text, want := range map[string]bool{"lua.LState": true, "lua.LGFunction": true, "lua.NewState": true, "lua.OpenBase": true,
		"lua.LTable": false, "interp.State": false, "s.NewState": false} {
		expr, err := parser.ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := leaksState(expr.(*ast.SelectorExpr)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// leaksState reports whether sel names what of gopher-lua's is, makes or is given a state.
func leaksState(sel *ast.SelectorExpr) bool {
	pkg, ok := sel.X.(*ast.Ident)
	if !ok || pkg.Name != "lua" || pkg.Obj != nil {
		return false
	}
	name := sel.Sel.Name
	return name == "LState" || name == "LGFunction" || name == "NewState" || strings.HasPrefix(name, "Open")
}

// TestFunnel holds that bytes come and go in one place, and that the observer is told in one: what moves bytes
// is called in stdlib/internal/sys/bytes*.go alone, by FD.in and FD.out, and what tells the observer in funnel.go.
func TestFunnel(t *testing.T) {
	tells := 0
	for _, f := range moduleFiles(t) {
		if f.test || !under(f.pkg, "stdlib") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Observe" {
				if tells++; f.name != "stdlib/internal/sys/funnel.go" {
					t.Errorf("%s: %s.Observe: operations go through the funnel (sys.Net.run), which tells the observer", f.at(n.Pos()), sel.X)
				}
			}
			if sel, ok := n.(*ast.SelectorExpr); ok && moves(sel) && !strings.HasPrefix(f.name, "stdlib/internal/sys/bytes") {
				t.Errorf("%s: %s.%s: bytes come and go by sys.FD.in and out only", f.at(n.Pos()), sel.X, sel.Sel.Name)
			}
			if call, ok := n.(*ast.CallExpr); ok && f.pkg == "stdlib/internal/sys" {
				if fn, ok := call.Fun.(*ast.Ident); ok && movers[fn.Name] && !strings.HasPrefix(f.name, "stdlib/internal/sys/bytes") {
					t.Errorf("%s: %s: bytes come and go by in and out only", f.at(n.Pos()), fn.Name)
				}
			}
			return true
		})
	}
	if tells != 1 {
		t.Errorf("the observer is told at %d places, want 1", tells)
	}
}

// movers are sys's own functions that move bytes.
var movers = map[string]bool{"send": true, "sendPlain": true, "recvPlain": true, "move": true, "sendmsg": true, "sendmsgPieces": true, "sendNow": true, "sendfile": true, "splice": true,
	"recvfromUnix": true, "recvmsgUnix": true, "readNow": true, "writeNow": true, "readLooking": true, "writeLooking": true}

// moves reports whether sel names a system call that moves the bytes of a descriptor. Pread is not
// among them: it is for regular files.
func moves(sel *ast.SelectorExpr) bool {
	pkg, ok := sel.X.(*ast.Ident)
	if !ok || pkg.Obj != nil || pkg.Name != "unix" && pkg.Name != "syscall" {
		return false
	}
	for _, call := range []string{"Read", "Readv", "Preadv", "Write", "Writev", "Pwritev", "Recv", "Send", "Splice", "Tee", "Vmsplice", "SYS_RECV", "SYS_SEND", "SYS_READ", "SYS_WRITE"} {
		if rest, ok := strings.CutPrefix(sel.Sel.Name, call); ok && (rest == "" || !strings.HasPrefix(rest, "link") && rest != "dirent" && rest != "Dirent") {
			return true
		}
	}
	return false
}

// TestFunnelRules tries moves.
func TestFunnelRules(t *testing.T) {
	for text, want := range map[string]bool{"unix.Read": true, "unix.Recvfrom": true, "unix.SendmsgN": true, "syscall.SendmsgN": true,
		"unix.Sendfile": true, "unix.Splice": true, "unix.Preadv2": true, "unix.SYS_RECVMSG": true, "syscall.Write": true,
		"unix.Pread": false, "unix.Readlink": false, "unix.Listen": false, "f.Read": false, "unix.ReadDirent": false} {
		expr, err := parser.ParseExpr(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := moves(expr.(*ast.SelectorExpr)); got != want {
			t.Errorf("%s moves bytes: %v, want %v", text, got, want)
		}
	}
}

// ends reports whether sel names a function that ends the process.
func ends(sel *ast.SelectorExpr) bool {
	pkg, ok := sel.X.(*ast.Ident)
	if !ok || pkg.Obj != nil { // a variable of that name
		return false
	}
	switch pkg.Name + "." + sel.Sel.Name {
	case "os.Exit", "syscall.Exit", "unix.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln":
		return true
	}
	return false
}

// moduleFiles parses all Go files of the module.
func moduleFiles(t *testing.T) []*file {
	t.Helper()
	root := ".." // go test runs in the package's folder
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	var files []*file
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if p != root && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		f := &file{name: filepath.ToSlash(rel), set: token.NewFileSet()}
		f.pkg = path.Dir(f.name)
		f.test = strings.HasSuffix(name, "_test.go")
		if f.ast, err = parser.ParseFile(f.set, p, nil, parser.ParseComments); err != nil {
			return err
		}
		if generator(f.ast) {
			return nil
		}
		f.outside = f.test && strings.HasSuffix(f.ast.Name.Name, "_test")
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no Go files found")
	}
	return files
}

// generator reports whether a file is a program of its own that go run starts:
// one that is built only when somebody sets the tag "ignore".
func generator(f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if !constraint.IsGoBuild(c.Text) || c.Pos() > f.Package {
				continue
			}
			expr, err := constraint.Parse(c.Text)
			if err == nil && !expr.Eval(func(tag string) bool { return tag != "ignore" }) {
				return expr.Eval(func(string) bool { return true })
			}
		}
	}
	return false
}

// TestArrowRules tries the rules themselves: a test that forbids nothing passes, too.
func TestArrowRules(t *testing.T) {
	plain := func(pkg string) *file { return &file{pkg: pkg} }
	outside := func(pkg string) *file { return &file{pkg: pkg, test: true, outside: true} }
	for _, c := range []struct {
		f    *file
		to   string
		good bool
	}{
		{plain("cmd/wirelua"), "interp", true},
		{plain("cmd/wirelua"), "interp/repl", true},
		{plain("cmd/wirelua"), "stdlib", true},
		{plain("cmd/wirelua"), "stdlib/socket", false},
		{plain("cmd/wirelua"), "stdlib/internal/sys", false},
		{plain("scripts/hosts/server"), "interp", true},
		{plain("scripts/hosts/server"), "stdlib", true},
		{plain("scripts/hosts/server"), "stdlib/socket", false},
		{plain("scripts/hosts/server"), "scripts", false},
		{plain("scripts"), "interp", false},
		{plain("stdlib"), "stdlib/socket", true},
		{plain("stdlib"), "stdlib/internal/sys", false},
		{plain("stdlib/socket"), "stdlib/internal/sys", true},
		{plain("stdlib/socket"), "interp/policy", true},
		{plain("stdlib/socket"), "stdlib/thread", false},
		{plain("stdlib/socket"), "stdlib", false},
		{plain("stdlib/socket"), "interp/interptest", false},
		{plain("stdlib/internal/sys"), "interp", true},
		{plain("stdlib/internal/sys"), "stdlib/internal/addr", true},
		{plain("stdlib/internal/sys"), "stdlib/internal/lookup", false},
		{plain("stdlib/internal/lookup"), "stdlib/internal/sys", true},
		{plain("stdlib/internal/addr"), "interp", false},
		{plain("stdlib/internal/addr"), "stdlib/internal/sys", false},
		{plain("stdlib/internal/sys"), "stdlib/socket", false},
		{plain("interp"), "interp/trace", true},
		{plain("interp"), "interp/trace/pcapng", true},
		{plain("interp"), "interp/syntax", true},
		{plain("interp"), "interp/internal/compile", true},
		{plain("interp"), "interp/repl", false},
		{plain("interp"), "interp/file", false},
		{plain("interp"), "interp/internal/osfile", true},
		{plain("interp/internal/osfile"), "interp", false},
		{plain("interp/file"), "interp", true},
		{plain("interp/file"), "interp/policy", true},
		{plain("interp/file"), "interp/internal/osfile", true},
		{plain("interp/file"), "interp/internal/compile", false},
		{plain("interp/file"), "interp/repl", false},
		{plain("interp/file"), "stdlib/internal/sys", false},
		{plain("interp/repl"), "interp/file", false},
		{plain("interp/interptest"), "interp/file", false},
		{plain("stdlib/io"), "interp/file", true},
		{plain("stdlib/io"), "stdlib/internal/child", true},
		{plain("stdlib/io"), "stdlib/os", false},
		{plain("stdlib/internal/child"), "interp/file", true},
		{plain("stdlib/internal/child"), "stdlib/process", false},
		{plain("interp/internal/compile"), "interp/syntax", true},
		{plain("interp/internal/compile"), "interp/internal/glua", true},
		{plain("interp/internal/compile"), "interp", false},
		{plain("interp/syntax"), "interp", false},
		{plain("interp/syntax"), "interp/trace", false},
		{plain("interp/syntax"), "interp/internal/number", true},
		{plain("interp/syntax"), "interp/internal/glua", false},
		{plain("interp/internal/number"), "interp/syntax", false},
		{plain("interp/internal/pattern"), "interp/internal/glua", false},
		{plain("interp/repl"), "interp/syntax", true},
		{plain("stdlib/socket"), "interp/syntax", true},
		{plain("interp"), "stdlib", false},
		{plain("interp"), "stdlib/internal/sys", false},
		{plain("interp/repl"), "interp", true},
		{plain("interp/repl"), "interp/hint", true},
		{plain("interp/file"), "interp/hint", false},
		{plain("interp/hint"), "interp", false},
		{plain("interp/repl"), "stdlib", false},
		{plain("interp/interptest"), "interp", true},
		{plain("interp/policy"), "interp", false},
		{plain("interp"), "interp/chaos", true},
		{plain("stdlib/internal/sys"), "interp/chaos", true},
		{plain("interp/chaos"), "interp/policy", true},
		{plain("interp/chaos"), "interp/internal/nearest", true},
		{plain("interp/chaos"), "interp", false},
		{plain("interp/chaos"), "interp/trace", false},
		{plain("interp/trace"), "interp/policy", false},
		{plain("interp/trace/pcapng"), "interp/trace", true},
		{plain("util"), "interp", false},
		{plain("interp"), "cmd/wirelua", false},
		{outside("interp"), "stdlib", true},
		{outside("interp"), "interp", true},
		{outside("stdlib/socket"), "interp/interptest", true},
		{outside("stdlib/socket"), "stdlib", true},
		{outside("stdlib/socket"), "stdlib/thread", false},
		{outside("stdlib/socket"), "cmd/wirelua", false},
		{&file{pkg: "scripts", test: true}, "interp", true},
		{&file{pkg: "scripts", test: true}, "stdlib", true},
	} {
		if reason := badArrow(c.f, c.to); (reason == "") != c.good {
			t.Errorf("%s (test %v) → %s: %q, want allowed=%v", c.f.pkg, c.f.test, c.to, reason, c.good)
		}
	}
	for _, c := range []struct {
		pkg, to string
		good    bool
	}{
		{"interp", "context", true},
		{"interp", "log", false},
		{"interp", "os/exec", false},
		{"interp/file", "os/exec", false},
		{"interp/interptest", "os/exec", true},
		{"stdlib/internal/child", "os/exec", false},
		{"stdlib/process", "os/exec", true},
		{"interp", "C", false},
		{"interp", "unsafe", false},
		{"interp/internal/glua", "unsafe", true},
		{"interp/internal/number", "github.com/yuin/gopher-lua", false},
		{"interp/internal/pattern", "github.com/yuin/gopher-lua", false},
		{"interp/interptest", "testing", true},
		{"stdlib/socket", "testing", false},
		{"stdlib/socket", "github.com/mdlayher/socket", false},
		{"stdlib/internal/sys", "github.com/mdlayher/socket", true},
		{"stdlib/internal/sys", "github.com/yuin/gopher-lua", false},
		{"stdlib/internal/lookup", "github.com/yuin/gopher-lua", true},
		{"cmd/wirelua", "github.com/spf13/pflag", true},
		{"stdlib", "github.com/spf13/pflag", false},
	} {
		if reason := badImport(plain(c.pkg), c.to); (reason == "") != c.good {
			t.Errorf("%s → %s: %q, want allowed=%v", c.pkg, c.to, reason, c.good)
		}
	}
}
