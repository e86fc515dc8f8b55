//go:build unix

package dial

import (
	"math"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

// ServerOptions are the names of the options that Listen reads.
var ServerOptions = []string{"backlog", "dualstack_ipv6", "family", "reuse_port"}

// serverOptions are Listen's.
type serverOptions struct {
	family, backlog      int
	reusePort, dualstack bool
}

// Listen returns a socket that listens at the address in the arguments at 1, with the options of ServerOptions
// out of opts. It may wait for a look-up, and raises what is wrong.
func Listen(s *interp.State, opts interp.Options) *sys.FD {
	o := readServerOptions(s, opts)
	a, name, _ := lookup.CheckAddr(s, 1, o.family, lookup.Limit(s))
	fd, err := sys.NetOf(s.Interp()).Socket(s, o.family, unix.SOCK_STREAM, 0)
	if err != nil {
		s.Raise(interp.About(err, a.String()))
	}
	done := false
	defer func() {
		if !done { // also when the script is stopped in the middle
			fd.CloseFor(s)
		}
	}()
	if err = o.apply(fd); err == nil {
		err = fd.Bind(s, a, name)
	}
	if err == nil {
		err = fd.Listen(s, o.backlog)
	}
	if err != nil {
		s.Raise(interp.About(err, a.String()))
	}
	done = true
	return fd
}

func readServerOptions(s *interp.State, opts interp.Options) serverOptions {
	o := serverOptions{
		family:    opts.Int("family", givenFamily(s), math.MinInt32, math.MaxInt32, "an integer"),
		backlog:   max(opts.Int("backlog", 128, math.MinInt32, math.MaxInt32, "an integer"), 0),
		reusePort: opts.Bool("reuse_port", false),
		dualstack: opts.Bool("dualstack_ipv6", false),
	}
	switch {
	case o.dualstack && o.family != unix.AF_INET6:
		opts.Error("option 'dualstack_ipv6' needs the family AF_INET6")
	case o.dualstack && !HasDualstack(sys.NetOf(s.Interp())):
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

// HasDualstack reports whether one socket can be for IPv6 and IPv4.
func HasDualstack(n *sys.Net) bool {
	fd, err := n.Socket(nil, unix.AF_INET6, unix.SOCK_STREAM, 0)
	if err != nil {
		return false
	}
	defer fd.Close()
	return fd.SetInt(unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0) == nil
}
