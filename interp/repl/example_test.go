package repl_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"strings"

	"wirelua/interp"
	"wirelua/interp/repl"
	"wirelua/stdlib"
)

// A prompt on a socket: whoever connects to it may look into the running program, as far as
// the host lets them. It's best a Unix socket, whose file says who may.
func Example_socket() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	requests := 41
	serve := func(conn net.Conn) error {
		defer conn.Close()
		p := repl.New(repl.Config{In: conn, Out: conn, Banner: "requests() tells how many there were"})
		in, err := interp.New(interp.Config{Stdin: p.Stdin(), Stdout: p.Stdout(), Stderr: p.Stdout(), Modules: stdlib.Modules()})
		if err != nil {
			return err
		}
		defer in.Close()
		if err := in.Set("requests", func() int { return requests }); err != nil {
			return err
		}
		return p.Run(context.Background(), in)
	}
	ended := make(chan error)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			err = serve(conn)
		}
		ended <- err
	}()

	user, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer user.Close()
	io.WriteString(user, "requests() + 1\nfor i = 1, 2 do\nprint(i)\nend\nsocket.create_connection('192.0.2.1', 80)\nos.exit(3)\n")
	shown, _ := io.ReadAll(user)
	text, _, _ := strings.Cut(string(shown), "stack traceback:")
	fmt.Println(text)
	fmt.Println(<-ended)
	// Output:
	// requests() tells how many there were
	// > 42
	// > >> >> 1
	// 2
	// > stdin:3: create_connection 192.0.2.1:80: not allowed: connect to 192.0.2.1:80
	//
	// script exited with status 3
}
