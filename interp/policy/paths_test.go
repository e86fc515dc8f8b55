package policy

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// realDir is a temporary folder with no links on its path.
func realDir(t testing.TB) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	return dir
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mkdir(t testing.TB, path string)        { t.Helper(); must(t, os.MkdirAll(path, 0o755)) }
func touch(t testing.TB, path string)        { t.Helper(); must(t, os.WriteFile(path, []byte(path), 0o755)) }
func link(t testing.TB, target, path string) { t.Helper(); must(t, os.Symlink(target, path)) }

// tree builds the folders that the path tests walk about in: in/ is allowed, out/ is not.
func tree(t *testing.T) string {
	t.Helper()
	dir := realDir(t)
	mkdir(t, dir+"/in/sub")
	mkdir(t, dir+"/in2")
	mkdir(t, dir+"/out/deep")
	for _, f := range []string{"in/f", "in/sub/f", "in2/f", "out/secret", "out/deep/f"} {
		touch(t, dir+"/"+f)
	}
	link(t, "sub", dir+"/in/tosub")
	link(t, "../out/secret", dir+"/in/tosecret")
	link(t, dir+"/out/secret", dir+"/in/abssecret")
	link(t, "../out/deep", dir+"/in/todeep")
	link(t, "../out/new", dir+"/in/tonew")
	link(t, "../in/new", dir+"/in/tonewin")
	link(t, "tosecret", dir+"/in/chain")
	link(t, "loop", dir+"/in/loop")
	link(t, "in", dir+"/linkin")
	link(t, "/", dir+"/in/root")
	link(t, "../..", dir+"/in/sub/up")
	return dir
}

// Each row: a path below the tree and, if it is allowed, what it is below the tree.
func TestRead(t *testing.T) {
	dir := tree(t)
	rows := []struct{ path, want string }{
		{"in", "in"},
		{"in/", "in"},
		{"in/.", "in"},
		{"in/f", "in/f"},
		{"in//sub/./f", "in/sub/f"},
		{"in/sub/../f", "in/f"},
		{"in/sub/..", "in"},
		{"out/../in/f", "in/f"},
		{"linkin/f", "in/f"},
		{"in/tosub/f", "in/sub/f"},
		{"in/tosub/../f", "in/f"},
		{"in/new", "in/new"},
		{"in/new/newer", "in/new/newer"},
		{"in/f/below", "in/f/below"},
		{"in/tonewin", "in/new"},
		{"in/root" + dir + "/in/f", "in/f"},
		{"in/..in", "in/..in"},

		{"", ""},
		{"out/secret", ""},
		{"in2/f", ""}, // not below in/, though its name starts so
		{"in/..", ""},
		{"in/../out/secret", ""},
		{"in/../../../../../../../../etc/passwd", ""},
		{"in/sub/../../out/secret", ""},
		{"in/tosecret", ""},
		{"in/tosecret/", ""},
		{"in/abssecret", ""},
		{"in/chain", ""},
		{"in/todeep/f", ""},
		{"in/todeep/../secret", ""},
		{"in/todeep/../../in/f", "in/f"},
		{"in/todeep/..", ""}, // out/, though it looks like in/
		{"in/todeep/../f", ""},
		{"in/tonew", ""}, // opening it for writing would create out/new
		{"in/tonew/x", ""},
		{"in/loop", ""},
		{"in/root", ""},
		{"in/root/etc/passwd", ""},
		{"in/sub/up/out/secret", ""},
		{"in/sub/up/in/f", "in/f"},
		{"in/new/../f", ""}, // the kernel finds nothing here
		{"in/f/../f", ""},
		{"in/f\x00", ""},
		{"in/f\x00/../../out/secret", ""},
		{"in/new/x\x00", ""},
		{"IN/f", ""},
	}
	for _, spelling := range []string{dir + "/in", dir + "/linkin", dir + "/in/", dir + "/out/../in", dir + "/in/tosub/.."} {
		read, write := compile(t, Policy{Read: []string{spelling}}), compile(t, Policy{Write: []string{spelling}})
		for _, row := range rows {
			got, err := read.ReadPath(dir + "/" + row.path)
			checkPath(t, dir, row.path, row.want, got, err)
			got, err = write.WritePath(dir + "/" + row.path)
			checkPath(t, dir, row.path, row.want, got, err)
		}
	}
	// The same from inside, with relative paths.
	t.Chdir(dir + "/in/sub")
	c := compile(t, Policy{Read: []string{".."}})
	for _, row := range rows[:12] {
		got, err := c.ReadPath("../../" + row.path)
		checkPath(t, dir, row.path, row.want, got, err)
	}
	expect(t, c.Read("../../out/secret"), dir+"/in/sub/../../out/secret", "read")
	expect(t, c.Read(""), "*", "read")
}

