// Command filter stands in front of a TCP service and speaks TLS to its clients. A Lua function looks at each client
// that Go accepted: it sees the connection, once it is encrypted, says and reads what it likes, and returns the
// connection, or nil to refuse it. From then on Go passes on what both sides say. What the function has read beyond
// what it looked at is not lost.
//
//	go run ./scripts/hosts/filter scripts/hosts/filter/filter.lua 127.0.0.1:7000
//	openssl s_client -quiet -connect 127.0.0.1:7443     # AUTH ada sesame
//
// The service may be scripts/hosts/server. Without --cert there is a certificate that signs itself.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
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
		log.Fatal("filter: ", err)
	}
}

// run does what the arguments say until ctx ends.
func run(ctx context.Context, args []string) error {
	flags := pflag.NewFlagSet("filter [flags] SCRIPT HOST:PORT", pflag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:7443", "the `ADDRESS` to listen on")
	cert := flags.String("cert", "", "the `FILE` of the certificate, PEM")
	key := flags.String("key", "", "the `FILE` of its key")
	switch err := flags.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		return nil
	case err != nil:
		return err
	case flags.NArg() != 2:
		return errors.New("a script and the address of a service are needed; --help says more")
	}
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Stdout: os.Stdout, Stderr: os.Stderr})
	if err != nil {
		return err
	}
	defer in.Close()
	g := &gate{service: flags.Arg(1)}
	if err := g.load(ctx, in, flags.Arg(0)); err != nil {
		return err
	}
	pair, err := certificate(ctx, in, *cert, *key)
	if err != nil {
		return err
	}
	l, err := tls.Listen("tcp", *listen, &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		return err
	}
	log.Printf("listening on %s for %s", l.Addr(), g.service)
	return g.serve(ctx, l)
}

// certificate reads a certificate, or makes one by the script's module for that.
func certificate(ctx context.Context, in *interp.Interpreter, cert, key string) (tls.Certificate, error) {
	if cert != "" {
		return tls.LoadX509KeyPair(cert, key)
	}
	var certPEM, keyPEM []byte
	if err := in.CallInto(ctx, &interp.Results{&certPEM, &keyPEM}, "tls.self_signed"); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(certPEM, keyPEM)
}

// gate lets those in to a service whom a script lets in.
type gate struct {
	service string
	filter  *interp.Object // the function that the script returned
}

func (g *gate) load(ctx context.Context, in *interp.Interpreter, script string) error {
	source, err := os.ReadFile(script)
	if err != nil {
		return err
	}
	prog, err := interp.Compile(filepath.Base(script), string(source))
	if err != nil {
		return err
	}
	if err := in.RunInto(ctx, &g.filter, prog); err != nil {
		return err
	}
	if g.filter == nil {
		return errors.New("the script must return the function that looks at clients")
	}
	return nil
}

// serve accepts clients until ctx ends, which ends theirs, too.
func (g *gate) serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	var clients sync.WaitGroup
	defer clients.Wait()
	defer cancel()
	context.AfterFunc(ctx, func() { l.Close() })
	for {
		conn, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		clients.Go(func() {
			if err := g.handle(ctx, conn.(*tls.Conn)); err != nil && ctx.Err() == nil {
				log.Printf("%s: %v", conn.RemoteAddr(), err)
			}
		})
	}
}

// handle has one client looked at, and then passes on what it and the service say.
func (g *gate) handle(ctx context.Context, conn *tls.Conn) error {
	defer conn.Close()
	client, who, err := g.ask(ctx, conn)
	if err != nil {
		return err
	}
	if client == nil {
		return errors.New("refused")
	}
	service, err := new(net.Dialer).DialContext(ctx, "tcp", g.service)
	if err != nil {
		return err
	}
	defer service.Close()
	defer context.AfterFunc(ctx, func() { conn.Close(); service.Close() })()
	log.Printf("%s is %s", conn.RemoteAddr(), who)
	join(client, service)
	return nil
}

// ask returns what the script says of a client: the connection to go on with, nil if it is refused, and who that is.
func (g *gate) ask(ctx context.Context, conn *tls.Conn) (client net.Conn, who string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, "", fmt.Errorf("handshake: %w", err)
	}
	state := conn.ConnectionState()
	hello := map[string]any{"server_name": state.ServerName, "version": tls.VersionName(state.Version)}
	err = g.filter.CallInto(ctx, &interp.Results{&client, &who}, "", conn, hello)
	return client, who, err
}

// join passes on what each of two says to the other, until both have said all.
func join(a, b net.Conn) {
	pass := func(to, from net.Conn) {
		io.Copy(to, from)
		if half, ok := to.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
			to.Close()
		}
	}
	var back sync.WaitGroup
	back.Go(func() { pass(a, b) })
	pass(b, a)
	back.Wait()
}
