//go:build unix

package scripts

import (
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
)

// ask sends a request and the end of what there is to say, and reads to the end.
func ask(t *testing.T, port, request string) string {
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer conn.Close()
	io.WriteString(conn, request)
	conn.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Error(err)
	}
	return string(answer)
}

func TestInetd(t *testing.T) {
	port := startServer(t, wirelua, "scripts/examples/inetd.lua", "-n", "8", "sort")
	var wg sync.WaitGroup
	for i := range 40 { // more than may run at once
		wg.Go(func() {
			if got, want := ask(t, port, fmt.Sprintf("c\na\n%d\n", i)), fmt.Sprintf("%d\na\nc\n", i); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	wg.Wait()
	port = startServer(t, wirelua, "scripts/examples/inetd.lua", "no-such-program")
	for range 3 {
		if got := ask(t, port, ""); got != "" {
			t.Errorf("got %q", got)
		}
	}
}
