// Package policy says what a script may touch, and answers whether it may.
//
// A [Policy] is a plain value: six lists of rules, one for each door (connect, listen, read,
// write, run, env). Its zero value denies everything. [Policy.Compile] reads the rules once and
// gives a [Checker], which has one method for each door and may be used from any goroutine:
//
//	c, err := policy.Policy{Connect: []string{"10.0.0.0/8:443"}}.Compile()
//	err = c.Connect("tcp", netip.MustParseAddrPort("10.1.2.3:443"), "") // nil
//	err = c.Connect("tcp", netip.MustParseAddrPort("10.1.2.3:22"), "")  // *policy.Denied
//
// # Network rules
//
// A network rule is one of
//
//	host  host:port  host:port-port  :port  :port-port
//	unix:/path  unix:@abstract  *
//
// where host is a name, an IPv4 address, an IPv6 address in brackets (which may be left out when
// no port follows), or a prefix such as 10.0.0.0/8. No port means every port. A host covers no
// Unix sockets, and only "*", on both doors, covers raw ones and the choice of an interface, where
// even 127.0.0.1 may be another machine's; and what takes rights that the host's process may have
// and scripts have not: socket options such as forced buffers, marks and congestion control,
// others' credentials, socketpair of other families than AF_UNIX.
//
// Rules hold for addresses, never for spellings: what counts is where a packet would go. So
// ::ffff:10.0.0.1 is 10.0.0.1; connecting to 0.0.0.0 or :: is connecting to loopback (see
// [Destination]); and an IPv6 address that carries an IPv4 address for a translator or tunnel
// (64:ff9b::/96, 2002::/16 and their kin) is covered by a wide rule such as ::/0 only if the
// address inside is covered too.
//
// A rule by name covers the addresses that the host's resolver gives for that name when the
// checker asks, or the runtime does and tells it ([Checker.Learn]); a script cannot. The name a
// script gives opens nothing by itself: evil.example resolving to 127.0.0.1 is 127.0.0.1, and
// needs a rule that covers 127.0.0.1. The other side of it: who writes a rule by name trusts
// whoever owns that name to say which addresses it covers, inner ones included. Write addresses
// where that trust is missing. "localhost" is 127.0.0.1 and ::1, and is never looked up.
//
// # Path rules
//
// A rule of the read and write doors covers the file or folder it names and all that is below.
// Rules are made absolute and their symbolic links resolved when the policy is compiled, paths
// when they are checked, and no link that appears after that is followed: see [Checker.OpenFile].
//
// # What a fence of this kind cannot do
//
// It asks before an operation; it is not a jail of the operating system's. A program that the
// run door lets through is itself inside no fence (a shell opens every door), and it inherits
// what its parent hands it. A hard link is the file: one that lies below an allowed folder is
// allowed. A rule that covers /proc covers this very process: its memory, environment and files.
// Three paths are resolved a second time by the system, and who can rename folders in between can
// lead them elsewhere: that of a program and the folder it starts in, and the one that a Unix socket is
// bound to (outside Linux, or without /proc, also the one that is connected to).
package policy

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Policy says what a script may touch. It is a plain value to be copied, compared field by field
// and written out as JSON; nothing in it is parsed before [Policy.Compile]. The zero value
// denies everything. In every field the rule "*" allows all that the door leads to, and an empty
// list allows nothing.
type Policy struct {
	// Connect lists where a script may connect and send to: network rules. Having at least one
	// that is not for Unix sockets also allows looking up names.
	Connect []string
	// Listen lists the addresses a script may bind, and the multicast groups it may join: network
	// rules. Binding every address at once (0.0.0.0 or ::) needs a rule for every address.
	Listen []string
	// Read lists files and folders that may be opened for reading.
	Read []string
	// Write lists files and folders that may be created, changed and removed. It does not allow
	// reading them.
	Write []string
	// Run lists programs that may be started: a name as found on PATH when the policy is
	// compiled, or a path.
	Run []string
	// Env lists names of environment variables that may be read.
	Env []string
}

// All returns the policy that allows everything. Its checks cost nothing.
func All() Policy {
	all := func() []string { return []string{everything} } // each field its own, for who changes one
	return Policy{Connect: all(), Listen: all(), Read: all(), Write: all(), Run: all(), Env: all()}
}

// everything is the rule that opens a door altogether.
const everything = "*"

