//go:build unix

package tls

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/trace"
)

// settings are the options of a connection, with files' contents in the place of
// their names. Equal ones have one tls.Config, so that a server which wraps each
// client for itself parses its certificate once, and resumes sessions.
type settings struct {
	client, verify bool
	anyName        bool // the certificate may be for another name
	optional       bool // a client may have no certificate
	name           string
	ca, pairs      string // pairs is what options.pairs are, as one text
	alpn           string // each behind its length, as on the wire
	ciphers        string // a character each, of its number
	min, max       uint16
}

// options are those of one call: a table in argument n.
type options struct {
	settings
	certs      []pair
	timeout    time.Duration
	hasTimeout bool

	interp.Options
	s *interp.State
}

var (
	connectionOptions = []string{"alpn", "ca", "cert", "certificates", "check_name", "ciphers", "key", "max_version", "min_version", "server_name", "server_side", "timeout", "verify"}
	connectOptions    = []string{"alpn", "ca", "cert", "check_name", "ciphers", "key", "max_version", "min_version", "server_name", "timeout", "verify"}
	serverOptions     = []string{"alpn", "backlog", "ca", "cert", "certificates", "ciphers", "dualstack_ipv6", "family", "key", "max_version", "min_version", "reuse_port", "timeout", "verify"}
)

// readOptions reads the options in argument n, which may be left out. An unknown
// one is most likely misspelt.
func readOptions(s *interp.State, n int, known []string, client bool) *options {
	o := &options{s: s, Options: s.Options(n, known...)}
	o.client = client && !o.Bool("server_side", false)
	if o.optional = o.Get("verify") == lua.LString("optional"); o.optional {
		o.verify = true
	} else {
		o.verify = o.Bool("verify", true)
	}
	o.anyName = !o.Bool("check_name", true)
	o.name = o.Text("server_name", "a string")
	o.min, o.max = o.version("min_version"), o.version("max_version")
	o.ciphers = o.ciphersOption()
	o.alpn = o.protocols("alpn")
	o.timeout, o.hasTimeout = o.Timeout("timeout")
	o.ca = o.pem("ca")
	if p := (pair{cert: o.pem("cert"), key: o.pem("key")}); p.cert != "" {
		o.certs = []pair{p}
	} else if p.key != "" {
		o.Error("option 'key' needs 'cert', too")
	}
	o.certs = append(o.certs, o.more()...)
	o.settings.pairs = fmt.Sprintf("%q", o.certs)
	o.agree()
	return o
}

// agree raises an error when options contradict each other.
func (o *options) agree() {
	low := o.min
	if low == 0 {
		low = tls.VersionTLS12
	}
	switch {
	case !o.client && len(o.certs) == 0:
		o.Error("a server needs the options 'cert' and 'key'")
	case o.client && o.optional:
		o.Error("option 'verify' must be true or false for a client: a server always has a certificate")
	case o.optional && o.ca == "":
		o.Error("option 'verify' = \"optional\" needs 'ca': who has signed the clients' certificates")
	case !o.client && o.anyName:
		o.Error("option 'check_name' is for clients")
	case o.max != 0 && o.max < low:
		o.Error("option 'max_version' is below min_version, which is %s", versionName(low))
	}
}

func versionName(v uint16) string {
	name := tls.VersionName(v)
	if name == "TLS 1.0" {
		return "TLSv1"
	}
	return strings.Replace(name, "TLS ", "TLSv", 1)
}

func (o *options) version(name string) uint16 {
	text := o.Text(name, "a string")
	for _, v := range []uint16{tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13} {
		if text == versionName(v) {
			return v
		}
	}
	if text != "" {
		o.Wrong(name, "TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3")
	}
	return 0
}

// maxProtocols is how many bytes the list of a handshake has room for, with one for each
// name's length (RFC 7301, 3.1).
const maxProtocols = 65535

func (o *options) protocols(name string) string {
	list := o.Table(name, "an array of protocol names")
	if list == nil {
		return ""
	}
	var b strings.Builder
	for i := 1; i <= list.Len(); i++ {
		p, ok := list.RawGetInt(i).(lua.LString)
		if !ok || p == "" || len(p) > 255 {
			o.Error("option '%s' must be an array of protocol names, of 1 to 255 bytes each, got %s in it", name, interp.Shown(list.RawGetInt(i)))
		}
		b.WriteByte(byte(len(p)))
		b.WriteString(string(p))
		if b.Len() > maxProtocols {
			o.Error("option '%s' has too many protocol names: a handshake has room for %d bytes of them", name, maxProtocols)
		}
	}
	return b.String()
}

// pem returns an option that is PEM text, or a file's name; reading that is for
// the read door to allow.
func (o *options) pem(name string) string {
	return o.pemIn(name, o.Text(name, "a string"))
}

// pemIn is pem of a text; name is what errors call it.
func (o *options) pemIn(name, text string) string {
	if text == "" || strings.Contains(text, "-----BEGIN") {
		return text
	}
	data, err := readFile(o.s, text)
	if err != nil {
		e := *interp.AsOpError(interp.About(err, text))
		e.Message = name + ": " + e.Message
		o.s.Raise(&e)
	}
	if !strings.Contains(data, "-----BEGIN") {
		o.s.Raise(&interp.OpError{Code: "ETLS", Address: text, Message: name + ": no PEM in the file"})
	}
	return data
}