func checkPath(t *testing.T, dir, path, want, got string, err error) {
	t.Helper()
	if want == "" {
		if err == nil || got != "" {
			t.Errorf("%q is allowed as %s", path, got)
		}
		if d := (*Denied)(nil); !errors.As(err, &d) {
			t.Errorf("%q: %v is not a denial", path, err)
		}
		return
	}
	if err != nil || got != dir+"/"+want {
		t.Errorf("%q: %q, %v, want %s", path, got, err, want)
	}
}

// TestPathDoors: reading and writing are apart, a rule may be for one file, the root covers all,
// and the rule a denial names opens the door.
func TestPathDoors(t *testing.T) {
	dir := tree(t)
	c := compile(t, Policy{Read: []string{dir + "/in/f"}, Write: []string{dir + "/in/notyet"}})
	expect(t, c.Read(dir+"/in/f"), "", "read")
	expect(t, c.Read(dir+"/in/f2"), dir+"/in/f2", "read")
	expect(t, c.Read(dir+"/in"), dir+"/in", "read")
	expect(t, c.Write(dir+"/in/f"), dir+"/in/f", "write")
	expect(t, c.Write(dir+"/in/notyet"), "", "write")
	expect(t, c.Write(dir+"/in/notyet/x"), "", "write")
	expect(t, c.Read(dir+"/in/notyet"), dir+"/in/notyet", "read")
	root := compile(t, Policy{Read: []string{"/"}})
	for _, path := range []string{"/", "/etc", dir, dir + "/in/tosecret", "relative"} {
		expect(t, root.Read(path), "", "read %s", path)
	}
	for _, path := range []string{"/out/secret", "/in/tosecret", "/in/todeep/../secret", "/in2/../out", "/in/tonew", "/in/..f"} {
		var d *Denied
		if !errors.As(c.Read(dir+path), &d) {
			t.Fatalf("%s is allowed", path)
		}
		expect(t, compile(t, Policy{Read: []string{d.Rule}}).Read(dir+path), "", "[%s] read %s", d.Rule, path)
	}
	if got, err := compile(t, All()).ReadPath("a/../b"); got != "a/../b" || err != nil {
		t.Errorf("with everything allowed a path becomes %q, %v", got, err)
	}
}

// TestDenialTellsNothing: an error does not say what is behind the fence, but says it if the
// script may be puzzled about a folder that is its own.
func TestDenialTellsNothing(t *testing.T) {
	dir := tree(t)
	c := compile(t, Policy{Read: []string{dir + "/in"}})
	rows := []struct{ path, want string }{
		{"/linkout", "not allowed: read " + dir + "/linkout"},
		{"/out/nosuch", "not allowed: read " + dir + "/out/nosuch"},
		{"/in/tosecret", "not allowed: read " + dir + "/in/tosecret (the path leads out of a folder that is allowed)"},
		{"/in/loop", "not allowed: read " + dir + "/in/loop (the path cannot be followed to its end)"},
	}
	link(t, "out/secret", dir+"/linkout")
	for _, row := range rows {
		if got := text(c.Read(dir + row.path)); got != row.want {
			t.Errorf("%s\nwant %s", got, row.want)
		}
	}
}

// TestRulesStay: what a rule covers is settled when it is compiled.
func TestRulesStay(t *testing.T) {
	dir := tree(t)
	c := compile(t, Policy{Write: []string{dir + "/in2"}})
	must(t, os.RemoveAll(dir+"/in2"))
	link(t, "out", dir+"/in2")
	expect(t, c.Write(dir+"/in2/secret"), dir+"/in2/secret", "write")
	if _, err := (Policy{Read: []string{dir + "/in/loop"}}).Compile(); err == nil || !strings.Contains(err.Error(), "cannot be resolved") {
		t.Errorf("%v", err)
	}
}

