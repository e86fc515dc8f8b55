package main

import (
	"context"
	"errors"
	"log"
	"strings"
	"sync"
	"syscall"

	"wirelua/interp"
)

// tenant is a script, and what it runs in.
type tenant struct {
	name   string
	prog   *interp.Program
	config interp.Config
	places chan struct{} // has as many as there are requests under way

	mu     sync.Mutex
	in     *interp.Interpreter // nil: to be begun
	handle *interp.Object      // the function that the script returned
}

var errBusy = errors.New("there are too many requests already")

// call handles a request, in the time that ctx has.
func (t *tenant) call(ctx context.Context, path string, body []byte) (reply []byte, err error) {
	select {
	case t.places <- struct{}{}:
		defer func() { <-t.places }()
	default:
		return nil, errBusy
	}
	in, handle, err := t.begin(ctx)
	if err != nil {
		return nil, err
	}
	err = handle.CallInto(ctx, &reply, "", path, body)
	if errors.Is(err, syscall.ENOMEM) {
		t.end(in)
	}
	return reply, err
}

// begin returns the interpreter and the function in it. The first time, the script is run.
func (t *tenant) begin(ctx context.Context) (*interp.Interpreter, *interp.Object, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.in != nil {
		return t.in, t.handle, nil
	}
	in, err := interp.New(t.config)
	if err != nil {
		return nil, nil, err
	}
	var handle *interp.Object
	if err = in.RunInto(ctx, &handle, t.prog); err == nil && handle == nil {
		err = errors.New("the script must return the function that handles requests")
	}
	if err != nil {
		in.Close()
		return nil, nil, err
	}
	t.in, t.handle = in, handle
	return in, handle, nil
}

// end ends an interpreter, which still holds what was too much: the tenant begins anew with the next request.
func (t *tenant) end(in *interp.Interpreter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.in == in {
		t.in, t.handle = nil, nil
		log.Printf("%s took too much memory, and begins anew", t.name)
		in.Close()
	}
}

// Write is where the script prints to.
func (t *tenant) Write(text []byte) (int, error) {
	log.Printf("%s: %s", t.name, strings.TrimSuffix(string(text), "\n"))
	return len(text), nil
}
