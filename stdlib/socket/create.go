//go:build unix

package socket

import (
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/lookup"
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

func createConnection(s *interp.State) int {
	to, taken := placeArg(s, 1)
	o := s.Options(1+taken, "source", "timeout")
	timeout, given := o.Timeout("timeout")
	if !given {
		timeout = sys.NetOf(s.Interp()).DefaultTimeout
	}
	var from *place
	if o.Has("source") {
		p := placeOf(s, 1+taken, o.Get("source"))
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
func dial(s *interp.State, to place, from *place, timeout time.Duration) (*sys.FD, *addr.Addr, error) {
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
	a, name, _ := lookup.CheckAddr(s, 1, o.family, lookupLimit(s))
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
	opts := s.Options(at, "backlog", "dualstack_ipv6", "family", "reuse_port")
	o := serverOptions{
		family:    opts.Int("family", givenFamily(s), math.MinInt32, math.MaxInt32, "an integer"),
		backlog:   max(opts.Int("backlog", 128, math.MinInt32, math.MaxInt32, "an integer"), 0),
		reusePort: opts.Bool("reuse_port", false),
		dualstack: opts.Bool("dualstack_ipv6", false),
	}
	switch {
	case o.dualstack && o.family != unix.AF_INET6:
		opts.Error("option 'dualstack_ipv6' needs the family AF_INET6")
	case o.dualstack && !hasDualstackIPv6(sys.NetOf(s.Interp())):
		opts.Error("option 'dualstack_ipv6' is not supported on this platform")
	}
	return o
}

// givenFamily returns the family of the address object in argument 1; of all
// else, which could be of any, it is AF_INET.
func givenFamily(s *interp.State) int {
	if ud, ok := s.Get(1).(*lua.LUserData); ok {
		if a, ok := ud.Value.(*addr.Addr); ok {
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
