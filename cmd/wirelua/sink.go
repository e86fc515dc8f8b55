package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"wirelua/interp/trace"
)

// sink is a file that an observer writes to. Each Write is whole: lines of several
// threads, or of what else writes to a terminal, do not mix.
type sink struct {
	f    *os.File
	name string // the flag that asked for it
	late bool   // what is written may wait for a moment, to be written with what follows

	mu     sync.Mutex
	b      []byte
	timer  *time.Timer // nil while nothing waits
	err    error       // of the first write that failed
	closed bool
}

const (
	sinkDelay = 100 * time.Millisecond // how long it waits at most
	sinkSize  = 64 << 10               // and how much
)

// create makes a file for the flag name; "-" is standard output.
func create(name, path string) (*sink, error) {
	s := &sink{f: os.Stdout, name: name}
	if path == "-" {
		return s, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, reason(path, err))
	}
	s.f = f
	return s, nil
}

// Write is for any goroutine; after one that failed, or Close, nothing is written any more.
func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return 0, os.ErrClosed
	case s.err != nil:
		return 0, s.err
	case !s.late:
		s.write(p)
		return len(p), s.err
	}
	s.b = append(s.b, p...)
	switch {
	case len(s.b) >= sinkSize:
		s.flush()
	case s.timer == nil:
		s.timer = time.AfterFunc(sinkDelay, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.flush()
		})
	}
	return len(p), s.err
}

func (s *sink) write(p []byte) {
	if _, err := s.f.Write(p); s.err == nil {
		s.err = err
	}
}

// flush writes what waits.
func (s *sink) flush() {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	if len(s.b) > 0 && s.err == nil {
		s.write(s.b)
	}
	s.b = s.b[:0]
}

// Close writes what waits and returns the first failure.
func (s *sink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.flush()
	s.closed = true
	if s.f != os.Stdout && s.f != os.Stderr {
		if err := s.f.Close(); s.err == nil {
			s.err = err
		}
	}
	var pe *fs.PathError
	if errors.As(s.err, &pe) {
		return fmt.Errorf("%s: %s: %w", s.name, pe.Path, pe.Err)
	}
	return s.err
}

// options are those of an observer that writes text to it.
func (s *sink) options() []trace.Option {
	if os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(s.f) {
		return []trace.Option{trace.Colour}
	}
	return nil
}
