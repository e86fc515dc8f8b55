//go:build linux

package stdlib_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// maker writes the steps of a sequence: lines of Lua, each a call with arguments chosen at random,
// but of kinds that its manual asks for more often than not. What it writes depends on its seed,
// and on the kinds of the values that there are.
type maker struct {
	*rand.Rand
	names   []string            // of functions
	methods []string            // those of them that are methods
	manuals map[string]manual   // by name
	consts  map[string][]string // names of the modules' constants, by how they begin; "" has all
	options []string            // names of options in all manuals
	kinds   []string            // of the values; [0] is V[1]'s
	fixed   int                 // so many are there from the beginning
}

// manual is what a function's Args and Doc say: names of arguments, and of options.
type manual struct{ args, options []string }

var (
	optionName = regexp.MustCompile(`(\w+)\s*=`)
	argName    = regexp.MustCompile(`\{[^}]*\}(?:\s*\})?|\.\.\.|["a-z_][\w|"]*`)
	argDefault = regexp.MustCompile(`=[^,\]{}]*`)
)

func newManual(args, doc string) (m manual) {
	for _, name := range optionName.FindAllStringSubmatch(args+doc, -1) {
		m.options = append(m.options, name[1])
	}
	args = strings.ReplaceAll(argDefault.ReplaceAllString(args, ""), " or ", "|")
	m.args = argName.FindAllString(args, -1)
	return m
}

// slots is how many values there are at most: later ones take the place of earlier ones, but not
// of the first.
const slots = 48

// step writes a step, and says which value its first result will be.
func (m *maker) step() (line string, slot int) {
	name := pick(m, m.names)
	if m.IntN(3) == 0 { // an object's more often than that: they have states
		name = pick(m, m.methods)
	}
	slot = m.fixed + 1 + m.IntN(slots)
	args := m.arguments(name)
	for len(args) > 0 && m.IntN(6) == 0 {
		args = args[:len(args)-1]
	}
	if m.IntN(12) == 0 {
		args = append(args, m.anything())
	}
	way := "plain"
	if m.IntN(5) == 0 {
		way = pick(m, []string{"coroutine", "wrap", "xpcall", "thread", "background", "sort", "gsub", "index"})
	}
	list := strings.Join(append([]string{fmt.Sprintf("F[%q]", name)}, args...), ", ")
	return fmt.Sprintf("return step(%d, %q, %s)", slot, way, list), slot
}

func (m *maker) arguments(name string) (args []string) {
	owner, _, method := strings.Cut(name, ":")
	if method {
		args = append(args, m.object(owner))
	} else if n := m.manuals[name].args; len(n) == 0 {
		for range m.IntN(4) {
			args = append(args, m.anything())
		}
	}
	for _, a := range m.manuals[name].args {
		if m.IntN(8) == 0 {
			args = append(args, m.anything())
			continue
		}
		args = append(args, m.argument(a, m.manuals[name])...)
	}
	if method && m.IntN(30) == 0 {
		args[0] = m.anything()
	}
	return args
}

// object names a value of some kind, any value if there is none.
func (m *maker) object(kinds ...string) string {
	var found []int
	for i, k := range m.kinds {
		if slices.Contains(kinds, k) {
			found = append(found, i+1)
		}
	}
	if len(found) == 0 {
		return m.value()
	}
	return fmt.Sprintf("V[%d]", pick(m, found))
}

func (m *maker) value() string { return fmt.Sprintf("V[%d]", 1+m.IntN(len(m.kinds))) }

func (m *maker) socket() string {
	return m.object("socket", "socket", "hosted socket", "hosted listener", "tls connection", "tls server", "file", "selector", "pipe")
}

