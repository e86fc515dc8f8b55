//go:build linux

package stdlib_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// The deny table (deny_doors_test.go) has a row for every function that a script can reach, as
// the fence is only as good as the one function that forgets to ask. A row says that the function
// touches nothing outside, or has a snippet that would, and the rules it needs.

// TestDenyTable: inside the fence each snippet is refused for want of the rules of its row, one
// after the other, touches nothing meanwhile, and is refused no more when it has them.
func TestDenyTable(t *testing.T) {
	d := newDeny(t)
	rows := parseRows(t, doorRows)
	names := reachable(t)
	for _, r := range rows {
		if _, ok := names[r.name]; !ok {
			t.Errorf("there is no function %s: take its row away", r.name)
		}
		delete(names, r.name)
		d.check(t, r)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		t.Errorf("%s has no row in the deny table: what can it touch?", name)
	}
}

// TestDenyHoles: the ways around a check that others have left open.
func TestDenyHoles(t *testing.T) {
	d := newDeny(t)
	for _, r := range parseRows(t, holeRows) {
		d.check(t, r)
	}
}

// denyRow is a row of a table: "name  {given} snippet  => outcome".
type denyRow struct {
	name, given, snippet string
	outcome              string   // "free" for functions that have no snippet
	rules                []string // needed, as flags, in the order they are asked for
}

var (
	rowForm  = regexp.MustCompile(`^(\S.*?)\s{2,}(?:\{(.*?)\} )?(\S.*?)\s+=> (.+)$`)
	freeForm = regexp.MustCompile(`^free \(.+\): (.+)$`)
	ruleForm = regexp.MustCompile(`not allowed: .+; needs (--allow-\w+=[^\s)]+)`)
)

func parseRows(t *testing.T, text string) (rows []denyRow) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if m := freeForm.FindStringSubmatch(line); m != nil {
			for name := range strings.FieldsSeq(m[1]) {
				rows = append(rows, denyRow{name: name, outcome: "free"})
			}
			continue
		}
		m := rowForm.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("no row: %s", line)
		}
		r := denyRow{name: m[1], given: m[2], snippet: m[3], outcome: "rules"}
		for word := range strings.FieldsSeq(m[4]) {
			if strings.HasPrefix(word, "--") {
				r.rules = append(r.rules, word)
			} else {
				r.outcome = word
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// reachable names every function that a script finds: "socket.bind", and the methods of objects,
// "socket:bind".
func reachable(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	known := []*interp.Type{}
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.Set("found", func(name string) { names[name] = true }); err != nil {
		t.Fatal(err)
	}
	for _, m := range stdlib.Modules() {
		if err := in.RunString(t.Context(), "open", fmt.Sprintf("require %q", m.Name)); err != nil {
			t.Fatal(err)
		}
		known = append(known, m.Types...)
		for _, f := range m.Funcs { // those of select no loop finds: it is a function itself
			names[m.Name+"."+f.Name] = true
		}
	}
	if err := in.RunString(t.Context(), "walk", `
local found, seen = found, {[package.loaded] = true}
_G.found = nil
local function walk(path, t)
  if seen[t] then return end
  seen[t] = true
  for k, v in pairs(t) do
    if type(v) == "function" then found(path .. k) elseif type(v) == "table" then walk(path .. k .. ".", v) end
  end
  if debug.getmetatable(t) then walk(path, debug.getmetatable(t)) end
end
for name, t in pairs(package.loaded) do if type(t) == "table" and t ~= _G then walk(name .. ".", t) end end
walk("", _G)`); err != nil {
		t.Fatal(err)
	}
	for _, typ := range known {
		owner := strings.ReplaceAll(typ.Name, " ", "_") + ":"
		for _, f := range typ.Methods {
			names[owner+f.Name] = true
		}
		for name := range typ.Meta {
			names[owner+name] = true
		}
	}
	declared(t, known)
	return names
}

// unlisted are the types that no module lists, with nothing in them that could need a row.
var unlisted = map[string]int{
	"channel": 1, // a Go channel of the host's
	"error":   1, // fields only
}

// declared fails the test for a type in the source that the table cannot know of.
func declared(t *testing.T, known []*interp.Type) {
	t.Helper()
	count := map[string]int{}
	note := func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok || !slices.Contains([]string{"interp.Type", "Type"}, types.ExprString(lit.Type)) {
			return true
		}
		for _, e := range lit.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok && fmt.Sprint(kv.Key) == "Name" {
				name, _ := strconv.Unquote(kv.Value.(*ast.BasicLit).Value)
				count[name]++
			}
		}
		return true
	}
	for _, root := range []string{".", "../interp"} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err == nil {
				ast.Inspect(f, note)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := maps.Clone(unlisted)
	for _, typ := range known {
		want[typ.Name]++
	}
	if !maps.Equal(count, want) {
		t.Errorf("types in the source: %v, known here: %v", count, want)
	}
}

// deny runs rows.
type deny struct {
	base string       // all that a row may touch of the file system
	made int          // outsides so far
	o    *outside     // as no snippet has touched it
	dns  atomic.Int32 // questions to a name server
	six  bool         // there is IPv6
}

func newDeny(t *testing.T) *deny {
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &deny{base: base}
	if l, err := net.Listen("tcp", "[::1]:0"); err == nil {
		d.six = true
		l.Close()
	}
	t.Setenv("TMPDIR", base)
	t.Setenv("WIRELUA_DENY", "secret")
	t.Setenv("SSLKEYLOGFILE", base+"/keys")
	old := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		d.dns.Add(1)
		return nil, errors.New("no name server")
	}}
	t.Cleanup(func() {
		net.DefaultResolver = old
		d.renew(t)
	})
	return d
}

