package interp_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"strings"

	"wirelua/interp"
	"wirelua/stdlib"
)

// A script as a filter on connections that a Go server accepted: it looks at what
// the client says first, and refuses the client or hands it back. What it has read
// is not lost.
func Example_filter() {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	ctx := context.Background()
	if err := in.RunString(ctx, "filter.lua", `
		local seen = {}
		function filter(client)
			client:settimeout(5)
			local first = client:readline()
			local who = first and first:match("^HELLO (%a+)$")
			if not who or seen[who] then
				client:sendall("GO AWAY\n")
				client:close()
				return nil
			end
			seen[who] = true
			client:settimeout(nil)
			return client, who
		end`); err != nil {
		log.Fatal(err)
	}
	// handle is the Go server's own; net.Pipe stands for a client here.
	handle := func(conn net.Conn) {
		out, err := in.Call(ctx, "filter", conn)
		if err != nil || out[0] == nil {
			conn.Close()
			return
		}
		client := out[0].(net.Conn)
		defer client.Close()
		fmt.Fprintf(client, "WELCOME %s\n", out[1])
		io.Copy(client, client) // the rest is an echo server
	}
	for _, request := range []string{"HELLO Ada\nand more", "GET / HTTP/1.0\n", "HELLO Ada\n"} {
		client, server := net.Pipe()
		go handle(server)
		go func() { client.Write([]byte(request)) }()
		answer := make([]byte, 1024)
		n, _ := client.Read(answer)
		text := string(answer[:n])
		if strings.HasPrefix(text, "WELCOME") && !strings.HasSuffix(request, "\n") {
			n, _ = client.Read(answer)
			text += string(answer[:n])
		}
		fmt.Printf("%q\n", text)
		client.Close()
	}
	// Output:
	// "WELCOME Ada\nand more"
	// "GO AWAY\n"
	// "GO AWAY\n"
}