// argument writes an argument, or the two that an address can be.
func (m *maker) argument(name string, of manual) []string {
	one := func(s string) []string { return []string{s} }
	if strings.Contains(name, "|") { // one thing or another
		name = pick(m, strings.Split(name, "|"))
	}
	switch name {
	case "...":
		var all []string
		one := pick(m, []func() string{m.anything, m.anything, m.text, m.number})
		for range m.IntN(4) {
			all = append(all, one())
		}
		return all
	case "address", "ip":
		if name == "address" && m.IntN(2) == 0 {
			return []string{m.host(), m.port()}
		}
		return one(m.address())
	case "host", "port", "path", "fd", "fds", "flags", "level", "option", "family", "type", "proto", "how", "events", "mask", "mode":
		return one(m.named(name))
	case "fn", "func", "f", "function", "handler", "iterator":
		return one(m.object("function"))
	case "socket", "sock", "obj", "a", "b", "source", "file", "conn", "x":
		if m.IntN(3) > 0 {
			return one(m.socket())
		}
	case "readers", "writers", "exceptional", "files":
		return one(fmt.Sprintf("{%s, %s}", m.socket(), m.socket()))
	case "timeout", "seconds", "t":
		return one(pick(m, []string{"0", "0.001", "0.01", "0.005", "nil", "-1", "nan", "inf", "1e308", "1e-10", `"0.01"`, "2^31", "2^53", "{}"}))
	case "n", "max", "count", "size", "buflen", "ancsize", "offset", "pos", "i", "j", "maxfds", "items", "depth", "width", "by", "pos1", "digits", "init", "from", "to", "backlog", "buffer":
		return one(m.size())
	case "data", "s", "text", "str", "line", "delimiter", "message", "bytes", "key", "input", "chunk":
		return one(m.text())
	case "format", "fmt", "pattern", "repl":
		return one(m.format())
	case "co", "thread":
		return one(m.object("thread"))
	case "argv":
		return one(pick(m, []string{`{"true"}`, `{"cat"}`, `{"cat", "-"}`, `{"sh", "-c", "cat"}`, `{}`, `{"none"}`, `{"true\0"}`, `{"true", "a\0b"}`, `{dir .. "/data"}`, `{""}`, `"cat"`, `{{}}`, `{1}`, `{rep("x", 5000)}`, `{"cat", rep("x", 200000)}`}))
	case "ancillary":
		return one(fmt.Sprintf("{{%s, %s, %s}}", m.named("level"), pick(m, []string{m.named("SCM_"), m.size()}), m.text()))
	case "signal":
		return one(pick(m, []string{`"TERM"`, `"SIGKILL"`, `"USR1"`, `""`, "0", "9", "15", "64", "65", "-1", "1e308", `"SIG"`, "nan"}))
	case "boolean":
		return one(pick(m, []string{"true", "false"}))
	case "array":
		return one(fmt.Sprintf("{%s, %s}", m.text(), m.text()))
	case "case":
		return one(pick(m, []string{`{"default"}`, fmt.Sprintf(`{"|<-", %s, %s}`, m.object("channel"), m.object("function")),
			fmt.Sprintf(`{"<-|", %s, %s}`, m.object("channel"), m.value()), m.table(of)}))
	case "value":
		return one(pick(m, []string{m.anything(), m.number(), m.text(), "true", `rep("\127\0\0\1", 2)`}))
	case "comp", "less":
		return one(pick(m, []string{m.object("function"), "less"}))
	case "table", "list", "t1", "v", "names":
		return one(pick(m, []string{m.object("table"), m.table(of), m.anything()}))
	}
	if name[0] == '{' {
		return one(m.table(of))
	}
	if name[0] == '"' {
		return one(name)
	}
	return one(m.anything())
}

// named writes an argument for which constants, or words of its own, are made.
func (m *maker) named(name string) string {
	if m.IntN(10) == 0 {
		return m.number()
	}
	switch name {
	case "host":
		return m.host()
	case "port":
		return m.port()
	case "path":
		return m.path()
	case "fd":
		return fmt.Sprintf("fd(%s)", m.socket())
	case "fds":
		return fmt.Sprintf("{fd(%s), fd(%s)}", m.socket(), m.socket())
	case "mode":
		return pick(m, []string{`"r"`, `"w"`, `"a"`, `"r+"`, `"w+"`, `"a+"`, `"rb"`, `"rw"`, `"wr"`, `""`, `"x"`, `"no"`, `"full"`, `"line"`, `"k"`, `"r\0"`, `"*l"`})
	case "flags", "events", "mask":
		prefix := map[string]string{"flags": pick(m, []string{"MSG_", "MSG_", "MSG_", "AI_", "NI_"}), "events": "EVENT_", "mask": "POLL"}[name]
		sum := "0"
		for range m.IntN(4) {
			sum += " + " + m.named(prefix)
		}
		return sum
	}
	prefixes, ok := constants[name]
	if !ok {
		prefixes = []string{name}
	}
	if all := m.consts[pick(m, prefixes)]; len(all) > 0 {
		return pick(m, all)
	}
	return m.number()
}

