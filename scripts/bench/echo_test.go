//go:build linux

package bench

import (
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkEcho measures the server's CPU for one 64-byte echo, and how many a second it
// made while the client took what it needed of the same machine.
func BenchmarkEcho(b *testing.B) {
	t := newTable("64-byte echo: microseconds of the server's CPU for one; thousands a second (k/s)")
	defer t.print()
	for _, conns := range []int{1, 50, 500, 5000} {
		b.Run(fmt.Sprintf("conns=%d", conns), func(b *testing.B) {
			cpu, rate := fmt.Sprintf("us @%d", conns), fmt.Sprintf("k/s @%d", conns)
			rounds(b, peers(b), 4096, func(p peer, s *server) error {
				return measureEcho(b, t, p, s, conns, 64, cpu, rate)
			})
			t.report(b, cpu)
		})
	}
}

// BenchmarkBulk measures the same with pieces of 64 KB.
func BenchmarkBulk(b *testing.B) {
	const size = 65536
	t := newTable("64 KB echo: microseconds of the server's CPU for one; thousands a second (k/s)")
	defer t.print()
	for _, conns := range []int{1, 20} {
		b.Run(fmt.Sprintf("conns=%d", conns), func(b *testing.B) {
			cpu, rate := fmt.Sprintf("us @%d", conns), fmt.Sprintf("k/s @%d", conns)
			rounds(b, peers(b), size, func(p peer, s *server) error {
				return measureEcho(b, t, p, s, conns, size, cpu, rate)
			})
			t.report(b, cpu)
		})
	}
}

func measureEcho(b *testing.B, t *table, p peer, s *server, conns, size int, cpu, rate string) error {
	l, err := newLoad(s.addr, conns, size)
	if err != nil {
		return err
	}
	defer l.Close()
	if _, err := l.run(*lasts / 5); err != nil {
		return err
	}
	before, start := s.cpu(b), time.Now()
	n, err := l.run(*lasts)
	if err != nil {
		return err
	}
	used, took := s.cpu(b)-before, time.Since(start)
	t.add(p.name, cpu, float64(used.Nanoseconds())/1e3/float64(n))
	t.add(p.name, rate, float64(n)/1e3/took.Seconds())
	return nil
}

// BenchmarkIdle measures what one waiting connection, with its thread, takes of the
// server's memory.
func BenchmarkIdle(b *testing.B) {
	const conns = 10000
	t := newTable("KB of memory for each of 10,000 connections that wait")
	defer t.print()
	path, err := wirelua()
	if err != nil {
		b.Fatal(err)
	}
	column := "KB"
	rounds(b, append(peers(b), lua("wirelua pcall", path, "pcall")), 4096, func(p peer, s *server) error {
		warm, err := newLoad(s.addr, 50, 64)
		if err != nil {
			return err
		}
		_, err = warm.run(*lasts / 20)
		warm.Close()
		if err != nil {
			return err
		}
		before := s.rss(b)
		l, err := newLoad(s.addr, conns, 64)
		if err != nil {
			return err
		}
		defer l.Close()
		if _, err := l.run(0); err != nil { // each has been through its loop once, and waits again
			return err
		}
		t.add(p.name, column, float64(s.rss(b)-before)/1024/conns)
		return nil
	})
	t.report(b, column)
}

// BenchmarkAccept measures connections made, used once and closed.
func BenchmarkAccept(b *testing.B) {
	t := newTable("accept, echo 64 bytes, close: microseconds of the server's CPU for one connection; thousands a second (k/s)")
	defer t.print()
	for _, clients := range []int{1, 50} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			cpu, rate := fmt.Sprintf("us @%d", clients), fmt.Sprintf("k/s @%d", clients)
			rounds(b, peers(b), 4096, func(p peer, s *server) error {
				before, start := s.cpu(b), time.Now()
				n, err := visits(s.addr, clients, *lasts)
				if err != nil {
					return err
				}
				t.add(p.name, cpu, float64((s.cpu(b)-before).Nanoseconds())/1e3/float64(n))
				t.add(p.name, rate, float64(n)/1e3/time.Since(start).Seconds())
				return nil
			})
			t.report(b, cpu)
		})
	}
}

// visits has clients come and go for as long as d, but no more than there are ports for.
func visits(addr string, clients int, d time.Duration) (int, error) {
	const most = 20000
	var made atomic.Int64
	var group sync.WaitGroup
	var failed atomic.Pointer[error]
	end := time.Now().Add(d)
	for range clients {
		group.Go(func() {
			for time.Now().Before(end) && failed.Load() == nil && made.Load() < most {
				if err := visit(addr); err != nil {
					failed.Store(&err)
					return
				}
				made.Add(1)
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return int(made.Load()), nil
}

func visit(addr string) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(stuckAfter * time.Millisecond))
	piece := make([]byte, 64)
	if _, err := c.Write(piece); err != nil {
		return err
	}
	if _, err := io.ReadFull(c, piece); err != nil {
		return err
	}
	c.(*net.TCPConn).CloseWrite()
	_, err = io.Copy(io.Discard, c)
	return err
}

// BenchmarkLatency measures how long one more client waits for its answer while the server
// is as busy as 500 can make it.
func BenchmarkLatency(b *testing.B) {
	t := newTable("one request while 500 connections are served: milliseconds")
	defer t.print()
	rounds(b, peers(b), 4096, func(p peer, s *server) error {
		l, err := newLoad(s.addr, 500, 64)
		if err != nil {
			return err
		}
		defer l.Close()
		if _, err := l.run(*lasts / 5); err != nil {
			return err
		}
		loaded := make(chan error, 1)
		go func() {
			_, err := l.run(*lasts)
			loaded <- err
		}()
		took, err := probe(s.addr, *lasts*9/10)
		if err := <-loaded; err != nil {
			return err
		}
		if err != nil || len(took) == 0 {
			return err
		}
		slices.Sort(took)
		t.add(p.name, "p50", took[len(took)/2].Seconds()*1e3)
		t.add(p.name, "p99", took[len(took)*99/100].Seconds()*1e3)
		return nil
	})
	t.report(b, "p50", "p99")
}
