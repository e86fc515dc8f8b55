// Package base64 holds the module base64.
package base64

import (
	"bytes"
	"encoding/base64"

	"wirelua/interp"
)

// Module is the module base64: bytes as text of 64 letters (RFC 4648).
//
//	request = request .. "Authorization: Basic " .. base64.encode(user .. ":" .. password) .. "\r\n"
//	local name = base64.encode(random.bytes(15), "url") -- - and _ in place of + and /
//
// encode pads with = to a multiple of 4 letters. decode takes both alphabets,
// with or without the padding, and passes over line ends.
var Module = &interp.Module{
	Name: "base64",
	Doc:  "Bytes as text of 64 letters.",
	Funcs: []interp.Function{
		{Name: "encode", Args: `s[, alphabet="standard"]`, Doc: `returns s in base64; with "url" fit for addresses and file names`, Manual: `
		s string: any bytes
		alphabet "standard"|"url"?: "url" has - and _ in place of + and /: fit for addresses and file names
		-> string: base64
		> print(base64.encode("hello")) --> aGVsbG8=
		`, Fn: encode},
		{Name: "decode", Args: "s", Doc: "returns the bytes that s stands for", Manual: `
		s string: in either alphabet, with or without = at the end
		-> string: the bytes
		> print(base64.decode("aGVsbG8=")) --> hello
		`, Fn: decode},
	},
}

func encode(s *interp.State) int {
	data := s.Str(1)
	s.Fits(base64.StdEncoding.EncodedLen(len(data)))
	encoding := base64.StdEncoding
	switch alphabet := s.OptStr(2, "standard"); alphabet {
	case "standard":
	case "url":
		encoding = base64.URLEncoding
	default:
		s.ArgError(2, `alphabet must be "standard" or "url", got "%s"`, alphabet)
	}
	out, work := make([]byte, 0, encoding.EncodedLen(len(data))), s.Work()
	for len(data) > 0 {
		piece := data[:min(len(data), pieceSize*3)]
		work.Spend(len(piece) >> 3)
		out, data = encoding.AppendEncode(out, []byte(piece)), data[len(piece):]
	}
	return s.ReturnBytes(out)
}

// pieceSize times 3 bytes, or 4 letters, are turned into the others at a time.
const pieceSize = 16 << 10

func decode(s *interp.State) int {
	text, work := s.Str(1), s.Work()
	letters := make([]byte, 0, len(text))
	for i := range len(text) {
		work.Spend(1)
		if c := standard[text[i]]; c > 0 {
			letters = append(letters, byte(c))
		} else if c == foreign {
			s.ArgError(1, "not base64: %q at position %d", text[i:i+1], i+1)
		}
	}
	encoding := base64.RawStdEncoding
	if bytes.HasSuffix(letters, []byte("=")) {
		encoding = base64.StdEncoding
	}
	// In place: three bytes come where four letters were.
	out := letters[:0]
	for len(letters) > 0 {
		n := min(len(letters), pieceSize*4)
		work.Spend(n >> 3)
		piece, with := letters[:n], base64.RawStdEncoding
		if letters = letters[n:]; len(letters) == 0 {
			with = encoding
		}
		data, err := with.AppendDecode(nil, piece)
		if err != nil {
			s.ArgError(1, "not base64: it ends in the middle, or is padded wrongly")
		}
		out = append(out, data...)
	}
	return s.ReturnBytes(out)
}

const foreign = -1

// standard has the letters of both alphabets as the standard one has them, 0 for what is
// passed over, and foreign.
var standard = func() (t [256]int8) {
	for c := range t {
		t[c] = foreign
	}
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") {
		t[c] = int8(c)
	}
	t['-'], t['_'], t['\r'], t['\n'] = '+', '/', 0, 0
	return t
}()