var constants = map[string][]string{
	"level": {"SOL_", "IPPROTO_"}, "option": {"SO_", "TCP_", "IP_", "IPV6_", "UDP_"}, "family": {"AF_"}, "type": {"SOCK_"},
	"proto": {"IPPROTO_"}, "how": {"SHUT_"},
}

func (m *maker) number() string {
	return pick(m, []string{"0", "1", "-1", "2", "3", "7", "10", "64", "255", "256", "1000", "4096", "65535", "65536", "2^31", "2^31 - 1", "-2^31", "2^32", "2^53", "-2^53",
		"2^53 + 2", "2^63", "-2^63", "2^64", "1e308", "-1e308", "nan", "inf", "-inf", "0.5", "-0.5", "1.5", "1e-10", "-0", "5e-324", `"10"`, `"0x10"`, `" 1 "`})
}

func (m *maker) size() string {
	if m.IntN(3) > 0 {
		return pick(m, []string{"0", "1", "2", "10", "100", "4096", "9000", "65536", "70000"})
	}
	return m.number()
}

func (m *maker) text() string {
	if m.IntN(6) == 0 {
		return m.format()
	}
	return pick(m, []string{`""`, `"x"`, `"\0"`, `"a\0b"`, `"\n"`, `"line\n"`, `"a\r\nb\n"`, `"\195\164\226\130\172"`, `"\255\254\128"`, `"\27Lua"`, `rep("x", 70000)`, `rep("x", 1000)`,
		`rep("\0", 300)`, `rep("1,", 5000)`, `rep("[", 5000)`, `rep("(", 500)`, `rep("line\n", 50)`, `"{\"a\":[1,null]}"`, `"return 1"`, `"return ..."`, `"x = = 1"`, `"while true do end"`, `"*a"`,
		`"*l"`, `"*n"`, `"127.0.0.1"`, `"::1"`, `"fe80::1%lo"`, `"48656c6c6f"`, `"aGVsbG8="`, `"tcp"`, `"http"`, `"lo"`, `"sha256"`, `"raw"`, `"url"`, `"string"`, `"socket"`, `"utf8"`, `"C"`,
		"cert", "key", "ip", "dir", `"nan"`, `"1e999"`, `"0x"`, `"TLSv1.2"`, `"setvbuf"`, `"collect"`, `"step"`, `"EADDRINUSE"`, `"_G"`, `"code"`, `"broken"`, m.value(), m.path()})
}

func (m *maker) format() string {
	return pick(m, []string{`"%d"`, `"%s"`, `"%q"`, `"%99.99f"`, `"%5c%%"`, `"%"`, `"%z"`, `"%-+ #05.3g"`, `"%a+"`, `"(.-)%s*$"`, `"[%a-z"`, `"%b()"`, `"%f[%a]"`, `"(()"`, `"%1"`, `"[]]"`, `".-.-.-b"`,
		`"(a*)*"`, `"^$"`, `"%0"`, `"!*t"`, `"*t"`, `"%c"`, `"%Y-%m-%d %H:%M:%S"`, `"%Ey%O"`, `"<i4"`, `">I2 I8"`, `"=hhlqQ"`, `"10s"`, `"z"`, `"s4"`, `"i16"`, `"i17"`, `"!8d"`, `"1000000000s"`, `"Xi4"`,
		`"@3i"`, `"0s"`, `"n"`, `"x99999999999"`, `"p"`, `"?"`, `"ff"`, `"*L"`, `"*x"`})
}

func (m *maker) host() string {
	return pick(m, []string{"ip", "ip", "ip", `"::1"`, `"localhost"`, `""`, `"<broadcast>"`, `"0.0.0.0"`, `"256.1.1.1"`, `"fe80::1%lo"`, `"::ffff:127.0.0.1"`, `"no.such.host"`, `"a\0b"`, `rep("x", 300)`, `rep("a.", 200)`,
		`"127.1"`, `"-"`, `"%"`, `"1.2.3"`, `"0x7f.1"`, `"\255"`, `"localhost."`, "nil", m.path()})
}