// Compile parses all rules and returns the checker for them. The first rule that is wrong fails
// it with a [*RuleError], which names the door, the rule and what to write instead. Compile
// resolves the links in path rules and finds programs on PATH, so later changes to either do not
// widen what is allowed; it looks up no host names. It does not keep p.
func (p Policy) Compile() (*Checker, error) {
	c := new(Checker)
	var err error
	if c.connect, err = compileNet("connect", p.Connect); err != nil {
		return nil, err
	}
	if c.listen, err = compileNet("listen", p.Listen); err != nil {
		return nil, err
	}
	if c.read, err = compilePaths("read", p.Read); err != nil {
		return nil, err
	}
	if c.write, err = compilePaths("write", p.Write); err != nil {
		return nil, err
	}
	if c.run, err = compileRun(p.Run); err != nil {
		return nil, err
	}
	if c.env, err = compileEnv(p.Env); err != nil {
		return nil, err
	}
	c.all = c.connect.all && c.listen.all && c.read.all && c.write.all && c.run.all && c.env.all
	c.ask(systemLookup)
	return c, nil
}

// Checker answers whether a script may do something: nil, or a [*Denied] that says which rule
// would allow it. The zero value denies everything. A Checker never changes (but for its memory
// of name look-ups, which is its own affair) and all of its methods may be called from any
// number of goroutines at once.
//
// Only [Checker.Connect] and [Checker.Listen] may wait, and only if [Checker.MayWait] says so.
type Checker struct {
	connect, listen netDoor
	read, write     pathDoor
	run             runDoor
	env             envDoor
	hosts           map[string]*host // by the names in network rules
	all             bool
	audit           *Audit // allows everything and notes what
	remedy          func(*Denied) string
}

// AllowsAll reports whether everything is allowed, so that a caller may skip preparing a check
// whose answer is known. It never waits.
func (c *Checker) AllowsAll() bool { return c.all }

// MayWait reports whether there are rules by host name, for which [Checker.Connect] and
// [Checker.Listen] may have to ask the network. A module whose thread has the turn gives
// it up around these calls when MayWait is true, or always.
func (c *Checker) MayWait() bool { return len(c.hosts) > 0 }

// Lookup asks for the addresses of a host name. It must return when ctx ends.
type Lookup func(ctx context.Context, name string) ([]netip.Addr, error)

// systemLookup is the default: the look-up every Go program uses.
func systemLookup(ctx context.Context, name string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
}

// WithLookup returns a checker with the same rules that asks f for the addresses of the names in
// them, with an empty memory. The default asks [net.DefaultResolver]. For tests, and for
// programs that resolve names in their own way: a script's own look-ups should then go the same
// way. c itself does not change.
func (c *Checker) WithLookup(f Lookup) *Checker {
	d := *c
	d.ask(f)
	return &d
}

// ask begins with an empty memory of look-ups, by f.
func (c *Checker) ask(f Lookup) {
	named := slices.Concat(c.connect.named, c.listen.named)
	if c.hosts = nil; len(named) > 0 {
		c.hosts = make(map[string]*host, len(named))
	}
	for _, r := range named {
		if c.hosts[r.name] == nil {
			c.hosts[r.name] = newHost(r.name, f)
		}
	}
}

// WithRemedy returns a checker with the same rules whose errors end with what f says of them: which flag
// of a command opens the door, say. f may be called from any goroutine. c itself does not change.
func (c *Checker) WithRemedy(f func(*Denied) string) *Checker {
	d := *c
	d.remedy = f
	return &d
}

// advise adds the remedy to an error.
func (c *Checker) advise(d *Denied) error {
	if c.remedy != nil {
		d.remedy = c.remedy(d)
	}
	return d
}

// Env reports whether the environment variable called name may be read: it is a rule of the env
// door. Children of a script should be given no other variables either. It never waits.
func (c *Checker) Env(name string) error {
	if c.env.all || c.env.names[name] {
		return nil
	}
	e := &Denied{Door: "env", What: name, Rule: name}
	if badEnv(name) != "" {
		e.Rule = everything
	}
	return c.allow(e)
}

// envDoor holds the rules of the env door.
type envDoor struct {
	all   bool
	names map[string]bool
}

func compileEnv(rules []string) (d envDoor, err error) {
	d.names = make(map[string]bool)
	for _, rule := range rules {
		if problem := badEnv(rule); problem != "" {
			return d, &RuleError{Door: "env", Rule: rule, Problem: problem}
		}
		d.all = d.all || rule == everything
		d.names[rule] = true
	}
	return d, nil
}

// badEnv says what is wrong with a rule of the env door, or "".
func badEnv(rule string) string {
	switch {
	case rule == "":
		return "is empty: write a variable's name, or *"
	case strings.Contains(rule, "="):
		return "has a = in it: write the variable's name alone"
	case strings.ContainsAny(rule, "\x00 \t\n"):
		return "has a blank in it: write each variable by itself, without blanks"
	case strings.HasPrefix(rule, "$"):
		return "starts with $: write the name alone"
	case rule != everything && strings.Contains(rule, "*"):
		return "is a pattern: write each variable by itself, or * for all"
	}
	return ""
}