func TestEntryPath(t *testing.T) {
	dir := tree(t)
	c := compile(t, Policy{Write: []string{dir + "/in"}})
	rows := []struct{ path, want string }{
		{"in/f", "in/f"},
		{"in/tosecret", "in/tosecret"}, // the link itself, not the secret
		{"in/loop", "in/loop"},
		{"in/tosub/f", "in/sub/f"},
		{"in/tosub", "in/tosub"},
		{"in/new", "in/new"},
		{"linkin", ""}, // it is in the tree's own folder
		{"in", "in"},
		{"in/todeep/f", ""},
		{"in/todeep/..", ""},
		{"in/todeep/", ""},
		{"in/todeep/.", ""},
		{"in/sub/..", "in"},
		{"in/../f", ""},
	}
	for _, row := range rows {
		got, err := c.EntryPath(dir + "/" + row.path)
		checkPath(t, dir, row.path, row.want, got, err)
	}
}

// TestResolveAgreesWithKernel walks random paths in a random tree: a file is opened by its path
// and by what resolve makes of it, and both must be the same file, or neither be there.
func TestResolveAgreesWithKernel(t *testing.T) {
	dir := realDir(t)
	random := rand.New(rand.NewPCG(1, 2))
	names := []string{"a", "b", "c", "d"}
	some := func(parts int) string {
		var s []string
		for range 1 + random.IntN(parts) {
			s = append(s, []string{"a", "b", "c", "d", "..", ".", ""}[random.IntN(7)])
		}
		return strings.Join(s, "/")
	}
	place := func(depth int) string {
		p := dir
		for range 1 + random.IntN(depth) {
			p += "/" + names[random.IntN(len(names))]
		}
		return p
	}
	for range 60 {
		switch random.IntN(4) {
		case 0, 1:
			os.MkdirAll(place(3), 0o755)
		case 2:
			os.WriteFile(place(3), nil, 0o644)
		case 3:
			target := some(3)
			if random.IntN(3) == 0 {
				target = dir + "/" + target
			}
			os.Symlink(target, place(3))
		}
	}
	found := 0
	for range 20000 {
		path := dir + "/" + some(7)
		kernel, kernelErr := os.Stat(path)
		resolved, err := resolve(path)
		if err != nil {
			if kernelErr == nil {
				t.Fatalf("%s is there, but does not resolve: %v", path, err)
			}
			continue
		}
		ours, oursErr := os.Lstat(resolved)
		switch {
		case kernelErr == nil && (oursErr != nil || !os.SameFile(kernel, ours)):
			t.Fatalf("%s resolves to %s, which is another file (%v)", path, resolved, oursErr)
		case kernelErr != nil && oursErr == nil && !strings.HasSuffix(path, "/") && !strings.HasSuffix(path, "/."):
			t.Fatalf("%s is not there (%v), but resolves to %s", path, kernelErr, resolved)
		case oursErr == nil && ours.Mode()&fs.ModeSymlink != 0:
			t.Fatalf("%s resolves to %s, a link", path, resolved)
		case kernelErr == nil:
			found++
		}
	}
	if found < 1000 {
		t.Errorf("only %d paths led anywhere", found)
	}
}

