//go:build unix

package tls

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// maxNames is how many bytes of names a certificate may have. A client of crypto/tls takes
// chains of 256 KB; more serves nobody, and each name is copied several times on its way
// (a hundred and fifty times the same 64 MB ended the host).
const maxNames = 128 << 10

// selfSigned is tls.self_signed.
func selfSigned(s *interp.State) int {
	names := s.OptTable(1)
	template := &x509.Certificate{
		NotBefore:   time.Now().Add(-time.Hour), // clocks differ
		NotAfter:    time.Now().AddDate(1, 0, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},

		BasicConstraintsValid: true,
	}
	count, size, work := 0, 0, s.Work()
	names.ForEach(func(key, v lua.LValue) {
		work.Spend(5)
		name, ok := v.(lua.LString)
		if _, number := key.(lua.LNumber); !number || !ok || name == "" || strings.Contains(string(name), "\x00") {
			s.ArgError(1, "an array of host names and addresses expected, got %s in it at %s", interp.Shown(v), interp.Shown(key))
		}
		if size += len(name); size > maxNames {
			s.ArgError(1, "host names of more than %d bytes in all are more than a certificate can have", maxNames)
		}
		count++
	})
	if count == 0 {
		names.Append(lua.LString("localhost"))
		names.Append(lua.LString("127.0.0.1"))
		names.Append(lua.LString("::1"))
	}
	for i := 1; i <= names.Len(); i++ {
		name := names.RawGetInt(i).String()
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	template.Subject = pkix.Name{CommonName: names.RawGetInt(1).String()}
	cert, key, err := sign(template)
	if err != nil {
		return s.Raise(&interp.OpError{Code: "ETLS", Message: plainText(err), Err: err})
	}
	return s.Return(lua.LString(cert), lua.LString(key))
}

// sign makes a key and has it sign its own certificate.
func sign(template *x509.Certificate) (certPEM, keyPEM string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return "", "", err
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return "", "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", "", err
	}
	return encode("CERTIFICATE", cert), encode("PRIVATE KEY", der), nil
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// describe is a certificate as a table.
func describe(s *interp.State, c *x509.Certificate) *lua.LTable {
	t := s.CreateTable(0, 9)
	set := func(name string, v lua.LValue) { t.RawSetString(name, v) }
	set("subject", s.NewObject(nameType, &c.Subject))
	set("issuer", s.NewObject(nameType, &c.Issuer))
	set("serial", lua.LString(strings.ToUpper(c.SerialNumber.Text(16))))
	set("not_before", lua.LNumber(c.NotBefore.Unix()))
	set("not_after", lua.LNumber(c.NotAfter.Unix()))
	names, ips := s.NewTable(), s.NewTable()
	for _, name := range c.DNSNames {
		names.Append(lua.LString(name))
	}
	for _, ip := range c.IPAddresses {
		ips.Append(lua.LString(ip.String()))
	}
	set("dns_names", names)
	set("ip_addresses", ips)
	sum := sha256.Sum256(c.Raw)
	set("sha256", lua.LString(hex.EncodeToString(sum[:])))
	set("pem", lua.LString(encode("CERTIFICATE", c.Raw)))
	return t
}
