package interp_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"testing/fstest"
	"time"

	"wirelua/interp"
	"wirelua/stdlib"
)

// A plugin that is compiled once, runs in an interpreter for each tenant, and is called by a handle on the table
// that it returns.
func ExampleCompile() {
	prog, err := interp.Compile("plugin.lua", `
		local greeting = ...
		local plugin = {limits = {max = 10}}
		function plugin.on_request(req)
			return {status = 200, headers = {server = "plugin"}, body = greeting .. " " .. req.path}
		end
		return plugin`)
	if err != nil {
		log.Fatal(err)
	}
	type request struct {
		Path string `json:"path"`
	}
	type reply struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    []byte            `json:"body"`
	}
	ctx := context.Background()
	for _, tenant := range []string{"ada", "bob"} {
		in, err := interp.New(interp.Config{})
		if err != nil {
			log.Fatal(err)
		}
		var plugin *interp.Object
		if err := in.RunInto(ctx, &plugin, prog, "hello "+tenant); err != nil {
			log.Fatal(err)
		}
		var r reply
		err = plugin.CallInto(ctx, &r, "on_request", request{"/index"})
		max, _ := plugin.Get(ctx, "limits.max")
		fmt.Println(r.Status, r.Headers["server"], string(r.Body), max, err)
		in.Close()
	}
	// Output:
	// 200 plugin hello ada /index 10 <nil>
	// 200 plugin hello bob /index 10 <nil>
}

// Several results, each to where it belongs.
func ExampleResults() {
	in, err := interp.New(interp.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer in.Close()
	ctx := context.Background()
	in.RunString(ctx, "s.lua", `function divide(a, b) return math.floor(a / b), a % b end`)
	var quotient, rest int
	err = in.CallInto(ctx, &interp.Results{&quotient, &rest}, "divide", 17, 5)
	fmt.Println(quotient, rest, err)
	// A table with a key that the struct lacks is an error; a field tagged any takes what there is.
	var point struct{ X, Way int }
	fmt.Println(in.RunInto(ctx, &point, must(interp.Compile("p.lua", `return {X = 1, Why = 2}`))))
	var open struct {
		X    int
		Rest map[string]any `json:",any"`
	}
	fmt.Println(in.RunInto(ctx, &open, must(interp.Compile("p.lua", `return {X = 1, Z = 2}`))), open.X, open.Rest)
	// Output:
	// 3 2 <nil>
	// interp: Run p.lua: result 1: unknown field 'Why' (did you mean 'Way'?)
	// <nil> 1 map[Z:2]
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// A script that runs beside its host, which stops it, and then shuts the interpreter down.
func ExampleInterpreter_Start() {
	in, err := interp.New(interp.Config{
		Stdout: os.Stdout, Modules: stdlib.Modules(),
		OnThreadError: func(e *interp.Error) { fmt.Println("a thread died:", e.Message) },
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	prog := must(interp.Compile("server.lua", `
		thread.start(function() error("no such file") end):join()
		print("serving")
		ready()
		thread.sleep(3600)`))
	ready := make(chan struct{})
	in.Set("ready", func(context.Context) { close(ready) })
	run, err := in.Start(ctx, prog)
	if err != nil {
		log.Fatal(err)
	}
	<-ready
	run.Stop()
	_, err = run.Wait()
	fmt.Println(errors.Is(err, context.Canceled))
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	fmt.Println(in.Shutdown(ctx))
	// Output:
	// a thread died: server.lua:2: no such file
	// serving
	// true
	// <nil>
}

// A hundred interpreters that load the same files: each is compiled once.
func ExampleCache() {
	scripts := fstest.MapFS{
		"main.lua": {Data: []byte(`return require("lib").answer`)},
		"lib.lua":  {Data: []byte(`return {answer = 42}`)},
	}
	cache := new(interp.Cache)
	for range 100 {
		in, err := interp.New(interp.Config{FS: scripts, Cache: cache})
		if err != nil {
			log.Fatal(err)
		}
		if err := in.RunFile(context.Background(), "main.lua"); err != nil {
			log.Fatal(err)
		}
		in.Close()
	}
}