func TestOpenFile(t *testing.T) {
	dir := tree(t)
	const rw, create = os.O_RDWR, os.O_RDWR | os.O_CREATE
	in, file, all := []string{dir + "/in"}, []string{dir + "/in/f"}, []string{"*"}
	rows := []struct {
		p    Policy
		path string
		flag int
		want string // "" opens; a door denies; or an error's text
	}{
		{Policy{Read: in}, "in/f", os.O_RDONLY, ""},
		{Policy{Read: in}, "in/tosub/f", os.O_RDONLY, ""},
		{Policy{Read: in}, "in", os.O_RDONLY, ""},
		{Policy{Read: in}, "in/f", os.O_WRONLY, "write"},
		{Policy{Read: in}, "in/f", rw, "write"},
		{Policy{Read: in}, "in/f", os.O_RDONLY | os.O_TRUNC, "write"},
		{Policy{Read: in}, "in/x", os.O_RDONLY | os.O_CREATE, "write"},
		{Policy{Read: in}, "in/tosecret", os.O_RDONLY, "read"},
		{Policy{Read: in}, "in/nosuch", os.O_RDONLY, syscall.ENOENT.Error()},
		{Policy{Write: in}, "in/f", os.O_RDONLY, "read"},
		{Policy{Write: in}, "in/f", rw, "read"},
		{Policy{Write: in}, "in/f", os.O_WRONLY | os.O_APPEND, ""},
		{Policy{Write: in}, "in/made", os.O_WRONLY | os.O_CREATE, ""},
		{Policy{Write: in}, "in/tonew", os.O_WRONLY | os.O_CREATE, "write"},
		{Policy{Read: in, Write: in}, "in/f", rw, ""},
		{Policy{Read: in, Write: in}, "in/made2", create, ""},
		{Policy{Read: all, Write: in}, "in/made3", create, ""},
		{Policy{Read: all, Write: in}, "out/secret", os.O_RDONLY, ""},
		{Policy{Read: all, Write: in}, "out/secret", rw, "write"},
		{Policy{Read: in, Write: all}, "in/made4", create, ""},
		{Policy{Read: in, Write: all}, "out/secret", rw, "read"},
		{Policy{Read: file}, "in/f", os.O_RDONLY, ""},
		{Policy{Read: file}, "in/sub/f", os.O_RDONLY, "read"},
		{Policy{Write: []string{dir + "/in/made5"}}, "in/made5", os.O_WRONLY | os.O_CREATE, ""},
		{Policy{Read: []string{"/"}}, "out/secret", os.O_RDONLY, ""},
		{All(), "in/tosecret", rw, ""},
		{All(), "in/nosuch", os.O_RDONLY, syscall.ENOENT.Error()},
	}
	for _, row := range rows {
		f, err := compile(t, row.p).OpenFile(dir+"/"+row.path, row.flag, 0o644)
		var d *Denied
		var e *fs.PathError
		switch got := ""; {
		case errors.As(err, &d):
			got = d.Door
			fallthrough
		case errors.As(err, &e):
			if e != nil {
				got = e.Err.Error()
				if e.Path != dir+"/"+row.path || e.Op != "open" {
					t.Errorf("%v names another path", err)
				}
			}
			fallthrough
		default:
			if got != row.want {
				t.Errorf("%+v: open %s with %#x: %v, want %q", row.p, row.path, row.flag, err, row.want)
			}
		}
		if err == nil {
			f.Close()
		}
	}
	f, err := compile(t, Policy{Read: []string{"/"}}).OpenFile("/", os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}

// swapping has a folder and a link that leads out take turns under one name, until the test ends:
// what a script can do with os.rename alone. It returns that name, in the folder "in".
func swapping(t *testing.T) (dir, name string) {
	dir = realDir(t)
	name = dir + "/in/x"
	mkdir(t, dir+"/in/real")
	mkdir(t, dir+"/out")
	must(t, os.WriteFile(dir+"/in/real/f", []byte("inside"), 0o644))
	must(t, os.WriteFile(dir+"/out/f", []byte("secret"), 0o644))
	link(t, dir+"/out", dir+"/in/evil")
	stop := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			os.Rename(dir+"/in/real", name)
			os.Rename(name, dir+"/in/real")
			os.Rename(dir+"/in/evil", name)
			os.Rename(name, dir+"/in/evil")
		}
	})
	t.Cleanup(func() {
		close(stop)
		group.Wait()
	})
	return dir, name
}

// raceTime is how long a race goes on; the holes that these tests have found took a tenth of it.
const raceTime = 300 * time.Millisecond

// TestOpenFileRace: while a folder and a link that leads out take turns under one name, OpenFile
// opens what is inside, or nothing; also when that name is a rule's own.
func TestOpenFileRace(t *testing.T) {
	for _, rule := range []string{"/in", "/in/x"} {
		t.Run(rule, func(t *testing.T) {
			dir, name := swapping(t)
			p := Policy{Read: []string{dir + rule}}
			c, err := p.Compile()
			for err != nil || !c.read.covers(name) { // a rule's links are followed when it is compiled
				c, err = p.Compile()
			}
			opened, denied := 0, 0
			for start := time.Now(); time.Since(start) < raceTime; {
				f, err := c.OpenFile(name+"/f", os.O_RDONLY, 0)
				if err != nil {
					denied++
					continue
				}
				data, _ := io.ReadAll(f)
				f.Close()
				if opened++; string(data) != "inside" {
					t.Fatalf("read %q", data)
				}
			}
			t.Logf("opened %d times, failed %d times", opened, denied)
		})
	}
}