func (d *deny) check(t *testing.T, r denyRow) {
	if r.snippet == "" {
		return
	}
	t.Run(r.name, func(t *testing.T) {
		if !d.six && (strings.Contains(r.snippet, "T6()") || strings.Contains(r.snippet, "U6()")) {
			t.Skip("there is no IPv6")
		}
		flags := strings.Fields(r.given)
		switch r.outcome {
		case "open", "free":
			d.run(t, r, trial{flags: flags, untouched: r.outcome == "free"})
			return
		case "own":
			d.run(t, r, trial{flags: flags, missing: "a descriptor", untouched: true})
			d.run(t, r, trial{all: true})
			return
		}
		for _, missing := range r.rules {
			d.run(t, r, trial{flags: flags, missing: missing, untouched: true})
			flags = append(flags, missing)
		}
		last := trial{flags: flags}
		if r.outcome == "shut" {
			last.missing, last.untouched = r.rules[len(r.rules)-1], true
		}
		d.run(t, r, last)
	})
}

// trial is one way to run a snippet.
type trial struct {
	flags     []string // the policy
	all       bool     // it allows all instead
	missing   string   // the rule for want of which the snippet is to be refused
	untouched bool     // nothing may happen outside
}

func (d *deny) run(t *testing.T, r denyRow, try trial) {
	t.Helper()
	if d.o == nil {
		d.made++
		d.o = newOutside(t, filepath.Join(d.base, strconv.Itoa(d.made)))
	}
	o, asked := d.o, d.dns.Load()
	defer func() {
		if !try.untouched || r.outcome == "shut" || t.Failed() {
			d.renew(t)
		}
	}()
	p := policy.All()
	if !try.all {
		p = o.policy(t, try.flags)
	}
	ending, text, value := d.execute(t, p, r.snippet)
	o.judge(t, r, try, ending, text, value)
	if !try.untouched {
		return
	}
	for _, what := range o.touched(t) {
		t.Errorf("%s with %v: touched %s", r.snippet, try.flags, what)
	}
	if after := o.files(t); r.outcome != "shut" && !maps.Equal(o.before, after) {
		t.Errorf("%s with %v: files were %v, are %v", r.snippet, try.flags, o.before, after)
	}
	if d.dns.Load() != asked {
		t.Errorf("%s with %v: asked a name server", r.snippet, try.flags)
	}
}

