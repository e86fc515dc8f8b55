package policy

import (
	"errors"
	"strings"
	"testing"
	"unicode"
)

// Each row is a network rule and how it is spelled once understood; or, after "error:", part of
// what is said about it.
var ruleRows = []struct{ text, want string }{
	{"*", "*"},
	{"example.org", "example.org"},
	{"Example.ORG", "example.org"},
	{"example.org.", "example.org."},
	{"example.org:443", "example.org:443"},
	{"example.org:0", "example.org:0"},
	{"example.org:65535", "example.org:65535"},
	{"example.org:8000-8100", "example.org:8000-8100"},
	{"example.org:80-80", "example.org:80"},
	{"example.org:0-65535", "example.org"},
	{"a", "a"},
	{"localhost:80", "localhost:80"},
	{"my_host:1", "my_host:1"},
	{"xn--bcher-kva.example:443", "xn--bcher-kva.example:443"},
	{"1.example:80", "1.example:80"},
	{"3com", "3com"},
	{":80", ":80"},
	{":80-90", ":80-90"},
	{":0-65535", ":0-65535"},
	{"127.0.0.1", "127.0.0.1"},
	{"127.0.0.1:80", "127.0.0.1:80"},
	{"127.0.0.1:80-90", "127.0.0.1:80-90"},
	{"0.0.0.0:80", "0.0.0.0:80"},
	{"10.0.0.0/8", "10.0.0.0/8"},
	{"10.0.0.0/8:443", "10.0.0.0/8:443"},
	{"10.1.2.3/32:443", "10.1.2.3:443"},
	{"0.0.0.0/0", "0.0.0.0/0"},
	{"::1", "[::1]"},
	{"[::1]", "[::1]"},
	{"[::1]:80", "[::1]:80"},
	{"[::1]:80-81", "[::1]:80-81"},
	{"::", "[::]"},
	{"::/0", "::/0"},
	{"::/0:443", "::/0:443"},
	{"[::/0]:443", "::/0:443"},
	{"2001:db8::/32", "2001:db8::/32"},
	{"2001:db8::/32:443", "2001:db8::/32:443"},
	{"[2001:db8::/32]:443", "2001:db8::/32:443"},
	{"2001:DB8:0::1", "[2001:db8::1]"},
	{"fe80::1%eth0", "[fe80::1%eth0]"},
	{"[fe80::1%eth0]:80", "[fe80::1%eth0]:80"},
	{"[fe80::1%2]:80", "[fe80::1%2]:80"},
	{"::ffff:10.0.0.1", "10.0.0.1"},
	{"[::ffff:10.0.0.1]:80", "10.0.0.1:80"},
	{"::ffff:10.0.0.0/104:80", "10.0.0.0/8:80"},
	{"::ffff:0:0/96", "0.0.0.0/0"},
	{"::fffe:0:0/95", "::fffe:0:0/95"},
	{"[::1:80]", "[::1:80]"},
	{"1:2:3:4:5:6:7:8", "[1:2:3:4:5:6:7:8]"},
	{"unix:/run/x.sock", "unix:/run/x.sock"},
	{"unix:x.sock", "unix:x.sock"},
	{"unix:./@x", "unix:./@x"},
	{"unix:@name", "unix:@name"},
	{"unix:@a b", "unix:@a b"},
	{"unix:/a:80", "unix:/a:80"},
	{"Unix:80", "unix:80"},
	{"unix", "unix"},

	{"", "error: is empty"},
	{" 127.0.0.1", "error: blank"},
	{"127.0.0.1:80 ", "error: blank"},
	{"a,b", "error: each rule by itself"},
	{"https://example.org", "error: write host:port"},
	{"/run/x.sock", "error: write unix:/run/x.sock"},
	{"./x.sock", "error: write unix:./x.sock"},
	{"@name", "error: write unix:@name"},
	{"*.example.org", "error: name in full"},
	{"*:80", "error: write :443"},
	{"10.*", "error: prefix such as"},
	{":", "error: has no port"},
	{"example.org:", "error: has no port"},
	{"example.org:http", "error: write a number"},
	{"example.org:65536", "error: write a number"},
	{"example.org:-1", "error: has no port"},
	{"example.org:080", "error: write a number"},
	{"example.org:+80", "error: write a number"},
	{"example.org:80-", "error: has no port"},
	{"example.org:90-80", "error: write 80-90"},
	{"example.org:80-90-100", "error: write a number"},
	{"example.org:80:90", "error: neither host:port nor"},
	{"127.0.0.1:80:90", "error: neither host:port nor"},
	{"example..org", "error: neither a host name nor"},
	{".example.org", "error: is no host"},
	{"exa$mple", "error: neither a host name nor"},
	{"bücher.example", "error: xn--"},
	{strings.Repeat("a", 64), "error: neither a host name nor"},
	{strings.Repeat("a.", 130), "error: neither a host name nor"},
	{"127.1", "error: four decimal numbers"},
	{"2130706433:80", "error: four decimal numbers"},
	{"0177.0.0.1", "error: four decimal numbers"},
	{"0x7f.0.0.1", "error: four decimal numbers"},
	{"0x7f000001", "error: four decimal numbers"},
	{"256.0.0.1", "error: four decimal numbers"},
	{"127.0.0.1.", "error: four decimal numbers"},
	{"127.0.0.1%eth0", "error: neither a host name nor"},
	{"10.0.0.0/33", "error: a length"},
	{"10.0.0.0/", "error: a length"},
	{"10.0.0.0/08", "error: a length"},
	{"/8", "error: is no host"},
	{"10.1.2.3/8", "error: write 10.0.0.0/8, or 10.1.2.3 "},
	{"example.org/24", "error: a length"},
	{"2001:db8::1/32", "error: write 2001:db8::/32"},
	{"fe80::%eth0/64", "error: without zone"},
	{"10.0.0.0/8:1:2", "error: too many colons"},
	{"::1:80", "error: write [::1]:80 for a port, [::1:80] for"},
	{"2001:db8::5:443", "error: can be read in two ways"},
	{"2001:db8::1:443-445", "error: write [2001:db8::1]:443-445"},
	{"1:2:3:4:5:6:7:8:80", "error: write [1:2:3:4:5:6:7:8]:80"},
	{"[::1", "error: closing bracket"},
	{"[::1]80", "error: after the bracket"},
	{"[::1]]", "error: after the bracket"},
	{"[::1]:", "error: has no port"},
	{"[]:80", "error: brackets"},
	{"[127.0.0.1]:80", "error: brackets"},
	{"[example.org]:80", "error: brackets"},
	{"[10.0.0.0/8]:80", "error: brackets"},
	{"[:::]:80", "error: no IPv6 address"},
	{"[::%eth0]:80", "error: write :: alone"},
	{"[::ffff:10.0.0.1%eth0]:80", "error: write 10.0.0.1 alone"},
	{"[fe80::1%e\x01]:80", "error: zone"},
	{"unix:", "error: names no socket"},
	{"unix:@", "error: names no socket"},
	{"unix:*", "error: * for everything"},
	{"unix:/run/", "error: names a folder"},
	{"unix:~/x", "error: folder out"},
	{"unix:\x00x", "error: unix:@name"},
}