func (m *maker) port() string {
	if m.IntN(2) == 0 {
		return fmt.Sprintf("port(%s)", m.object("socket", "tls server"))
	}
	return pick(m, []string{"0", "0", "1", "65535", "65536", "-1", "nil", "nan", `"http"`, `"0"`, `"no"`, "1.5"})
}

func (m *maker) path() string {
	return pick(m, []string{`dir .. "/data"`, `dir .. "/new"`, `dir .. "/s1"`, `dir .. "/s2"`, `dir .. "/d1"`, `dir .. "/code.lua"`, `dir .. "/broken.lua"`, `dir .. "/fifo"`, `dir .. "/none"`, "dir", `dir .. "/sub/new"`,
		`dir .. "/link"`, `dir .. "/../x"`, `dir .. "/" .. rep("x", 300)`, `dir .. "/a\0b"`, `"data"`, `"code"`, `"."`, `"/"`, `""`, `"/dev/null"`, `"/dev/fd/0"`, `"/proc/self/mem"`, `"\0abstract"`, `rep("x", 200)`, `"\0" .. rep("x", 107)`, `"./?.lua"`})
}

func (m *maker) address() string {
	switch m.IntN(5) {
	case 0:
		return m.object("address")
	case 1:
		return m.path()
	case 2:
		return fmt.Sprintf("{host = %s, port = %s, %s = %s}", m.host(), m.port(), pick(m, []string{"path", "scope_id", "flowinfo", "family"}), m.anything())
	}
	return fmt.Sprintf("{%s, %s}", m.host(), m.port())
}

// table writes a table with options that a manual names, and some that it does not.
func (m *maker) table(of manual) string {
	var b strings.Builder
	for _, name := range of.options {
		if m.IntN(3) > 0 && isWord(name) {
			fmt.Fprintf(&b, "%s = %s, ", name, m.option(name))
		}
	}
	for range m.IntN(3) {
		if name := pick(m, m.options); m.IntN(4) == 0 && isWord(name) {
			fmt.Fprintf(&b, "%s = %s, ", name, m.option(name))
		} else {
			b.WriteString(m.anything() + ", ")
		}
	}
	return "{" + b.String() + "}"
}

func (m *maker) option(name string) string {
	switch name {
	case "stdin", "stdout", "stderr":
		return pick(m, []string{`"pipe"`, `"null"`, `"inherit"`, `"stdout"`, m.socket(), m.anything()})
	case "cert", "ca", "key":
		return pick(m, []string{"cert", "key", m.path(), m.text()})
	case "min_version", "max_version":
		return pick(m, []string{`"TLSv1.2"`, `"TLSv1.3"`, `"SSLv3"`, m.anything()})
	case "server_side", "verify", "reuse_port", "dualstack_ipv6", "create", "check_name":
		return pick(m, []string{"true", "false", `"optional"`, m.anything()})
	case "alpn", "env", "ciphers", "certificates":
		return pick(m, []string{`{"h2"}`, `{A = "1"}`, `{["A=B"] = "\0"}`, `{""}`, "{{cert = cert, key = key}}", m.anything()})
	case "name":
		return pick(m, []string{"memory", "memory", m.text()})
	case "timeout":
		return pick(m, []string{"0", "0.01", "0.02", `"0.01"`, "1e-10", "-1", "nan", "inf", m.anything()})
	}
	if m.IntN(2) == 0 {
		return m.anything()
	}
	return m.argument(name, manual{})[0]
}

func (m *maker) anything() string {
	switch m.IntN(12) {
	case 0, 1:
		return m.number()
	case 2, 3:
		return m.text()
	case 4:
		return pick(m, []string{"nil", "true", "false"})
	case 5:
		return pick(m, []string{"{}", "{1, 2, 3}", "{ip, 0}", "{{}}", `{"a", n = 2^53}`, "{[2^53] = 1}", fmt.Sprintf("{%s}", m.value())})
	case 6:
		return fmt.Sprintf("F[%q]", pick(m, m.names))
	case 7:
		return pick(m, m.consts[""])
	case 8:
		return m.object("function", "table", "thread")
	}
	return m.value()
}

func isWord(s string) bool { return s != "" && s[0] >= 'a' && s[0] <= 'z' }

func pick[T any](m *maker, list []T) T { return list[m.IntN(len(list))] }