// TestEntryRace: nor is anything outside removed, renamed or put there.
func TestEntryRace(t *testing.T) {
	dir, name := swapping(t)
	c := compile(t, Policy{Write: []string{dir + "/in"}})
	done := map[string]int{}
	note := func(what string, err error) {
		if err == nil {
			done[what]++
		}
	}
	for start := time.Now(); time.Since(start) < raceTime; {
		note("rename away", c.Rename(name+"/f", dir+"/in/g"))
		note("rename to", c.Rename(dir+"/in/g", name+"/g"))
		note("remove", c.Remove(name+"/g"))
		if f, err := c.OpenFile(name+"/f", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			f.Close()
			done["create"]++
		}
		if out, err := os.ReadDir(dir + "/out"); err != nil || len(out) != 1 || out[0].Name() != "f" {
			t.Fatalf("outside is now %v, %v", out, err)
		}
		if data, err := os.ReadFile(dir + "/in/g"); err == nil && string(data) == "secret" {
			t.Fatal("the secret was taken in")
		}
	}
	t.Log(done)
}

// TestRemoveAndRename: errors have the script's path, links are removed and not followed, and a
// folder takes the place of an empty one.
func TestRemoveAndRename(t *testing.T) {
	dir := tree(t)
	in := func(name string) string { return dir + "/in/" + name }
	c := compile(t, Policy{Write: []string{dir + "/in"}})
	mkdir(t, in("empty"))
	mkdir(t, in("full/of"))
	must(t, c.Remove(in("tosecret")))
	must(t, c.Rename(in("full"), in("empty")))
	must(t, c.Rename(in("empty/of"), in("../in/of")))
	must(t, c.Remove(in("of")))
	if _, err := os.Stat(dir + "/out/secret"); err != nil {
		t.Error(err)
	}
	for want, err := range map[string]error{
		"remove " + in("sub") + ": " + syscall.ENOTEMPTY.Error(): c.Remove(in("sub")),
		"remove " + in("nosuch") + ": " + syscall.ENOENT.Error(): c.Remove(in("nosuch")),
		"rename " + in("nosuch") + ": " + syscall.ENOENT.Error(): c.Rename(in("nosuch"), in("x")),
		"remove " + in("f/x") + ": " + syscall.ENOTDIR.Error():   c.Remove(in("f/x")),
		"rename " + in("f/x") + ": " + syscall.ENOTDIR.Error():   compile(t, All()).Rename(in("f/x"), in("x")),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	expect(t, c.Remove(dir+"/out/secret"), dir+"/out/secret", "write")
	expect(t, c.Rename(in("f"), dir+"/out/x"), dir+"/out/x", "write")
	expect(t, c.Rename(dir+"/out/secret", in("x")), dir+"/out/secret", "write")
}

// FuzzPath: a path that is allowed resolves below the rule, and the file it names is the one
// resolve says.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"f", "../out/secret", "a/../../b", "link/../x", "...//./..", "link/\x00"} {
		f.Add(s)
	}
	dir := realDir(f)
	mkdir(f, dir+"/in/a")
	mkdir(f, dir+"/out/a")
	touch(f, dir+"/in/a/b")
	touch(f, dir+"/out/secret")
	link(f, "../out/a", dir+"/in/link")
	c := compile(f, Policy{Read: []string{dir + "/in"}, Write: []string{dir + "/in"}})
	f.Fuzz(func(t *testing.T, tail string) {
		path := dir + "/in/" + tail
		got, err := c.ReadPath(path)
		if err == nil && (got != dir+"/in" && !strings.HasPrefix(got, dir+"/in/") || strings.Contains(got+"/", "/../")) {
			t.Fatalf("%q is allowed as %q", path, got)
		}
		if entry, err := c.EntryPath(path); err == nil && entry != dir+"/in" && !strings.HasPrefix(entry, dir+"/in/") {
			t.Fatalf("the entry %q is allowed as %q", path, entry)
		}
		if info, statErr := os.Stat(path); err == nil && statErr == nil {
			if ours, err := os.Lstat(got); err != nil || !os.SameFile(info, ours) {
				t.Fatalf("%q is not %q", path, got)
			}
		}
	})
}

// TestUnsearchable: where a path cannot be followed to its end it is denied, not guessed.
func TestUnsearchable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may search every folder")
	}
	dir := tree(t)
	c := compile(t, Policy{Read: []string{dir}})
	must(t, os.Chmod(dir+"/in/sub", 0o600))
	defer os.Chmod(dir+"/in/sub", 0o755)
	expect(t, c.Read(dir+"/in/sub/f"), dir+"/in/sub/f", "read")
	if _, err := (Policy{Read: []string{dir + "/in/sub/f"}}).Compile(); err == nil {
		t.Error("a rule that cannot be resolved compiles")
	}
}
