package interp_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"wirelua/interp"
	"wirelua/interp/trace"
	"wirelua/stdlib"
)

// opLog shows what a script does with sockets. It is called holding the interpreter's turn:
// what takes long belongs on another goroutine.
type opLog struct{}

func (opLog) Observe(e trace.Event) {
	if e.Op == "close" && e.By != "script" {
		fmt.Printf("#%d was left open: %s\n", e.Socket.Number, e.By)
		return
	}
	fmt.Printf("%s %s %q %v\n", e.Where, e.Op, e.Data, e.Err)
}

// Every socket operation of a script, as it ends.
func ExampleConfig_observer() {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Observer: opLog{}})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	in.RunString(context.Background(), "x.lua", `
		local a, b = socket.socketpair()
		a:sendall("hello")
		b:recv(100)
		local c = socket.socket()
		pcall(c.connect, c, "127.0.0.1", 80)
		c:close() b:close()`)
	// Output:
	// x.lua:2 socketpair "" <nil>
	// x.lua:2 socketpair "" <nil>
	// x.lua:3 send "hello" <nil>
	// x.lua:4 recv "hello" <nil>
	// x.lua:5 socket "" <nil>
	// x.lua:6 connect "" not allowed: connect to 127.0.0.1:80
	// x.lua:7 close "" <nil>
	// x.lua:7 close "" <nil>
	// #1 was left open: end
}

// A channel between Go and threads of a script, which go on after Call.
func ExampleInterpreter_Set_channel() {
	in, err := interp.New(interp.Config{Stdout: os.Stdout, Modules: stdlib.Modules()})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	jobs, results := make(chan any), make(chan any)
	in.Set("jobs", jobs)
	in.Set("results", results)
	in.Set("finish", func() { close(results) })
	err = in.RunString(context.Background(), "worker.lua", `
		thread.daemon(function()
			while true do
				local open, job = jobs:receive()
				if not open then return finish() end -- the channel is the host's to close
				results:send(job .. " done")
			end
		end)`)
	if err != nil {
		log.Fatal(err)
	}
	jobs <- "first"
	fmt.Println(<-results)
	jobs <- "second"
	fmt.Println(<-results)
	close(jobs)
	_, open := <-results
	fmt.Println("open:", open)
	// Output:
	// first done
	// second done
	// open: false
}
