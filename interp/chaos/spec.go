// Package chaos says what is to be disturbed on purpose of what a program does with its sockets: how
// often, how much, and, by a seed, exactly when. It only decides; whoever makes the system calls
// asks it, and does what it says.
package chaos

import (
	"net/netip"
	"slices"
	"time"

	"wirelua/interp/policy"
)

// Kind is a kind of disturbance.
type Kind uint8

// The kinds, as Parse names them. An amount is of nanoseconds, or of bytes in a second.
const (
	ShortRead   Kind = iota // short-read: a stream gives a part of what there is
	ShortWrite              // short-write: a stream takes a part
	Delay                   // delay=20ms: a call that receives or sends begins so much later
	Jitter                  // jitter=5ms: and up to so much later than that
	Reset                   // reset: the connection is reset
	Refuse                  // refuse: connect fails with ECONNREFUSED
	AcceptDelay             // accept-delay=10ms: a client is accepted so much later
	Drop                    // drop: a datagram that is sent gets lost
	Dup                     // dup: it arrives twice
	Reorder                 // reorder: it arrives after the next one
	DNSFail                 // dns-fail: a look-up fails
	DNSDelay                // dns-delay=100ms: it takes so much longer
	Bandwidth               // bandwidth=64KB/s: so many bytes in a second, each way of a connection
	kinds
)

// always is the share of a kind that hits each time: shares are in millionths.
const always = 1_000_000

// Spec is what is to be disturbed. It is a value that never changes, for any number of interpreters and
// goroutines; the zero value disturbs nothing. Parse makes one.
type Spec struct {
	share  [kinds]uint32 // how many calls of a million are hit
	amount [kinds]int64
	seed   uint64
	seeded bool
	only   []policy.NetworkRule // whom it is about; none is everybody
}

// On reports whether anything is to be disturbed.
func (s Spec) On() bool { return s.share != [kinds]uint32{} }

// Has reports whether a kind of disturbance is asked for.
func (s Spec) Has(k Kind) bool { return s.share[k] > 0 }

// Seed is what decides which calls are hit; given is false when the Spec has none, which is as good as 0.
func (s Spec) Seed() (seed uint64, given bool) { return s.seed, s.seeded }

// WithSeed returns the same with a seed.
func (s Spec) WithSeed(seed uint64) Spec {
	s.seed, s.seeded = seed, true
	return s
}

// Means reports whether what goes on with an address is to be disturbed, or with one that was got from a
// name ("" if from none).
func (s Spec) Means(addr netip.AddrPort, name string) bool {
	return s.means(func(r policy.NetworkRule) bool { return r.Covers(addr, name) })
}

// MeansName reports whether looking up a name is to be disturbed.
func (s Spec) MeansName(name string) bool {
	return s.means(func(r policy.NetworkRule) bool { return r.CoversName(name) })
}

// MeansUnix reports whether what goes on with the Unix socket of a path is to be disturbed; "@name" is an abstract
// one, "" one without a name.
func (s Spec) MeansUnix(path string) bool {
	return s.means(func(r policy.NetworkRule) bool { return r.CoversUnix(path) })
}

func (s Spec) means(covered func(policy.NetworkRule) bool) bool {
	return len(s.only) == 0 || slices.ContainsFunc(s.only, covered)
}

// Rate is how many bytes may go in a second each way; 0 is no limit.
func (s Spec) Rate() int64 { return s.amount[Bandwidth] }

// pace is into how long pieces bytes are cut that must not come faster than they may.
const pace = 50 * time.Millisecond

// Piece is how many bytes one call may move at a rate: 0 is any number.
func (s Spec) Piece() int {
	if s.Rate() == 0 {
		return 0
	}
	return int(max(s.Rate()/int64(time.Second/pace), 1))
}

// Lasts is how long n bytes take at the rate.
func (s Spec) Lasts(n int) time.Duration {
	if s.Rate() == 0 {
		return 0
	}
	return time.Duration(float64(n) / float64(s.Rate()) * float64(time.Second))
}