// maxFile bounds what is read from a file: system-wide bundles of certificates
// are well under a megabyte.
const maxFile = 16 << 20

// readFile reads a file whole. It refuses pipes and devices, which could make all
// threads wait.
func readFile(s *interp.State, path string) (string, error) {
	f, err := s.Interp().Policy().OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", &interp.OpError{Code: "EINVAL", Errno: unix.EINVAL, Message: "not a regular file"}
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile))
	return string(data), err
}

// maxConfigs bounds how many configurations are kept.
const maxConfigs = 64

// config returns what crypto/tls wants to know. It raises an error when the
// certificates cannot be used.
func (o *options) config() *tls.Config {
	if o.client && o.verify && !o.anyName && o.name == "" {
		o.Error("option 'server_name' is needed: the name that the server's certificate must be for (or check_name = false, or verify = false)")
	}
	l := stateOf(o.s.Interp())
	if c := l.configs[o.settings]; c != nil {
		return c
	}
	c, err := o.settings.build(o.certs)
	if err != nil {
		o.s.Raise(&interp.OpError{Code: "ETLS", Message: err.Error(), Err: err})
	}
	if w := secretsTo(o.s.Interp().Config()); w != nil {
		c.KeyLogWriter = keyLog{w}
	}
	if len(l.configs) >= maxConfigs {
		clear(l.configs)
	}
	l.configs[o.settings] = c
	return c
}

// secretsTo returns where secrets go: Config.TLSKeyLog, and the observer; nil is nowhere.
func secretsTo(c *interp.Config) io.Writer {
	k, ok := c.Observer.(trace.KeyLogger)
	if !ok {
		return c.TLSKeyLog
	}
	w := k.KeyLog()
	switch {
	case w == nil:
		return c.TLSKeyLog
	case c.TLSKeyLog == nil:
		return w
	}
	return io.MultiWriter(c.TLSKeyLog, w)
}

// keyLog is where secrets go. crypto/tls calls it holding a lock of all connections
// of the process, which a panic, or the end of the goroutine, would leave locked.
type keyLog struct{ w io.Writer }

func (k keyLog) Write(p []byte) (n int, err error) {
	ended := make(chan error)
	interp.Aside(func() (err error) { n, err = k.w.Write(p); return err }, func(err error) { ended <- err })
	err = <-ended
	return n, err
}

// unfit says why err came of a certificate and its key: the option key, in whose
// place the text of cert may have been looked at.
func unfit(err error, option, key string) string {
	switch {
	case strings.Contains(key, "-----BEGIN ENCRYPTED PRIVATE KEY-----"), strings.Contains(key, "Proc-Type: 4,ENCRYPTED"):
		return "the key is encrypted, which needs a password: decrypt it first (openssl pkey -in key -out plain)"
	case option == "" && !strings.Contains(key, "PRIVATE KEY-----"):
		return "no key given, and cert holds none"
	}
	return plainText(err)
}

func (t settings) build(certs []pair) (*tls.Config, error) {
	c := &tls.Config{ServerName: t.name, MinVersion: t.min, MaxVersion: t.max, InsecureSkipVerify: t.client && !t.verify}
	for rest := t.alpn; rest != ""; {
		n := int(rest[0])
		c.NextProtos = append(c.NextProtos, rest[1:1+n])
		rest = rest[1+n:]
	}
	for _, number := range t.ciphers {
		c.CipherSuites = append(c.CipherSuites, uint16(number))
	}
	if err := certify(c, certs); err != nil {
		return nil, err
	}
	if len(certs) > 0 {
		// Sent whenever the server asks for one, as other libraries do: left to
		// itself crypto/tls sends none if it is not of an issuer that the server names.
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &c.Certificates[0], nil }
	}
	if err := t.trust(c); err != nil {
		return nil, err
	}
	if t.client && t.verify && t.anyName {
		c.InsecureSkipVerify, c.VerifyConnection = true, chainOnly(c.RootCAs)
	}
	return c, nil
}

// trust says by whom the peer's certificate may be signed.
func (t settings) trust(c *tls.Config) error {
	if t.ca == "" {
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(t.ca)) {
		return fmt.Errorf("ca: no certificate in it that can be read")
	}
	c.RootCAs, c.ClientCAs = pool, pool
	switch {
	case t.client:
	case t.optional:
		c.ClientAuth = tls.VerifyClientCertIfGiven
	case t.verify:
		c.ClientAuth = tls.RequireAndVerifyClientCert
	default:
		c.ClientAuth = tls.RequestClientCert
	}
	return nil
}

// chainOnly checks a server's certificate as crypto/tls does, but for the name.
func chainOnly(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		o := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
		for _, c := range state.PeerCertificates[1:] {
			o.Intermediates.AddCert(c)
		}
		if _, err := state.PeerCertificates[0].Verify(o); err != nil {
			return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
		}
		return nil
	}
}
