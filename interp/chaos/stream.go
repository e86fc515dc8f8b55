package chaos

import (
	"math/bits"
	"time"
)

// Stream decides about the calls of one direction of one connection, or of whatever else has a name, one
// after the other: which are hit depends on the seed, on the name, on the kind and on how many came
// before, and on nothing else. So a kind that is added to a Spec changes nothing about the others,
// and no other connection does. It is for one goroutine at a time.
type Stream struct {
	spec *Spec
	key  uint64
	n    uint64
}

// Stream returns the decisions for a name.
func (s *Spec) Stream(name string) Stream {
	key := mix(s.seed)
	for i := range len(name) {
		key = mix(key ^ uint64(name[i]))
	}
	return Stream{spec: s, key: key}
}

// Hit is what is to happen to one call. Whoever makes it heeds what applies.
type Hit struct {
	is      uint16        // a bit for each Kind
	part    uint64        // of which Part is made
	Delay   time.Duration // of Delay and Jitter
	Accept  time.Duration // of AcceptDelay
	DNS     time.Duration // of DNSDelay
	counted uint64
}

// Is reports whether the call is hit by a kind.
func (h Hit) Is(k Kind) bool { return h.is&(1<<k) != 0 }

// Number is how many calls came before it.
func (h Hit) Number() uint64 { return h.counted }

// Part returns a part of n, of what can be parted: from 1 to n-1.
func (h Hit) Part(n int) int {
	if n <= 1 {
		return n
	}
	high, _ := bits.Mul64(h.part, uint64(n-1))
	return 1 + int(high)
}

// Next decides about the next call.
func (s *Stream) Next() Hit {
	h := Hit{counted: s.n, part: s.roll(kinds)}
	for k := range kinds {
		if s.hits(k) {
			h.is |= 1 << k
		}
	}
	h.Delay = h.amount(s, Delay)
	if h.Is(Jitter) {
		high, _ := bits.Mul64(s.roll(kinds+1), uint64(s.spec.amount[Jitter])+1)
		h.Delay += time.Duration(high)
	}
	h.Accept, h.DNS = h.amount(s, AcceptDelay), h.amount(s, DNSDelay)
	s.n++
	return h
}

func (h Hit) amount(s *Stream, k Kind) time.Duration {
	if !h.Is(k) {
		return 0
	}
	return time.Duration(s.spec.amount[k])
}

func (s *Stream) hits(k Kind) bool {
	share := s.spec.share[k]
	if share == 0 || share == always {
		return share > 0
	}
	high, _ := bits.Mul64(s.roll(k), always)
	return high < uint64(share)
}

// roll is the number that a call has for a kind.
func (s *Stream) roll(k Kind) uint64 {
	return mix(mix(s.key+s.n*0x9e3779b97f4a7c15) ^ uint64(k)<<56)
}

// mix makes of a number one that looks as if it had nothing to do with it (the finalizer of
// MurmurHash3 with the constants of SplitMix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
