//go:build unix

package socket_test

import (
	"context"
	"fmt"
	"net"
	"testing"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// BenchmarkPolicy is what the fence costs a call: sendto and connect to an address
// that a policy of three rules allows, and with everything allowed.
func BenchmarkPolicy(b *testing.B) {
	to, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	defer to.Close()
	port := to.LocalAddr().(*net.UDPAddr).Port
	rules := policy.Policy{Connect: []string{"10.0.0.0/8:443", "192.168.0.0/16:80", fmt.Sprintf("127.0.0.0/8:%d", port)}}
	for _, call := range []string{
		`s:sendto("x", "127.0.0.1", port)`, // the datagrams that have no room are dropped
		`s:connect("127.0.0.1", port)`,
		`s:sendto("x", "localhost", port)`,
	} {
		for _, p := range []struct {
			name   string
			policy policy.Policy
		}{{"all", policy.All()}, {"3rules", rules}} {
			b.Run(call+"/"+p.name, func(b *testing.B) {
				in, err := interp.New(interp.Config{Policy: p.policy, Modules: stdlib.Modules()})
				if err != nil {
					b.Fatal(err)
				}
				defer in.Close()
				in.Set("n", b.N)
				in.Set("port", port)
				err = in.RunString(context.Background(), "setup", `s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)`)
				b.ResetTimer()
				if err == nil {
					err = in.RunString(context.Background(), "bench", `local s, port = s, port for i = 1, n do `+call+` end`)
				}
				if err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}
