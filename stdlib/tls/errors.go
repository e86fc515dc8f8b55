//go:build unix

package tls

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
)

// explain makes of crypto/tls's errors ones with the code ETLS that say why. The
// system's stay what they are, and to send behind the end is what it is there.
func explain(err error, shaking bool) error {
	var errno unix.Errno
	var ours *interp.OpError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &errno):
		return errno
	case errors.As(err, &ours):
		return ours
	case errors.Is(err, net.ErrClosed), plainText(err) == "protocol is shutdown":
		return &interp.OpError{Code: "EPIPE", Errno: unix.EPIPE, Message: "the connection was shut down for writing"}
	}
	return &interp.OpError{Code: "ETLS", Message: reason(err, shaking), Err: err}
}

func reason(err error, shaking bool) string {
	var certificate *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	var remote *net.OpError
	switch {
	case errors.As(err, &certificate):
		return untrusted(certificate)
	case errors.As(err, &header):
		return notTLS(header)
	case errors.As(err, &remote) && remote.Op == "remote error":
		return refused(plainText(remote.Err))
	case shaking && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return "the peer closed the connection during the handshake"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection ended within a record: data are missing"
	}
	return local(plainText(err))
}

func plainText(err error) string {
	return strings.TrimPrefix(strings.TrimPrefix(err.Error(), "local error: "), "tls: ")
}

// local puts in other words what crypto/tls found wrong with the peer.
func local(text string) string {
	if versions, ok := strings.CutPrefix(text, "client offered only unsupported versions: "); ok {
		return "no common version: the client offers " + versionNames(versions)
	}
	if version, ok := strings.CutPrefix(text, "server selected unsupported protocol version "); ok {
		return "no common version: the server chose " + versionNames(version)
	}
	if types, ok := strings.CutPrefix(text, "received unexpected handshake message of type "); ok {
		return unexpected(types)
	}
	switch {
	case text == "no renegotiation":
		return renegotiation
	case strings.HasPrefix(text, "client didn't provide a certificate"):
		return "client certificate required: the client has sent none"
	case strings.HasPrefix(text, "client requested unsupported application protocols"):
		return "no common application protocol (alpn): " + strings.TrimPrefix(text, "client requested unsupported application protocols ")
	}
	return text
}

const renegotiation = "the peer wants to negotiate anew in an open connection (renegotiation), which is not supported; TLS 1.3 has none"

// unexpected puts in words which message came instead of another: crypto/tls says the types in which it has them.
func unexpected(types string) string {
	names := strings.NewReplacer("*tls.", "", "Msg", "").Replace(types)
	if strings.HasPrefix(names, "clientHello when waiting for helloRequest") {
		return renegotiation
	}
	return "not the handshake's next message: " + strings.Replace(names, " when waiting for ", " came instead of ", 1)
}

// versionNames spells the numbers in crypto/tls's message: "[303 302]".
func versionNames(text string) string {
	names := strings.Fields(strings.Trim(text, "[]"))
	for i, hex := range names {
		if n, err := strconv.ParseUint(hex, 16, 16); err == nil {
			names[i] = versionName(uint16(n))
		}
	}
	return strings.Join(names, ", ")
}

// refused says what an alert of the peer means.
func refused(alert string) string {
	switch alert {
	case "certificate required":
		alert = "client certificate required"
	case "protocol version not supported":
		alert = "no common version"
	case "no application protocol":
		alert = "no common application protocol (alpn)"
	case "unknown certificate authority":
		alert = "it does not know the issuer of our certificate"
	case "expired certificate":
		alert = "our certificate has expired"
	case "bad certificate", "unknown certificate":
		alert = "it does not accept our certificate (" + alert + ")"
	case "handshake failure":
		alert = "handshake failure: no common version or cipher, or no client certificate"
	}
	return "the peer refused: " + alert
}

func notTLS(e tls.RecordHeaderError) string {
	if strings.Contains(e.Msg, "first record") || strings.Contains(e.Msg, "SSLv2") {
		return fmt.Sprintf("not TLS: the peer began with %q", e.RecordHeader[:])
	}
	return "not TLS: " + e.Msg
}

// untrusted says what is wrong with the peer's certificate.
func untrusted(e *tls.CertificateVerificationError) string {
	var leaf *x509.Certificate
	if len(e.UnverifiedCertificates) > 0 {
		leaf = e.UnverifiedCertificates[0]
	}
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(e.Err, &name):
		return wrongName(name)
	case errors.As(e.Err, &invalid):
		return unusable(invalid)
	case errors.As(e.Err, &unknown) && leaf != nil:
		if leaf.Subject.String() == leaf.Issuer.String() {
			return fmt.Sprintf("certificate not trusted: it is self-signed (%s), and not among those of ca", leaf.Subject)
		}
		return fmt.Sprintf("certificate not trusted: its issuer is unknown (%s)", e.UnverifiedCertificates[len(e.UnverifiedCertificates)-1].Issuer)
	}
	return "certificate not trusted: " + strings.TrimPrefix(e.Err.Error(), "x509: ")
}

func wrongName(e x509.HostnameError) string {
	names := append([]string(nil), e.Certificate.DNSNames...)
	for _, ip := range e.Certificate.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return fmt.Sprintf("certificate is not for %s: it has no names (subject %s)", e.Host, e.Certificate.Subject)
	}
	return fmt.Sprintf("certificate is not for %s: it is for %s", e.Host, strings.Join(names, ", "))
}

func unusable(e x509.CertificateInvalidError) string {
	const day = "2006-01-02 15:04:05 MST"
	if e.Reason == x509.Expired && e.Cert != nil {
		if now := time.Now(); now.Before(e.Cert.NotBefore) {
			return "certificate is not valid yet: from " + e.Cert.NotBefore.UTC().Format(day)
		}
		return "certificate has expired: on " + e.Cert.NotAfter.UTC().Format(day)
	}
	return "certificate not trusted: " + strings.TrimPrefix(e.Error(), "x509: ")
}
