// Command plugins runs the scripts of tenants who need not trust each other, nor be trusted. Each file of a folder is a
// tenant, with an interpreter of its own, begun when it is first asked for: some 60 KB, so that a thousand are nothing
// special. A tenant has so much memory, so many threads and sockets, so much time for each request and so many
// requests at once, and no network but what --allow-connect says. One that computes without end or takes too much
// memory is stopped, and the others are served meanwhile.
//
//	go run ./scripts/hosts/plugins scripts/hosts/plugins/tenants
//	curl http://127.0.0.1:7002/greet/Ada     # or loop, hoard, reach
//
// Limits of memory are found to be passed some milliseconds afterwards; see interp.Limits. Who runs the scripts of
// strangers gives the process a limit, too.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		log.Fatal("plugins: ", err)
	}
}

// run does what the arguments say until ctx ends.
func run(ctx context.Context, args []string) error {
	flags := pflag.NewFlagSet("plugins [flags] FOLDER", pflag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:7002", "the `ADDRESS` to listen on")
	limit := flags.Duration("limit", time.Second, "how long a request may take")
	memory := flags.Int("memory", 16, "how many `MB` a tenant may hold")
	connect := flags.StringSlice("allow-connect", nil, "a `RULE` for where tenants may connect to; see package policy")
	switch err := flags.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		return nil
	case err != nil:
		return err
	case flags.NArg() != 1:
		return errors.New("a folder of scripts is needed; --help says more")
	}
	h := &host{limit: *limit, config: interp.Config{
		Modules: stdlib.Modules(),
		Policy:  policy.Policy{Connect: *connect},
		Limits:  interp.Limits{Memory: *memory << 20, Threads: 32, Sockets: 32, Descriptors: 64, Output: 64 << 10, Time: *limit},
	}}
	if err := h.load(flags.Arg(0)); err != nil {
		return err
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ReadTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	log.Printf("listening on http://%s for %d tenants", l.Addr(), len(h.tenants))
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), *limit+time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(ctx), h.shutdown(ctx))
}

type host struct {
	config  interp.Config
	limit   time.Duration
	tenants map[string]*tenant
}

// load compiles the tenants' scripts, and runs none. One that is wrong is told of, and is no tenant.
func (h *host) load(folder string) error {
	paths, err := filepath.Glob(filepath.Join(folder, "*.lua"))
	if err != nil {
		return err
	}
	h.tenants = map[string]*tenant{}
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		prog, err := interp.Compile(filepath.Base(path), string(source))
		if err != nil {
			log.Print(err)
			continue
		}
		name := strings.TrimSuffix(filepath.Base(path), ".lua")
		t := &tenant{name: name, prog: prog, config: h.config, places: make(chan struct{}, 16)}
		t.config.Stdout, t.config.Stderr = t, t
		h.tenants[name] = t
	}
	return nil
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	t := h.tenants[name]
	if t == nil {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.limit)
	defer cancel()
	reply, err := t.call(ctx, path, body)
	switch {
	case err == nil:
		w.Write(reply)
	case errors.Is(err, errBusy):
		http.Error(w, err.Error(), http.StatusTooManyRequests)
	case errors.Is(err, context.DeadlineExceeded):
		http.Error(w, "this takes too long", http.StatusServiceUnavailable)
	case errors.Is(err, syscall.ENOMEM), errors.Is(err, interp.ErrClosed): // this request, or another
		http.Error(w, "the script took too much memory", http.StatusServiceUnavailable)
	case r.Context().Err() == nil:
		log.Printf("%s: %v", t.name, err)
		http.Error(w, "the script failed", http.StatusInternalServerError)
	}
}

// shutdown ends all interpreters, those of tenants that do not end by themselves when ctx does.
func (h *host) shutdown(ctx context.Context) (err error) {
	for _, t := range h.tenants {
		t.mu.Lock()
		if t.in != nil {
			err = errors.Join(err, t.in.Shutdown(ctx))
		}
		t.mu.Unlock()
	}
	return err
}
