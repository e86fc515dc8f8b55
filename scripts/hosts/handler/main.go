// Command handler is an HTTP server of net/http whose handler is a Lua function:
//
//	method, path, headers, body → status, headers, body
//
// The script is compiled once, and runs in as many interpreters as there are processors, since one runs Lua on one at a
// time. A request goes to the next interpreter, busy or not: calls that wait, for a time or for a socket, do not hold
// up others there. What all interpreters shall know, here how often each path was visited, is the host's. A client that
// goes away ends its call, as does a request that takes too long.
//
//	go run ./scripts/hosts/handler scripts/hosts/handler/handler.lua
//	curl -d 'hello' http://127.0.0.1:7001/shout
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"wirelua/interp"
	"wirelua/stdlib"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		log.Fatal("handler: ", err)
	}
}

// run does what the arguments say until ctx ends.
func run(ctx context.Context, args []string) error {
	flags := pflag.NewFlagSet("handler [flags] SCRIPT", pflag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:7001", "the `ADDRESS` to listen on")
	limit := flags.Duration("limit", 5*time.Second, "how long a request may take")
	grace := flags.Duration("grace", 10*time.Second, "how long requests may go on after SIGINT or SIGTERM")
	n := flags.Int("interpreters", runtime.GOMAXPROCS(0), "how many interpreters there are")
	switch err := flags.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		return nil
	case err != nil:
		return err
	case flags.NArg() != 1 || *n < 1:
		return errors.New("one script is needed, and an interpreter; --help says more")
	}
	h := &handler{limit: *limit}
	defer h.close()
	if err := h.load(ctx, flags.Arg(0), *n); err != nil {
		return err
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: *limit}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	log.Printf("listening on http://%s", l.Addr())
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), *grace)
	defer cancel()
	return server.Shutdown(ctx)
}

// handler is a Lua function as an http.Handler.
type handler struct {
	limit  time.Duration
	ins    []*interp.Interpreter
	handle []*interp.Object // the function that the script returned, in each
	next   atomic.Uint64

	mu     sync.Mutex
	visits map[string]int
}

// load runs the script in n interpreters.
func (h *handler) load(ctx context.Context, script string, n int) error {
	source, err := os.ReadFile(script)
	if err != nil {
		return err
	}
	prog, err := interp.Compile(filepath.Base(script), string(source))
	if err != nil {
		return err
	}
	config := interp.Config{
		Modules: stdlib.Modules(), Stdout: os.Stdout, Stderr: os.Stderr,
		FS: os.DirFS(filepath.Dir(script)), Cache: new(interp.Cache), // of what it requires
	}
	h.visits = map[string]int{}
	for range n {
		in, err := interp.New(config)
		if err != nil {
			return err
		}
		h.ins = append(h.ins, in)
		if err := in.Set("visit", h.visit); err != nil {
			return err
		}
		var handle *interp.Object
		if err := in.RunInto(ctx, &handle, prog); err != nil {
			return err
		}
		if handle == nil {
			return errors.New("the script must return the function that handles requests")
		}
		h.handle = append(h.handle, handle)
	}
	return nil
}

func (h *handler) close() {
	for _, in := range h.ins {
		in.Close()
	}
}

// visit counts for all interpreters: hence the lock.
func (h *handler) visit(path string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.visits[path]++
	return h.visits[path]
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	headers := map[string]string{}
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.limit)
	defer cancel()
	var status int
	var reply map[string]string
	var text []byte
	handle := h.handle[h.next.Add(1)%uint64(len(h.handle))]
	err = handle.CallInto(ctx, &interp.Results{&status, &reply, &text}, "", r.Method, r.URL.Path, headers, body)
	if err == nil && (status < 200 || status > 599) {
		err = fmt.Errorf("%d is no status", status)
	}
	switch {
	case r.Context().Err() != nil: // nobody is there any more
	case errors.Is(err, context.DeadlineExceeded):
		http.Error(w, "this takes too long", http.StatusServiceUnavailable)
	case err != nil:
		log.Printf("%s %s: %v", r.Method, r.URL.Path, err)
		http.Error(w, "the script failed", http.StatusInternalServerError)
	default:
		for name, value := range reply {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		w.Write(text)
	}
}