func TestParseRule(t *testing.T) {
	for _, row := range ruleRows {
		r, err := parseRule(row.text)
		wantErr, isErr := strings.CutPrefix(row.want, "error: ")
		switch {
		case isErr && err == nil:
			t.Errorf("%q is understood as %s, want an error with %q", row.text, r, wantErr)
		case isErr && !strings.Contains(err.Error(), wantErr):
			t.Errorf("%q: %q, want %q in it", row.text, err, wantErr)
		case !isErr && err != nil:
			t.Errorf("%q: %v", row.text, err)
		case !isErr && r.String() != row.want:
			t.Errorf("%q is understood as %s, want %s", row.text, r, row.want)
		}
	}
}

// TestRuleErrors: an error names the door, the rule and the remedy.
func TestRuleErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	rows := []struct {
		p    Policy
		want string
	}{
		{Policy{Connect: []string{"a", "a:b"}}, `connect rule "a:b": has the port "b": write a number from 0 to 65535`},
		{Policy{Listen: []string{"127.1"}}, `listen rule "127.1": is no address that is written in full: write four`},
		{Policy{Read: []string{""}}, `read rule "": is empty: write a file or folder, or *`},
		{Policy{Write: []string{"~/x"}}, `write rule "~/x": starts with ~, which only shells know: write the folder out`},
		{Policy{Read: []string{"a\x00"}}, `read rule "a\x00": has a zero byte in it`},
		{Policy{Read: []string{"*.txt"}}, `read rule "*.txt": is a pattern: write the folder alone`},
		{Policy{Run: []string{"ls -l"}}, `run rule "ls -l": has a blank in it: write the program alone`},
		{Policy{Run: []string{""}}, `run rule "": is empty`},
		{Policy{Run: []string{"/usr/bin/"}}, `run rule "/usr/bin/": names a folder`},
		{Policy{Run: []string{".."}}, `run rule "..": names a folder`},
		{Policy{Run: []string{"py*"}}, `run rule "py*": is a pattern`},
		{Policy{Run: []string{"~/bin/x"}}, `run rule "~/bin/x": starts with ~`},
		{Policy{Run: []string{"a\x00"}}, `run rule "a\x00": has a zero byte`},
		{Policy{Env: []string{"A=1"}}, `env rule "A=1": has a = in it: write the variable's name alone`},
		{Policy{Env: []string{"$A"}}, `env rule "$A": starts with $`},
		{Policy{Env: []string{"A B"}}, `env rule "A B": has a blank`},
		{Policy{Env: []string{"A*"}}, `env rule "A*": is a pattern`},
		{Policy{Env: []string{""}}, `env rule "": is empty`},
		{Policy{Env: []string{"*", ""}}, `env rule "": is empty`},
	}
	for _, row := range rows {
		_, err := row.p.Compile()
		var e *RuleError
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), row.want) {
			t.Errorf("%+v: %v, want %s", row.p, err, row.want)
		}
	}
}

