package policy

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Audit notes what a script touches: the rules it would need. The zero value is ready for use;
// all methods may be called by any goroutine.
//
//	var audit policy.Audit
//	err := audit.Checker().Read("/etc/hosts") // nil: all is allowed
//	audit.Policy()                            // Policy{Read: []string{"/etc/hosts"}}
type Audit struct {
	mu    sync.Mutex
	rules map[string]map[string]bool // by door
	names map[string]bool            // looked up: any connect rule would do
}

// Checker returns a checker that allows everything, and notes in a what for.
func (a *Audit) Checker() *Checker { return &Checker{audit: a} }

// Policy returns the smallest policy under which all that was noted is allowed, its rules
// sorted. Connecting or sending to a port from those that the kernel hands out needs a rule for
// all of these, unless the script has bound that very port: it will be another one the next
// time.
func (a *Audit) Policy() Policy {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := Policy{
		Connect: a.connect(), Listen: a.sorted("listen"), Read: a.paths("read"), Write: a.paths("write"),
		Run: a.sorted("run"), Env: a.sorted("env"),
	}
	for _, door := range p.doors() {
		if slices.Contains(*door.rules, everything) {
			*door.rules = []string{everything}
		}
	}
	return p
}

// door is a field of a Policy by its name.
type door struct {
	name  string
	rules *[]string
}

func (p *Policy) doors() []door {
	return []door{
		{"connect", &p.Connect}, {"listen", &p.Listen}, {"read", &p.Read},
		{"write", &p.Write}, {"run", &p.Run}, {"env", &p.Env},
	}
}

// Flags returns the policy as flags of the wirelua command, quoted for a shell. A policy that
// allows nothing is "--sandbox".
func (p Policy) Flags() string {
	var flags []string
	for _, d := range p.doors() {
		if len(*d.rules) == 0 {
			continue
		}
		spelled := make([]string, len(*d.rules))
		for i, rule := range *d.rules {
			spelled[i] = escapeComma(rule)
		}
		flags = append(flags, "--allow-"+d.name+"="+shellWord(strings.Join(spelled, ",")))
	}
	if flags == nil {
		return "--sandbox"
	}
	return strings.Join(flags, " ")
}

// Allow adds the rule that would have allowed what was denied.
func (p *Policy) Allow(d *Denied) {
	for _, door := range p.doors() {
		if door.name == d.Door {
			*door.rules = append(*door.rules, d.Rule)
		}
	}
}

// allow returns err, the outcome of a check; an audit notes what was denied and allows it.
func (c *Checker) allow(err error) error {
	d, ok := err.(*Denied)
	switch {
	case !ok:
		return err
	case c.audit == nil:
		return c.advise(d)
	}
	c.audit.note(d.Door, d.Rule)
	return nil
}

func (a *Audit) note(door, rule string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.rules == nil {
		a.rules = map[string]map[string]bool{}
	}
	if a.rules[door] == nil {
		a.rules[door] = map[string]bool{}
	}
	a.rules[door][rule] = true
}

// noteAll notes what needs every door.
func (a *Audit) noteAll() {
	for _, d := range new(Policy).doors() {
		a.note(d.name, everything)
	}
}

// noteName notes a look-up.
func (a *Audit) noteName(rule string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.names == nil {
		a.names = map[string]bool{}
	}
	a.names[rule] = true
}

func (a *Audit) sorted(door string) []string { return slices.Sorted(maps.Keys(a.rules[door])) }

// paths are the rules of a door without those that lie below another.
func (a *Audit) paths(door string) []string {
	all := a.sorted(door)
	return slices.DeleteFunc(slices.Clone(all), func(path string) bool {
		return slices.ContainsFunc(all, func(root string) bool { return root != path && under(filepath.Clean(root), path) })
	})
}

// connect are the rules of the connect door.
func (a *Audit) connect() []string {
	low, high := handedOut()
	set, leadsOut := map[string]bool{}, false
	for text := range a.rules["connect"] {
		r, err := parseRule(text)
		leadsOut = leadsOut || err == nil && r.kind != kindUnix
		if err == nil && (r.kind == kindPrefix || r.kind == kindName) && r.ports.low == r.ports.high &&
			low <= r.ports.low && r.ports.low <= high && !a.listens(r.ports.low) {
			r.ports = portRange{low, high}
			text = r.String()
		}
		set[text] = true
	}
	if !leadsOut {
		for name := range a.names {
			set[name] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// listens reports whether a listen rule has the port.
func (a *Audit) listens(port uint16) bool {
	for text := range a.rules["listen"] {
		if r, err := parseRule(text); err == nil && r.ports == (portRange{port, port}) {
			return true
		}
	}
	return false
}

// handedOut returns the ports that the kernel gives to sockets which ask for none.
func handedOut() (low, high uint16) {
	data, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if fields := strings.Fields(string(data)); err == nil && len(fields) == 2 {
		l, err1 := strconv.ParseUint(fields[0], 10, 16)
		h, err2 := strconv.ParseUint(fields[1], 10, 16)
		if err1 == nil && err2 == nil && l > 0 && l <= h {
			return uint16(l), uint16(h)
		}
	}
	return 49152, 65535
}

// lookup is the outcome of asking for a look-up.
func (c *Checker) lookup(e *Denied) error {
	if c.audit == nil {
		return c.advise(e)
	}
	c.audit.noteName(e.Rule)
	return nil
}

// Everything reports whether everything is allowed, for what no rule of one door can speak for:
// descriptors that the host opened. It never waits.
func (c *Checker) Everything() bool {
	if c.audit != nil {
		c.audit.noteAll()
		return true
	}
	return c.all
}

// Environ returns which of the variables, each "name=value", a child may be given. It never
// waits.
func (c *Checker) Environ(all []string) []string {
	if c.audit != nil {
		c.audit.note("env", everything)
		return all
	}
	some := make([]string, 0, len(all))
	for _, variable := range all {
		if name, _, _ := strings.Cut(variable, "="); c.Env(name) == nil {
			some = append(some, variable)
		}
	}
	return some
}

// SplitRules splits what stands behind one --allow flag: rules with commas between them. A rule
// that has a comma of its own is written with a backslash before it.
func SplitRules(text string) []string {
	var rules []string
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == ',':
			i++
			b.WriteByte(',')
		case text[i] == ',':
			rules = append(rules, b.String())
			b.Reset()
		default:
			b.WriteByte(text[i])
		}
	}
	return append(rules, b.String())
}

func escapeComma(rule string) string { return strings.ReplaceAll(rule, ",", `\,`) }
