// Package hash holds the module hash.
package hash

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// Module is the module hash: checksums and digests of strings.
//
//	print(hash.sha256("abc"))                         -- ba7816bf8f01cfea...
//	local mac = hash.hmac("sha256", key, text, "raw") -- 32 bytes
//
// Digests are hexadecimal text unless the last argument is "raw". md5 and sha1
// are for protocols that ask for them; neither is safe against forgers.
var Module = &interp.Module{
	Name: "hash",
	Doc:  "Checksums and digests.",
	Funcs: []interp.Function{
		{Name: "crc32", Args: "s", Doc: "returns the CRC-32 of s (zip, Ethernet) as a number", Manual: `
		s string: any bytes
		-> integer: 0 to 2^32-1
		> print(hash.crc32("123456789") == 0xcbf43926) --> true
		`, Fn: func(s *interp.State) int {
			h := crc32.NewIEEE()
			write(s, h, s.Str(1))
			return s.Return(lua.LNumber(h.Sum32()))
		}},
		{Name: "hmac", Args: `name, key, s[, form="hex"]`, Doc: `returns the HMAC of s under key with the digest of that name ("sha256" or "SHA256")`, Manual: `
		name string: "md5", "sha1", "sha256", "sha512"
		key string: any bytes
		s string: any bytes
		form "hex"|"raw"?: digits, or the bytes themselves
		-> string: the code
		> print(hash.hmac("sha256", "key", "text"):sub(1, 8)) --> 6afa9046
		`, Fn: hmacOf},
		{Name: "md5", Args: `s[, form="hex"]`, Doc: "returns the MD5 digest of s, 16 bytes", Manual: `
		s string: any bytes
		form "hex"|"raw"?: digits, or the bytes themselves
		-> string: the digest
		> print(hash.md5("hello")) --> 5d41402abc4b2a76b9719d911017c592
		`, Fn: func(s *interp.State) int { return digest(s, md5.New()) }},
		{Name: "sha1", Args: `s[, form="hex"]`, Doc: "returns the SHA-1 digest of s, 20 bytes", Manual: `
		s string: any bytes
		form "hex"|"raw"?: digits, or the bytes themselves
		-> string: the digest
		> print(hash.sha1("hello")) --> aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d
		`, Fn: func(s *interp.State) int { return digest(s, sha1.New()) }},
		{Name: "sha256", Args: `s[, form="hex"]`, Doc: "returns the SHA-256 digest of s, 32 bytes", Manual: `
		s string: any bytes
		form "hex"|"raw"?: digits, or the bytes themselves
		-> string: the digest
		> print(#hash.sha256("hello"), #hash.sha256("hello", "raw")) --> 64	32
		`, Fn: func(s *interp.State) int { return digest(s, sha256.New()) }},
		{Name: "sha512", Args: `s[, form="hex"]`, Doc: "returns the SHA-512 digest of s, 64 bytes", Manual: `
		s string: any bytes
		form "hex"|"raw"?: digits, or the bytes themselves
		-> string: the digest
		> print(#hash.sha512("hello"), #hash.sha512("hello", "raw")) --> 128	64
		`, Fn: func(s *interp.State) int { return digest(s, sha512.New()) }},
	},
}

func digest(s *interp.State, h hash.Hash) int { return push(s, h, s.Str(1), 2) }

func hmacOf(s *interp.State) int {
	var makeHash func() hash.Hash
	name := s.Str(1)
	switch strings.ToLower(name[:min(len(name), len("sha256")+1)]) { // no more is a name
	case "md5":
		makeHash = md5.New
	case "sha1":
		makeHash = sha1.New
	case "sha256":
		makeHash = sha256.New
	case "sha512":
		makeHash = sha512.New
	default:
		s.ArgError(1, `digest must be "md5", "sha1", "sha256" or "sha512", got "%s"`, name)
	}
	key := s.Str(2)
	if h := makeHash(); len(key) > h.BlockSize() { // HMAC does that itself, all at once
		write(s, h, key)
		key = string(h.Sum(nil))
	}
	return push(s, hmac.New(makeHash, []byte(key)), s.Str(3), 4)
}

// write hashes data, a piece at a time.
func write(s *interp.State, h hash.Hash, data string) {
	work, room := s.Work(), make([]byte, 0, min(len(data), 64<<10))
	work.Pieces(data, func(piece string) {
		work.Spend(len(piece) >> 3)
		h.Write(append(room, piece...))
	})
}

// push pushes the digest of data in the form that argument n names.
func push(s *interp.State, h hash.Hash, data string, n int) int {
	form := s.OptStr(n, "hex")
	if form != "hex" && form != "raw" {
		s.ArgError(n, `form must be "hex" or "raw", got "%s"`, form)
	}
	write(s, h, data)
	sum := h.Sum(nil)
	if form == "hex" {
		return s.Return(lua.LString(hex.EncodeToString(sum)))
	}
	return s.Return(lua.LString(sum))
}
