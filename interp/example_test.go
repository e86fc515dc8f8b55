package interp_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"syscall"
	"testing/fstest"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// A script that the host configures, and whose functions it calls.
func Example() {
	in, err := interp.New(interp.Config{Stdout: os.Stdout, Stderr: os.Stderr, Modules: stdlib.Modules()})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	ctx := context.Background()

	in.Set("config", map[string]any{"greeting": "hello", "times": 2})
	err = in.RunString(ctx, "greet.lua", `
		greeted = {}
		function greet(name)
			table.insert(greeted, name)
			return (config.greeting .. " " .. name .. "! "):rep(config.times), #greeted
		end
		print("ready")`)
	if err != nil {
		log.Fatal(err)
	}
	out, err := in.Call(ctx, "greet", "Ada")
	fmt.Printf("%v %v\n", out, err)
	greeted, err := in.Get("greeted")
	fmt.Println(greeted, err)
	// Output:
	// ready
	// [hello Ada! hello Ada!  1] <nil>
	// [Ada] <nil>
}

// A Go function that scripts call. Its error is raised, and the host finds it again.
func ExampleInterpreter_Set_function() {
	in, err := interp.New(interp.Config{Stdout: os.Stdout})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	errUnknown := errors.New("unknown user")
	type user struct {
		Name string `json:"name"`
		Age  int    `json:"age,omitempty"`
	}
	in.Set("lookup", func(id int) (*user, error) {
		if id != 7 {
			return nil, fmt.Errorf("%w %d", errUnknown, id)
		}
		return &user{Name: "Ada", Age: 36}, nil
	})
	ctx := context.Background()
	in.RunString(ctx, "a.lua", `print(lookup(7).name) print(pcall(lookup, "seven")) print(pcall(lookup, 8))`)
	err = in.RunString(ctx, "b.lua", `lookup(9)`)
	fmt.Println(err)
	fmt.Println(errors.Is(err, errUnknown))
	// Output:
	// Ada
	// false	a.lua:1: bad argument #1 to 'lookup' (number expected, got string)
	// false	lookup: unknown user 8
	// b.lua:1: lookup: unknown user 9
	// true
}

// Scripts hand functions to Go, which calls them whenever it likes.
func ExampleFunc() {
	in, err := interp.New(interp.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	handlers := map[string]interp.Func{}
	in.Set("on", func(event string, handler interp.Func) { handlers[event] = handler })
	ctx := context.Background()
	if err := in.RunString(ctx, "handlers.lua", `
		local count = 0
		on("visit", function(who) count = count + 1 return who .. " is visitor " .. count end)`); err != nil {
		log.Fatal(err)
	}
	for _, who := range []string{"Ada", "Grace"} {
		out, err := handlers["visit"].Call(ctx, who)
		fmt.Println(out, err)
	}
	// Output:
	// [Ada is visitor 1] <nil>
	// [Grace is visitor 2] <nil>
}

// What went wrong, in the script's words and in Go's.
func ExampleError() {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.Policy{Connect: []string{"127.0.0.1"}}})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	err = in.RunString(context.Background(), "dial.lua", `
		local function dial(port) return socket.create_connection("127.0.0.1", port) end
		dial(1)`)
	var failure *interp.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Message)
		fmt.Println(failure.Traceback)
	}
	fmt.Println(errors.Is(err, syscall.ECONNREFUSED))
	// Output:
	// dial.lua:2: create_connection 127.0.0.1:1: connection refused
	// stack traceback:
	// 	[Go]: in function 'create_connection'
	// 	dial.lua:2: in function 'dial'
	// 	dial.lua:3: in main chunk
	// true
}

// A script with a deadline stops at once, whether it waits or computes, and the
// interpreter is as good as before.
func ExampleInterpreter_RunString_deadline() {
	in, err := interp.New(interp.Config{Stdout: os.Stdout, Modules: stdlib.Modules()})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	for _, script := range []string{"while true do end", "thread.sleep(3600)", "print('in time')"} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		err := in.RunString(ctx, "script.lua", script)
		cancel()
		fmt.Println(err, errors.Is(err, context.DeadlineExceeded))
	}
	// Output:
	// context deadline exceeded true
	// context deadline exceeded true
	// in time
	// <nil> false
}

// Somebody else's script: no network, files, processes or environment, and bounds
// on what it may take.
func ExampleLimits() {
	in, err := interp.New(interp.Config{
		Modules: stdlib.Modules(),
		Limits:  interp.Limits{Threads: 100, Sockets: 100, Output: 1 << 20, Time: 200 * time.Millisecond},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	for _, script := range []string{
		`for i = 1, 1000 do thread.start(thread.sleep, 10) end`,
		`while true do print(("x"):rep(100000)) end`,
		`while true do end`,
		`socket.create_connection("example.org", 80)`,
	} {
		fmt.Println(in.RunString(context.Background(), "hostile.lua", script))
	}
	// Output:
	// hostile.lua:1: start: no more than 100 threads allowed (Limits.Threads)
	// hostile.lua:1: print: no more than 1048576 bytes of output allowed (Limits.Output)
	// context deadline exceeded
	// hostile.lua:1: create_connection example.org:80: not allowed: look up example.org
}

// Scripts from a file system of Go's: one that go:embed made, an archive, a test's.
func ExampleConfig_fs() {
	scripts := fstest.MapFS{
		"main.lua":     {Data: []byte(`print(require("greeting").text(...))`)},
		"greeting.lua": {Data: []byte(`return {text = function(name) return "hello " .. name end}`)},
	}
	var out strings.Builder
	in, err := interp.New(interp.Config{FS: scripts, Stdout: &out})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	err = in.RunFile(context.Background(), "main.lua", "Ada")
	fmt.Println(out.String(), err)
	// Output:
	// hello Ada
	//  <nil>
}
