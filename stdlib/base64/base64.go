// Package base64 holds the module base64.
package base64

import (
	"encoding/base64"
	"strings"

	lua "github.com/yuin/gopher-lua"

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
		{Name: "encode", Args: `s[, alphabet="standard"]`, Doc: `returns s in base64; with "url" fit for addresses and file names`, Fn: encode},
		{Name: "decode", Args: "s", Doc: "returns the bytes that s stands for", Fn: decode},
	},
}

func encode(s *interp.State) int {
	data := []byte(s.Str(1))
	s.Fits(base64.StdEncoding.EncodedLen(len(data)))
	switch alphabet := s.OptStr(2, "standard"); alphabet {
	case "standard":
		return s.Return(lua.LString(base64.StdEncoding.EncodeToString(data)))
	case "url":
		return s.Return(lua.LString(base64.URLEncoding.EncodeToString(data)))
	default:
		s.ArgError(2, `alphabet must be "standard" or "url", got "%s"`, alphabet)
	}
	return 0
}

// toStandard turns the URL alphabet into the standard one.
var toStandard = strings.NewReplacer("-", "+", "_", "/")

func isForeign(c rune) bool {
	return c > 'z' || strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n", byte(c)) < 0
}

func decode(s *interp.State) int {
	text := toStandard.Replace(s.Str(1))
	encoding := base64.RawStdEncoding
	if strings.Contains(text, "=") {
		encoding = base64.StdEncoding
	}
	data, err := encoding.DecodeString(text)
	if err != nil {
		if at := strings.IndexFunc(text, isForeign); at >= 0 {
			s.ArgError(1, "not base64: %q at position %d", text[at:at+1], at+1)
		}
		s.ArgError(1, "not base64: it ends in the middle, or is padded wrongly")
	}
	return s.Return(lua.LString(data))
}
