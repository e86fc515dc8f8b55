//go:build unix

package scripts

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestTLSEcho(t *testing.T) {
	const script = "scripts/examples/tls_echo.lua"
	stdout, _, err := run(t, root, wirelua, script)
	if err != nil || !strings.Contains(stdout, "echoed: hello") || !strings.Contains(stdout, "self-signed") {
		t.Errorf("the demonstration: %v\n%s", err, stdout)
	}
	cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	shell(t, root, `echo 'for i, pem in ipairs {tls.self_signed()} do io.open(arg[i], "w"):write(pem):close() end' | wirelua - `+cert+" "+key)
	port := startServer(t, wirelua, script, "-s", "-cert", cert, "-key", key)
	for _, client := range [][]string{
		{wirelua, script, "-ca", cert, "localhost", port},
		{"openssl", "s_client", "-quiet", "-no_ign_eof", "-verify_return_error", "-verify_hostname", "localhost", "-CAfile", cert, "-connect", "localhost:" + port},
	} {
		needs(t, client[0])
		p := startProgram(t, client[0], client[1:]...)
		for _, line := range []string{"one", "two"} {
			p.say(line + "\n")
			p.line(line)
		}
		p.stdin.Close()
		p.ends(0)
	}
}
