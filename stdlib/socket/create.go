//go:build unix

package socket

import (
	"math"
	"slices"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/stream"
	"wirelua/stdlib/internal/sys"
)

// createFuncs are the short ways to a connection and to a listening socket, and
// the timeout that new sockets have.
var createFuncs = []interp.Function{
	{Name: "create_connection", Args: "host, port[, {timeout=, source={host, port}}]",
		Doc: "a socket connected to the first of the host's addresses that answers; waits", Fn: createConnection},
	{Name: "create_server", Args: "host, port[, {family=, backlog=, reuse_port=, dualstack_ipv6=}]",
		Doc: "a socket bound to the address and listening; waits for a look-up only", Fn: createServer},
	{Name: "getdefaulttimeout", Args: "", Doc: "the timeout of new sockets, in seconds; nil is none", Fn: getdefaulttimeout},
	{Name: "setdefaulttimeout", Args: "seconds or nil", Doc: "sets the timeout of new sockets; true", Fn: setdefaulttimeout},
}

func getdefaulttimeout(s *interp.State) int {
	return s.Return(stream.Seconds(sys.NetOf(s.Interp()).DefaultTimeout))
}

func setdefaulttimeout(s *interp.State) int {
	if s.GetTop() < 1 {
		s.ArgError(1, "seconds or nil expected, got no value")
	}
	n := sys.NetOf(s.Interp())
	n.DefaultTimeout = -1
	if d, ok := s.Seconds(1); ok {
		n.DefaultTimeout = d
	}
	return s.True()
}

// options are the named arguments of a call: a table in argument n.
type options struct {
	s     *interp.State
	n     int
	table *lua.LTable
}

// optionsArg returns the options in argument n, which may be left out. It raises
// an error for one that is not known, most likely misspelt.
func optionsArg(s *interp.State, n int, known ...string) options {
	o := options{s, n, s.OptTable(n)}
	o.table.ForEach(func(key, _ lua.LValue) {
		if !slices.Contains(known, key.String()) {
			s.ArgError(n, "unknown option '%s', there are: %s", key, strings.Join(known, ", "))
		}
	})
	return o
}

func (o options) get(name string) lua.LValue { return o.table.RawGetString(name) }

func (o options) wrong(name, want string) {
	o.s.ArgError(o.n, "option '%s' must be %s, got %s", name, want, o.get(name))
}

func (o options) bool(name string) bool {
	v, ok := o.get(name).(lua.LBool)
	if !ok && o.get(name) != lua.LNil {
		o.wrong(name, "true or false")
	}
	return bool(v)
}

func (o options) int(name string, d int) int {
	if o.get(name) == lua.LNil {
		return d
	}
	v, ok := o.get(name).(lua.LNumber)
	if x := float64(v); !ok || x != math.Trunc(x) || math.Abs(x) > math.MaxInt32 {
		o.wrong(name, "an integer")
	}
	return int(v)
}

// timeout returns an option in seconds as a descriptor's timeout, d when absent.
func (o options) timeout(name string, d time.Duration) time.Duration {
	if o.get(name) == lua.LNil {
		return d
	}
	v, ok := o.get(name).(lua.LNumber)
	if !ok || !(v >= 0) {
		o.wrong(name, "0 or more seconds")
	}
	if float64(v) >= math.MaxInt64/float64(time.Second) {
		return -1
	}
	return time.Duration(float64(v) * float64(time.Second))
}

func createConnection(s *interp.State) int {
	to, taken := placeArg(s, 1)
	o := optionsArg(s, 1+taken, "source", "timeout")
	timeout := o.timeout("timeout", sys.NetOf(s.Interp()).DefaultTimeout)
	var from *place
	if v := o.get("source"); v != lua.LNil {
		p := placeOf(s, o.n, v)
		from = &p
	}
	fd, peer, err := dial(s, to, from, timeout)
	if err != nil {
		e := *interp.AsOpError(err)
		if e.Address == "" {
			e.Address = to.String()
		}
		return s.Raise(&e)
	}
	fd.Timeout = timeout
	push(s, fd).peer = peer
	return 1
}

