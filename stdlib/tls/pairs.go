//go:build unix

package tls

import (
	"crypto/tls"
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// pair is a certificate and its key as PEM, and for which names a server has it.
type pair struct {
	cert, key string
	names     []string // in small letters; none: those that are in the certificate
}

// more reads the option certificates.
func (o *options) more() (all []pair) {
	list := o.Table("certificates", "an array of {cert=, key=, names=}")
	switch {
	case list == nil:
		return nil
	case o.client:
		o.Error("option 'certificates' is for servers: a client has one, 'cert'")
	}
	for i := 1; i <= list.Len(); i++ {
		t, ok := list.RawGetInt(i).(*lua.LTable)
		if !ok {
			o.Error("option 'certificates' must be an array of {cert=, key=, names=}, got %s in it", list.RawGetInt(i).Type())
		}
		all = append(all, o.pair(t))
	}
	return all
}

func (o *options) pair(t *lua.LTable) (p pair) {
	t.ForEach(func(k, v lua.LValue) {
		switch text, isText := v.(lua.LString); {
		case k == lua.LString("cert") && isText:
			p.cert = o.pemIn("certificates: cert", string(text))
		case k == lua.LString("key") && isText:
			p.key = o.pemIn("certificates: key", string(text))
		case k == lua.LString("names"):
			p.names = o.names(v)
		default:
			o.Error("option 'certificates': each must have cert and key, PEM text or a file's name, and names if it is for others than are in it; got %s = %s", k, v.Type())
		}
	})
	if p.cert == "" {
		o.Error("option 'certificates': each must have a cert")
	}
	return p
}

func (o *options) names(v lua.LValue) (names []string) {
	t, ok := v.(*lua.LTable)
	for i := 1; ok && i <= t.Len(); i++ {
		name, isText := t.RawGetInt(i).(lua.LString)
		ok = isText && name != ""
		names = append(names, strings.ToLower(string(name)))
	}
	if !ok || len(names) == 0 {
		o.Error("option 'certificates': names must be an array of host names")
	}
	return names
}

// load makes of the PEM what crypto/tls takes.
func (p pair) load() (tls.Certificate, error) {
	key := p.key
	if key == "" {
		key = p.cert // a file may hold both
	}
	c, err := tls.X509KeyPair([]byte(p.cert), []byte(key))
	if err != nil {
		err = fmt.Errorf("cert and key: %s", unfit(err, p.key, key))
	}
	return c, err
}

// certify gives a configuration its certificates. A server's first is for who asks for no name,
// or for one that none is for.
func certify(c *tls.Config, all []pair) error {
	for _, p := range all {
		loaded, err := p.load()
		if err != nil {
			return err
		}
		c.Certificates = append(c.Certificates, loaded)
	}
	c.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		for i, p := range all {
			if p.isFor(strings.ToLower(hello.ServerName)) {
				return &c.Certificates[i], nil
			}
		}
		return nil, nil // crypto/tls looks into the certificates
	}
	return nil
}

// isFor reports whether a name is among those that were given; "*.example.org" is all right below
// example.org.
func (p pair) isFor(name string) bool {
	_, above, _ := strings.Cut(name, ".")
	for _, own := range p.names {
		if rest, wild := strings.CutPrefix(own, "*."); own == name || wild && rest == above {
			return true
		}
	}
	return false
}
