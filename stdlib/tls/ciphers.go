//go:build unix

package tls

import (
	"crypto/tls"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// opensslName is a cipher's name as OpenSSL spells it: ECDHE-RSA-AES128-GCM-SHA256 for
// TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.
func opensslName(name string) string {
	return strings.NewReplacer("TLS_RSA_WITH_", "", "TLS_", "", "_WITH", "", "AES_", "AES", "3DES_EDE_CBC", "DES-CBC3",
		"_CBC", "", "POLY1305_SHA256", "POLY1305", "RC4_128", "RC4", "_", "-").Replace(name)
}

// ciphersOption reads the names of ciphers, in an array or with colons between, and returns their numbers
// as text.
func (o *options) ciphersOption() string {
	var list []string
	switch v := o.Get("ciphers").(type) {
	case *lua.LNilType:
		return ""
	case lua.LString:
		list = strings.Split(string(v), ":")
	case *lua.LTable:
		for i := 1; i <= v.Len(); i++ {
			list = append(list, lua.LVAsString(v.RawGetInt(i)))
		}
	default:
		o.Wrong("ciphers", "an array of names")
	}
	var numbers []rune
	for _, name := range list {
		numbers = append(numbers, rune(o.cipherNumber(name)))
	}
	if len(numbers) == 0 {
		o.Error("option 'ciphers' must name one at least")
	}
	return string(numbers)
}

func (o *options) cipherNumber(name string) uint16 {
	all := append(tls.CipherSuites(), tls.InsecureCipherSuites()...)
	i := slices.IndexFunc(all, func(c *tls.CipherSuite) bool { return name == c.Name || name == opensslName(c.Name) })
	switch {
	case i < 0:
		o.Error("option 'ciphers': no cipher is called '%.100s'", name)
	case slices.Equal(all[i].SupportedVersions, []uint16{tls.VersionTLS13}):
		o.Error("option 'ciphers': %s is one of TLSv1.3, which has no others to choose from; max_version = \"TLSv1.2\" leaves that out", name)
	}
	return all[i].ID
}

// cipherBits is how long the key of a cipher is.
func cipherBits(name string) int {
	switch {
	case strings.Contains(name, "3DES"):
		return 168
	case strings.Contains(name, "_256_") || strings.Contains(name, "CHACHA20"):
		return 256
	}
	return 128
}
