//go:build unix

package lookup

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// Names returns the names of an address, at least one. It asks the policy,
// and waits as long as lim says. Of localhost's addresses no name server is asked: they
// have the names that this machine's list gives them, or that one.
func Names(s *interp.State, ip netip.Addr, lim sys.Limit) (names []string, err error) {
	err = told(s, ip.String(), func() ([]string, error) {
		names, err = namesOf(s, ip, lim)
		return names, err
	})
	return names, err
}

func namesOf(s *interp.State, ip netip.Addr, lim sys.Limit) ([]string, error) {
	if err := s.Interp().Policy().LookupAddr(ip); err != nil {
		return nil, err
	}
	var names []string
	disturb := disturbance(s, ip.String())
	err := ask(s, lim, func(ctx context.Context, r *net.Resolver) (err error) {
		if err := disturb(ctx); err != nil {
			return err
		}
		if isLocalhost(ip) {
			r = &net.Resolver{PreferGo: true, Dial: nobody}
		}
		names, err = r.LookupAddr(ctx, ip.Unmap().WithZone("").String())
		return err
	})
	if dns := new(net.DNSError); isLocalhost(ip) && (errors.As(err, &dns) || err == nil && len(names) == 0) {
		return []string{"localhost"}, nil
	}
	if err == nil && len(names) == 0 {
		err = &net.DNSError{IsNotFound: true} // all were no host names
	}
	if err != nil {
		return nil, lookupError(ip.String(), err)
	}
	for i, name := range names {
		names[i] = strings.TrimSuffix(name, ".")
	}
	return names, nil
}

func isLocalhost(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip == netip.IPv6Loopback() || ip == netip.AddrFrom4([4]byte{127, 0, 0, 1})
}

// nobody is the Dial of a resolver that has the machine's list alone.
func nobody(context.Context, string, string) (net.Conn, error) { return nil, unix.ENETUNREACH }

// Canonical returns the name that host, a name which was resolved, is an
// alias of, or host. It waits as long as lim says.
func Canonical(s *interp.State, host string, lim sys.Limit) (name string, err error) {
	err = told(s, host, func() ([]string, error) {
		name, err = canonical(s, host, lim)
		return []string{name}, err
	})
	return name, err
}

func canonical(s *interp.State, host string, lim sys.Limit) (string, error) {
	if err := s.Interp().Policy().Lookup(host); err != nil {
		return "", err
	}
	var name string
	disturb := disturbance(s, host)
	err := ask(s, lim, func(ctx context.Context, r *net.Resolver) (err error) {
		if err := disturb(ctx); err != nil {
			return err
		}
		name, err = endOfChain(ctx, r, host)
		return err
	})
	if err != nil {
		return "", lookupError(host, err)
	}
	return name, nil
}

// longestChain is how many aliases of aliases are followed; C libraries follow as many.
const longestChain = 16

// endOfChain follows aliases until a name is none: Go's resolver tells the first name that host
// is an alias of, which may be an alias, too.
func endOfChain(ctx context.Context, r *net.Resolver, host string) (string, error) {
	name := strings.TrimSuffix(host, ".")
	for range longestChain {
		ask := name + "." // a search list is for what the script gave
		if name == host {
			ask = host
		}
		next, err := r.LookupCNAME(ctx, ask)
		if err != nil {
			return "", err
		}
		if next = strings.TrimSuffix(next, "."); strings.EqualFold(next, name) {
			break
		}
		name = next
	}
	return name, nil
}

// ask has question ask the system's resolver, without the turn.
func ask(s *interp.State, lim sys.Limit, question func(context.Context, *net.Resolver) error) error {
	r := promptResolver()
	var answer error
	err := s.Thread().Block(func(ctx context.Context) {
		if !lim.Deadline.IsZero() {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, lim.Deadline)
			defer cancel()
		}
		if answer = question(ctx, r); answer != nil && ctx.Err() != nil {
			answer = ctx.Err()
		}
	})
	if err != nil {
		return err
	}
	return answer
}

// promptResolver returns a resolver that asks whom the default one does, and
// stops when its context is cancelled. The default one, for these questions,
// waits for the server's answer all the same, and the interpreter's Close with
// it.
func promptResolver() *net.Resolver {
	r := net.DefaultResolver
	dial := r.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return &net.Resolver{PreferGo: r.PreferGo, StrictErrors: r.StrictErrors,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := dial(ctx, network, address)
			if err == nil {
				context.AfterFunc(ctx, func() { c.Close() })
			}
			return c, err
		}}
}
