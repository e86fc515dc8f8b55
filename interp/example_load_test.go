package interp_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"sync"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// A load generator with one script per virtual user. The users are calls of one
// interpreter: each has a thread of its own, and ten thousand that wait are nothing
// special. Measuring is Go's: report is a host function.
func Example_loadGenerator() {
	target := echoServer()
	defer target.Close()
	in, err := interp.New(interp.Config{
		Modules: stdlib.Modules(),
		Policy:  policy.Policy{Connect: []string{target.Addr().String()}}, // the target, and nothing else
	})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	addr := target.Addr().(*net.TCPAddr)
	in.Set("target", map[string]any{"host": addr.IP.String(), "port": addr.Port})
	requests, slowest := 0, time.Duration(0)
	in.Set("report", func(took time.Duration) { // runs in the script's turn: no lock needed
		requests++
		slowest = max(slowest, took)
	})
	if err := in.RunString(context.Background(), "user.lua", `
		function user(id, rounds)
			local s = socket.create_connection(target.host, target.port)
			for i = 1, rounds do
				local began = time.monotonic()
				local line = "user " .. id .. " round " .. i
				s:sendall(line .. "\n")
				assert(s:readline() == line, "that was not for me")
				report(time.monotonic() - began)
				thread.sleep(0.001)
			end
			s:close()
		end`); err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var users sync.WaitGroup
	for id := range 50 {
		users.Go(func() {
			if _, err := in.Call(ctx, "user", id, 4); err != nil {
				log.Print(err)
			}
		})
	}
	users.Wait()
	fmt.Println(requests, "requests, none slower than a second:", slowest < time.Second)
	// Output:
	// 200 requests, none slower than a second: true
}

func echoServer() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(c, c); c.Close() }()
		}
	}()
	return l
}