// dial connects to a place from another one, which may be nil, within timeout:
// the look-ups included.
func dial(s *interp.State, to place, from *place, timeout time.Duration) (*sys.FD, *sys.Addr, error) {
	var lim sys.Limit
	switch {
	case timeout == 0:
		return nil, nil, &interp.OpError{Code: "EINPROGRESS", Errno: unix.EINPROGRESS,
			Message: "a connection cannot be made within a timeout of 0"}
	case timeout > 0:
		lim.Deadline = time.Now().Add(timeout)
	}
	addrs, err := to.addresses(s, lim)
	if err != nil {
		return nil, nil, err
	}
	r := &race{s: s, name: to.host, todo: interleave(addrs), lim: lim, delay: attemptDelay}
	if from != nil {
		if err := r.bindTo(*from); err != nil {
			return nil, nil, err
		}
	}
	return r.run()
}

// serverOptions are create_server's.
type serverOptions struct {
	family, backlog      int
	reusePort, dualstack bool
}

func createServer(s *interp.State) int {
	o := serverArgs(s)
	n := sys.NetOf(s.Interp())
	a, name, _ := sys.CheckAddr(s, 1, o.family, lookupLimit(s))
	fd, err := n.Socket(s, o.family, unix.SOCK_STREAM, 0)
	if err != nil {
		return s.Raise(atAddress(err, a))
	}
	done := false
	defer func() {
		if !done { // also when the script is stopped in the middle
			fd.CloseFor(s)
		}
	}()
	if err := o.apply(fd); err != nil {
		return s.Raise(atAddress(err, a))
	}
	if err := fd.Bind(s, a, name); err != nil {
		return s.Raise(atAddress(err, a))
	}
	if err := fd.Listen(s, o.backlog); err != nil {
		return s.Raise(atAddress(err, a))
	}
	done = true
	push(s, fd)
	return 1
}

// serverArgs reads the options, which follow the address: that has two arguments,
// or one, if it is a table, an address object or a path.
func serverArgs(s *interp.State) serverOptions {
	at := 3
	if _, ok := s.Get(1).(lua.LString); !ok || s.Get(2).Type() == lua.LTTable {
		at = 2
	}
	opts := optionsArg(s, at, "backlog", "dualstack_ipv6", "family", "reuse_port")
	o := serverOptions{
		family:    opts.int("family", givenFamily(s)),
		backlog:   max(opts.int("backlog", 128), 0),
		reusePort: opts.bool("reuse_port"),
		dualstack: opts.bool("dualstack_ipv6"),
	}
	switch {
	case o.dualstack && o.family != unix.AF_INET6:
		s.ArgError(at, "option 'dualstack_ipv6' needs the family AF_INET6")
	case o.dualstack && !hasDualstackIPv6(sys.NetOf(s.Interp())):
		s.ArgError(at, "option 'dualstack_ipv6' is not supported on this platform")
	}
	return o
}

// givenFamily returns the family of the address object in argument 1; of all
// else, which could be of any, it is AF_INET.
func givenFamily(s *interp.State) int {
	if ud, ok := s.Get(1).(*lua.LUserData); ok {
		if a, ok := ud.Value.(*sys.Addr); ok {
			return a.Family
		}
	}
	return unix.AF_INET
}

func (o serverOptions) apply(fd *sys.FD) error {
	// A server that is started again shall not have to wait until the kernel
	// has forgotten its last connections. Where the option is unknown, bind
	// tells what is wrong.
	fd.SetInt(unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if o.reusePort && o.family != unix.AF_UNIX {
		if err := fd.SetInt(unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
			return err
		}
	}
	if o.family != unix.AF_INET6 {
		return nil
	}
	only := 1
	if o.dualstack {
		only = 0
	}
	return fd.SetInt(unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only)
}
