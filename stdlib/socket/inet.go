//go:build unix

package socket

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
)

var inetFuncs = []interp.Function{
	{Name: "htons", Args: "n", Doc: "a 16-bit number from this machine's byte order in the network's", Manual: `
		n integer: 0-65535
		-> integer: swapped where this machine's byte order is not the network's
		> print(socket.ntohs(socket.htons(80))) --> 80
		`, Fn: swap16},
	{Name: "ntohs", Args: "n", Doc: "a 16-bit number from the network's byte order in this machine's", Manual: `
		n integer: 0-65535
		-> integer: swapped where this machine's byte order is not the network's
		> print(socket.ntohs(socket.htons(80))) --> 80
		`, Fn: swap16},
	{Name: "htonl", Args: "n", Doc: "a 32-bit number from this machine's byte order in the network's", Manual: `
		n integer: 0 to 2^32-1
		-> integer: swapped where this machine's byte order is not the network's
		> print(socket.htonl(1) == struct.unpack("=I", "\0\0\0\1")) --> true
		`, Fn: swap32},
	{Name: "ntohl", Args: "n", Doc: "a 32-bit number from the network's byte order in this machine's", Manual: `
		n integer: 0 to 2^32-1
		-> integer: swapped where this machine's byte order is not the network's
		> print(socket.ntohl(socket.htonl(80))) --> 80
		`, Fn: swap32},
	{Name: "inet_aton", Args: "address", Doc: "the 4 bytes of an IPv4 address in any of inet_aton(3)'s forms, such as \"127.1\"", Manual: `
		address string: "127.0.0.1", "127.1", "0x7f000001"
		-> string: 4 bytes
		! EINVAL: it is none
		> print(socket.inet_aton("127.1"):byte(1, 4)) --> 127	0	0	1
		`, Fn: inetAton},
	{Name: "inet_ntoa", Args: "bytes", Doc: "the IPv4 address that 4 bytes are: \"127.0.0.1\"", Manual: `
		bytes string: 4 of them
		-> string: with dots
		> print(socket.inet_ntoa("\127\0\0\1")) --> 127.0.0.1
		`, Fn: inetNtoa},
	{Name: "inet_pton", Args: "family, address", Doc: "the 4 or 16 bytes of an address of AF_INET or AF_INET6", Manual: `
		family integer: AF_INET or AF_INET6
		address string: of that family
		-> string: 4 or 16 bytes
		! EINVAL: it is no such address
		> print(#socket.inet_pton(socket.AF_INET6, "::1")) --> 16
		`, Fn: inetPton},
	{Name: "inet_ntop", Args: "family, bytes", Doc: "the address of AF_INET or AF_INET6 that 4 or 16 bytes are", Manual: `
		family integer: AF_INET or AF_INET6
		bytes string: 4 or 16 of them
		-> string: as text
		> print(socket.inet_ntop(socket.AF_INET6, ("\0"):rep(15) .. "\1")) --> ::1
		`, Fn: inetNtop},
}

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// swap16 and swap32 go both ways: swapping bytes is its own inverse.
func swap16(s *interp.State) int {
	n := uint16(unsigned(s, 1<<16-1))
	if littleEndian {
		n = bits.ReverseBytes16(n)
	}
	return s.Return(lua.LNumber(n))
}

func swap32(s *interp.State) int {
	n := uint32(unsigned(s, 1<<32-1))
	if littleEndian {
		n = bits.ReverseBytes32(n)
	}
	return s.Return(lua.LNumber(n))
}

// unsigned returns argument 1, an integer from 0 to max. IntRange would not do:
// an int may have 32 bits.
func unsigned(s *interp.State, max int64) int64 {
	x := s.Num(1)
	if !(x >= 0 && x <= float64(max)) || x != float64(int64(x)) {
		s.ArgError(1, "number must be 0-%d, got %s", max, interp.Shown(s.Get(1)))
	}
	return int64(x)
}

func inetAton(s *interp.State) int {
	text := s.Str(1)
	ip, ok := addr.ParseIPv4(text)
	if !ok {
		return s.Raise(notAnAddress(text, "IPv4"))
	}
	return s.Return(lua.LString(ip.AsSlice()))
}

func notAnAddress(text, kind string) error {
	return &interp.OpError{Code: "EINVAL", Errno: unix.EINVAL, Message: "not an " + kind + " address: " + text}
}

func inetNtoa(s *interp.State) int { return ntop(s, 1, unix.AF_INET) }

func inetNtop(s *interp.State) int { return ntop(s, 2, s.Int(1)) }

// ntop returns the text of the address that argument n holds the bytes of.
func ntop(s *interp.State, n, family int) int {
	want := addressSize(s, family)
	packed := s.Str(n)
	if len(packed) != want {
		s.ArgError(n, "%d bytes expected, got %d", want, len(packed))
	}
	ip, _ := netip.AddrFromSlice([]byte(packed))
	return s.Return(lua.LString(ip.String()))
}

// addressSize returns how many bytes an address of the family has.
func addressSize(s *interp.State, family int) int {
	switch family {
	case unix.AF_INET:
		return 4
	case unix.AF_INET6:
		return 16
	}
	s.Raise(unix.EAFNOSUPPORT)
	return 0
}

// inetPton is stricter than inet_aton: an address has one text only.
func inetPton(s *interp.State) int {
	size, text := addressSize(s, s.Int(1)), s.Str(2)
	kind := "IPv4"
	if size == 16 {
		kind = "IPv6"
	}
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.BitLen() != 8*size || ip.Zone() != "" {
		return s.Raise(notAnAddress(text, kind))
	}
	return s.Return(lua.LString(ip.AsSlice()))
}