// FuzzRule: whatever the text, the parser returns; a rule it understands is spelled so that it
// is understood again as the same, and is never wider than its text shows; an error is one
// printable line that starts in lower case.
func FuzzRule(f *testing.F) {
	for _, row := range ruleRows {
		f.Add(row.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseRule(text)
		if err != nil {
			checkMessage(t, text, err.Error())
			return
		}
		again, err := parseRule(r.String())
		if err != nil || again != r {
			t.Fatalf("%q is %+v, spelled %q, which is %+v, %v", text, r, r, again, err)
		}
		switch {
		case r.kind == kindAll && text != "*", r.kind == kindAny && text[0] != ':':
			t.Fatalf("%q covers every address", text)
		case r.kind == kindPrefix && !r.prefix.IsSingleIP() && !strings.Contains(text, "/"):
			t.Fatalf("%q covers %s", text, r.prefix)
		case r.kind == kindUnix && !strings.HasPrefix(strings.ToLower(text), "unix:"):
			t.Fatalf("%q covers a unix socket", text)
		case r.ports.low > r.ports.high, r.kind == kindName && strings.Trim(r.name, "0123456789.") == "":
			t.Fatalf("%q is %+v", text, r)
		}
		if _, err := (Policy{Connect: []string{text}, Listen: []string{text}}).Compile(); err != nil && r.kind != kindUnix {
			t.Fatalf("%q parses but does not compile: %v", text, err)
		}
	})
}

func checkMessage(t *testing.T, text, message string) {
	t.Helper()
	if message == "" || unicode.IsUpper(rune(message[0])) {
		t.Fatalf("%q: bad message %q", text, message)
	}
	whole := (&RuleError{Door: "connect", Rule: text, Problem: message}).Error()
	if strings.ContainsFunc(whole, unicode.IsControl) {
		t.Fatalf("%q: control characters in %q", text, whole)
	}
}