// execute runs a snippet, and returns what denyScript's function try does.
func (d *deny) execute(t *testing.T, p policy.Policy, snippet string) (ending, text string, value bool) {
	t.Helper()
	in, err := interp.New(interp.Config{Policy: p, Modules: stdlib.Modules(), Remedy: func(d *policy.Denied) string { return "needs " + d.Flag() }})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	asked := d.dns.Load()
	if err := in.Set("asked", func() bool { return d.dns.Load() > asked }); err != nil {
		t.Fatal(err)
	}
	if err := in.Set("H", hostedDrain); err != nil {
		t.Fatal(err)
	}
	for name, v := range d.o.vars {
		if err := in.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := in.RunFile(ctx, d.o.vars["dir"].(string)+"/sub/main.lua"); err != nil {
		t.Fatal(err)
	}
	out, err := in.Call(ctx, "try", snippet)
	if err != nil {
		t.Fatalf("%s: %v", snippet, err)
	}
	return out[0].(string), out[1].(string), out[2].(bool)
}

// judge compares how a snippet ended with what was missing.
func (o *outside) judge(t *testing.T, r denyRow, try trial, ending, text string, value bool) {
	t.Helper()
	rule, asExpected := ruleForm.FindStringSubmatch(text), false
	switch {
	case try.missing == "" && r.outcome == "rules", try.all:
		asExpected = ending == "done" || ending == "failed" // for another reason
	case try.missing == "":
		asExpected = ending == "done" && value
	case r.outcome == "quiet":
		asExpected = ending == "done" && !value
	case r.outcome == "own":
		asExpected = ending == "refused" && strings.Contains(text, "only descriptors it came by itself")
	default:
		asExpected = ending == "refused" && rule != nil && rule[1] == o.expand(try.missing)
	}
	if !asExpected {
		t.Errorf("%s\nwith %v: %s (%v): %s\nmissing: %q", r.snippet, try.flags, ending, value, text, o.expand(try.missing))
	}
}

// renew has the next run find an outside that nothing has touched.
func (d *deny) renew(t *testing.T) {
	if d.o != nil {
		d.o.close(t)
	}
	d.o = nil
}

// outside is what a snippet could touch.
type outside struct {
	vars    map[string]any    // what snippets call it; rules have a $ before
	before  map[string]string // files
	watched map[string]int    // sockets of the host's that must stay silent
	host    int               // the descriptor that a script could guess
	hostIno uint64
	open    *os.File
}

func newOutside(t *testing.T, dir string) *outside {
	t.Helper()
	name := fmt.Sprintf("wirelua_deny_%d", os.Getpid())
	o := &outside{watched: map[string]int{}, vars: map[string]any{
		"dir": dir, "file": dir + "/secret", "tmp": filepath.Dir(dir), "memory": name, "abstract": name,
		"path": dir + "/s", "dgram": dir + "/d",
	}}
	for path, text := range map[string]string{"secret": "secret", "code.lua": "return 1", "sub/main.lua": denyScript, "sub/mod.lua": "return 1"} {
		os.MkdirAll(filepath.Dir(dir+"/"+path), 0o700)
		if err := os.WriteFile(dir+"/"+path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{
		"sub/link": "../secret", "sub/link.lua": "../code.lua", "sub/up": "..", "sub/dangling": "../new", "link": "s", "true": "/bin/touch",
	} {
		if err := os.Symlink(to, dir+"/"+link); err != nil {
			t.Fatal(err)
		}
	}
	loopback := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	o.vars["port"] = o.watch(t, unix.SOCK_STREAM, loopback)
	o.vars["udp"] = o.watch(t, unix.SOCK_DGRAM, loopback)
	o.watch(t, unix.SOCK_STREAM, &unix.SockaddrUnix{Name: dir + "/s"})
	o.watch(t, unix.SOCK_STREAM, &unix.SockaddrUnix{Name: "@" + name})
	o.watch(t, unix.SOCK_DGRAM, &unix.SockaddrUnix{Name: dir + "/d"})
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.Write(pair[1], []byte("x"))
	o.host, o.hostIno, o.watched["the host's socket"] = pair[0], inode(pair[0]), pair[1]
	if o.open, err = os.Open(dir + "/secret"); err != nil {
		t.Fatal(err)
	}
	o.vars["hostfd"], o.vars["openfd"] = o.host, int(o.open.Fd())
	o.vars["exe"], _ = os.Executable()
	o.vars["cwd"], _ = os.Getwd()
	o.before = o.files(t)
	return o
}

// watch opens a socket that nobody may connect or send to, and returns its port.
func (o *outside) watch(t *testing.T, typ int, at unix.Sockaddr) (port int) {
	t.Helper()
	family := unix.AF_UNIX
	if _, ok := at.(*unix.SockaddrInet4); ok {
		family = unix.AF_INET
	}
	fd, err := unix.Socket(family, typ|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Bind(fd, at)
	}
	if err == nil && typ == unix.SOCK_STREAM {
		err = unix.Listen(fd, 8)
	}
	if err != nil {
		t.Fatal(err)
	}
	o.watched[fmt.Sprintf("socket %+v of type %d", at, typ)] = fd
	sa, _ := unix.Getsockname(fd)
	if in, ok := sa.(*unix.SockaddrInet4); ok {
		return in.Port
	}
	return 0
}

// touched tells what has happened to the host's sockets.
func (o *outside) touched(t *testing.T) (list []string) {
	t.Helper()
	for name, fd := range o.watched {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(p, 0)
		for err == unix.EINTR { // the signals by which Go's scheduler interrupts: nothing had come then
			n, err = unix.Poll(p, 0)
		}
		if n != 0 || err != nil {
			list = append(list, fmt.Sprintf("%s (poll: %#x, %v)", name, p[0].Revents, err))
		}
	}
	b := make([]byte, 2)
	if n, _, err := unix.Recvfrom(o.host, b, unix.MSG_DONTWAIT|unix.MSG_PEEK); n != 1 || err != nil {
		list = append(list, "the host's descriptor")
	}
	return list
}

// files describes the files there are, and the shared memory.
func (o *outside) files(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	note := func(path string, e fs.DirEntry, err error) error {
		info, err := os.Lstat(path)
		if err != nil {
			return nil // there is no shared memory yet
		}
		data := []byte(nil)
		if info.Mode().IsRegular() {
			data, err = os.ReadFile(path)
		}
		all[path] = info.Mode().String() + " " + string(data)
		return err
	}
	for _, root := range []string{o.vars["tmp"].(string), "/dev/shm/" + o.vars["memory"].(string)} {
		if err := filepath.WalkDir(root, note); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// close removes everything. A snippet that was let through may have closed the host's descriptor,
// whose number may be another's by now.
func (o *outside) close(t *testing.T) {
	t.Helper()
	if inode(o.host) == o.hostIno {
		unix.Close(o.host)
	}
	for _, fd := range o.watched {
		unix.Close(fd)
	}
	o.open.Close()
	if err := os.RemoveAll(o.vars["dir"].(string)); err != nil {
		t.Error(err)
	}
}

func inode(fd int) uint64 {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return 0
	}
	return st.Ino
}

func (o *outside) expand(rule string) string {
	return os.Expand(rule, func(name string) string { return fmt.Sprint(o.vars[name]) })
}

// policy makes a policy of flags.
func (o *outside) policy(t *testing.T, flags []string) (p policy.Policy) {
	t.Helper()
	doors := map[string]*[]string{"connect": &p.Connect, "listen": &p.Listen, "read": &p.Read, "write": &p.Write, "run": &p.Run, "env": &p.Env}
	for _, flag := range flags {
		name, rule, _ := strings.Cut(strings.TrimPrefix(flag, "--allow-"), "=")
		if doors[name] == nil {
			t.Fatalf("no flag: %s", flag)
		}
		*doors[name] = append(*doors[name], o.expand(rule))
	}
	return p
}
