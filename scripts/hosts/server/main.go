// Command server is a TCP server whose protocol is a Lua script, and the script can be changed while clients are
// connected. SIGHUP loads it again: who connects from then on is served by the new version, and a connection keeps,
// to its end, the version that it began with. A script that fails to load is told of, and changes nothing. What shall
// outlive a version, here a store of names and values, is the host's.
//
//	go run ./scripts/hosts/server scripts/hosts/server/protocol.lua
//	nc 127.0.0.1 7000     # SET name Ada, GET name
//	kill -HUP PID         # after a change of the script; the server tells its PID
package main

import (
	"context"
	"errors"
	"io/fs"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
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
		log.Fatal("server: ", err)
	}
}

// run does what the arguments say until ctx ends.
func run(ctx context.Context, args []string) error {
	flags := pflag.NewFlagSet("server [flags] SCRIPT", pflag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:7000", "the `ADDRESS` to listen on")
	grace := flags.Duration("grace", 10*time.Second, "how long clients may go on after SIGINT or SIGTERM")
	switch err := flags.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		return nil
	case err != nil:
		return err
	case flags.NArg() != 1:
		return errors.New("one script is needed; --help says more")
	}
	s := &server{script: flags.Arg(0)}
	if err := s.load(ctx); err != nil {
		return err
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	s.serve(ctx, l, *grace)
	return nil
}

type server struct {
	script string
	store  sync.Map // the functions of one interpreter run one at a time, but there may be several versions

	mu       sync.Mutex
	current  *version
	versions sync.WaitGroup // those that are retired, and not yet closed
}

// version is the script as it was when it was loaded, and those whom it serves.
type version struct {
	number  int
	in      *interp.Interpreter
	serve   interp.Func // with a client
	clients sync.WaitGroup
}

// load makes the script, as it is now, the current version.
func (s *server) load(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	folder := os.DirFS(filepath.Dir(s.script))
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), FS: folder, Stdout: os.Stdout, Stderr: os.Stderr})
	if err != nil {
		return err
	}
	serve, err := s.begin(ctx, in, folder)
	if err != nil {
		in.Close()
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v := &version{number: 1, in: in, serve: serve}
	if s.current != nil {
		v.number += s.current.number
		s.retire(s.current)
	}
	s.current = v
	return nil
}

// guarded is a program that makes of the function that a script returned one that closes the client, too, whatever
// happens: a client that a script has is the script's to close.
const guarded = `local serve = ...
	if not serve then error("the script must return the function that serves a client", 0) end
	return function(client) client:with(serve) end`

// begin runs the script. It has no network of its own, and no files beside those that it requires from its folder: it
// may use what it is handed, and nothing else.
func (s *server) begin(ctx context.Context, in *interp.Interpreter, folder fs.FS) (serve interp.Func, err error) {
	name := filepath.Base(s.script)
	source, err := fs.ReadFile(folder, name)
	if err != nil {
		return serve, err
	}
	prog, err := interp.Compile(name, string(source))
	if err != nil {
		return serve, err
	}
	get := func(name string) any { value, _ := s.store.Load(name); return value }
	set := func(name, value string) { s.store.Store(name, value) }
	if err := in.Set("store", map[string]any{"get": get, "set": set}); err != nil {
		return serve, err
	}
	if err := in.RunInto(ctx, &serve, prog); err != nil {
		return serve, err
	}
	guard, err := interp.Compile("guarded", guarded)
	if err != nil {
		return serve, err
	}
	return serve, in.RunInto(ctx, &serve, guard, serve)
}

// retire closes a version, once the last of its clients has gone. There must be no further ones.
func (s *server) retire(v *version) {
	s.versions.Go(func() {
		v.clients.Wait()
		v.in.Close()
		log.Printf("version %d has ended", v.number)
	})
}

// serve accepts clients until ctx ends, and returns when all have gone, or grace is over.
func (s *server) serve(ctx context.Context, l net.Listener, grace time.Duration) {
	calls, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	var accepting sync.WaitGroup
	accepting.Go(func() { s.accept(calls, l) })
	log.Printf("listening on %s; kill -HUP %d loads %s again", l.Addr(), os.Getpid(), s.script)
	for ctx.Err() == nil {
		select {
		case <-hangup:
			if err := s.load(ctx); err != nil {
				log.Printf("version %d stays: %v", s.current.number, err)
			} else {
				log.Printf("version %d is loaded", s.current.number)
			}
		case <-ctx.Done():
		}
	}
	l.Close()
	accepting.Wait()
	defer time.AfterFunc(grace, stop).Stop()
	s.retire(s.current)
	s.versions.Wait()
}

// accept has each client served, with ctx, until l is closed.
func (s *server) accept(ctx context.Context, l net.Listener) {
	for {
		conn, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // too many descriptors, perhaps
			log.Print(err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		s.mu.Lock()
		v := s.current
		v.clients.Add(1)
		s.mu.Unlock()
		go v.handle(ctx, conn)
	}
}

// handle serves one client, in the script's blocking style. Ten thousand such calls that wait are nothing special.
func (v *version) handle(ctx context.Context, conn net.Conn) {
	defer v.clients.Done()
	defer conn.Close() // closed already, if the script got it
	if _, err := v.serve.Call(ctx, conn); err != nil {
		log.Printf("%s: %v", conn.RemoteAddr(), err) // it ends this client alone
	}
}
