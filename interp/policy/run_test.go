package policy

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

// bin builds programs as distributions do: usr/bin has the files, bin leads to it, and one file
// is many programs.
func bin(t *testing.T) string {
	t.Helper()
	dir := realDir(t)
	mkdir(t, dir+"/usr/bin")
	mkdir(t, dir+"/late")
	mkdir(t, dir+"/other")
	touch(t, dir+"/usr/bin/prog")
	touch(t, dir+"/usr/bin/busybox")
	touch(t, dir+"/usr/bin/prog2")
	link(t, "usr/bin", dir+"/bin")
	link(t, "busybox", dir+"/usr/bin/list")
	link(t, "busybox", dir+"/usr/bin/shell")
	link(t, "../usr/bin/busybox", dir+"/other/list")
	must(t, os.WriteFile(dir+"/usr/bin/data", nil, 0o644))
	t.Setenv("PATH", dir+"/late:"+dir+"/bin:"+dir+"/usr/bin")
	t.Chdir(dir)
	return dir
}

func TestRun(t *testing.T) {
	dir := bin(t)
	prog, list := dir+"/usr/bin/prog", dir+"/usr/bin/list"
	rows := []struct{ rule, program, path, needs string }{
		{"prog", "prog", prog, ""},
		{"prog", dir + "/bin/prog", prog, ""},
		{"prog", dir + "/usr/bin/prog", prog, ""},
		{"prog", dir + "/usr/bin/../bin/prog", prog, ""},
		{"prog", "bin/prog", prog, ""},
		{"prog", "./bin/prog", prog, ""},
		{dir + "/bin/prog", "prog", prog, ""},
		{"./usr/bin/prog", "prog", prog, ""},
		{"bin/prog", dir + "/usr/bin/prog", prog, ""},
		{"*", "anything", "anything", ""},
		{"*", "./x", "./x", ""},
		{"prog", "prog2", "", "prog2"},
		{"prog", dir + "/usr/bin/prog2", "", dir + "/usr/bin/prog2"},
		{"prog", "./prog", "", dir + "/prog"},
		{"prog", "nosuch", "", "nosuch"},
		{"prog", "", "", "*"},
		{"prog", "prog\x00", "", "*"},
		{"prog", "prog -x", "", "*"},
		{"prog", dir + "/usr/bin/", "", "*"},
		{"", "prog", "", "prog"},
		// One file, many programs: what it is called counts.
		{"list", "list", list, ""},
		{"list", dir + "/bin/list", list, ""},
		{"list", dir + "/other/list", list, ""},
		{"list", "shell", "", "shell"},
		{"list", dir + "/bin/shell", "", dir + "/bin/shell"},
		{"list", "busybox", "", "busybox"},
		{"busybox", "list", "", "list"},
		{"busybox", "busybox", dir + "/usr/bin/busybox", ""},
	}
	for _, row := range rows {
		p := Policy{Run: []string{row.rule}}
		if row.rule == "" {
			p = Policy{}
		}
		c := compile(t, p)
		got, err := c.RunPath(row.program)
		expect(t, err, row.needs, "[%s] run %q", row.rule, row.program)
		if got != row.path {
			t.Errorf("[%s] run %q: %q, want %q", row.rule, row.program, got, row.path)
		}
		expect(t, c.Run(row.program), row.needs, "[%s] run %q", row.rule, row.program)
	}
}

// TestPlanted: a program put on PATH after the rules were read does not take the place of one
// they allow, and a rule that found nothing then allows nothing.
func TestPlanted(t *testing.T) {
	dir := bin(t)
	c := compile(t, Policy{Run: []string{"prog", "missing"}})
	touch(t, dir+"/late/prog")
	touch(t, dir+"/late/missing")
	if got, err := c.RunPath("prog"); got != dir+"/usr/bin/prog" || err != nil {
		t.Errorf("prog is %q, %v", got, err)
	}
	expect(t, c.Run(dir+"/late/prog"), dir+"/late/prog", "run")
	expect(t, c.Run(dir+"/late/missing"), dir+"/late/missing", "run")
	if _, err := c.RunPath("missing"); !errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.EACCES) {
		t.Errorf("missing: %v", err)
	}
}

func TestEnv(t *testing.T) {
	c := compile(t, Policy{Env: []string{"HOME", "LC_ALL"}})
	for name, needs := range map[string]string{"HOME": "", "LC_ALL": "", "home": "home", "HOME2": "HOME2", "": "*", "HOME=": "*", "*": "*"} {
		expect(t, c.Env(name), needs, "env %q", name)
	}
	expect(t, compile(t, Policy{Env: []string{"*"}}).Env("ANY"), "", "env")
}
