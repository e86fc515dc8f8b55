package interp_test

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net"
	"sync"

	"wirelua/interp"
	"wirelua/stdlib"
)

// A server whose protocol is a user's script: Go accepts, and each client is a
// call of the script's function serve, in the blocking style. The script has no
// network of its own: it may use what it is handed, and nothing else.
func Example_server() {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	ctx := context.Background()
	if err := in.RunString(ctx, "protocol.lua", `
		local stored = {}
		local commands = {
			SET = function(key, value) stored[key] = value return "OK" end,
			GET = function(key) return stored[key] or "NONE" end,
		}
		function serve(client)
			for line in client:lines() do
				local name, key, value = line:match("^(%u+) (%S+)%s*(.*)$")
				local command = commands[name] or function() return "WHAT?" end
				client:sendall(command(key, value) .. "\n")
			end
			client:close()
		end`); err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	var clients sync.WaitGroup
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			clients.Go(func() {
				if _, err := in.Call(ctx, "serve", conn); err != nil {
					log.Print(err) // of this client's alone
				}
			})
		}
	}()

	for _, request := range []string{"SET name Ada\nGET name\n", "GET name\nGET age\nHELLO\n"} {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			log.Fatal(err)
		}
		fmt.Fprint(c, request)
		c.(*net.TCPConn).CloseWrite()
		for answers := bufio.NewScanner(c); answers.Scan(); {
			fmt.Println(answers.Text())
		}
		c.Close()
	}
	l.Close()
	clients.Wait()
	// Output:
	// OK
	// Ada
	// Ada
	// NONE
	// WHAT?
}
