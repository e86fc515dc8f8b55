//go:build linux

package bench

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkWatched measures what it costs to see the wire: the 64-byte echo with each observer of the
// command line's, and with none; and beside them, where there is one, under strace, which sees
// the calls from outside. Its CPU is the server's, too.
func BenchmarkWatched(b *testing.B) {
	path, err := wirelua()
	if err != nil {
		b.Fatal(err)
	}
	t := newTable("64-byte echo, 50 connections: microseconds of the server's CPU for one; thousands a second (k/s)")
	defer t.print()
	dir := b.TempDir()
	watched := func(name string, flags ...string) peer {
		return peer{name, func(size string) *exec.Cmd {
			return exec.Command(path, append(flags, "echo_server.lua", "127.0.0.1", "0", size)...)
		}}
	}
	all := []peer{
		watched("wirelua"),
		watched("text to a file", "--trace-file", filepath.Join(dir, "text")),
		watched("hex to a file", "--trace=hex", "--trace-file", filepath.Join(dir, "hex")),
		watched("json to a file", "--trace=json", "--trace-file", filepath.Join(dir, "json")),
		watched("pcap to a file", "--pcap", filepath.Join(dir, "pcap")),
		watched("ladder to a file", "--ladder", filepath.Join(dir, "ladder.html")),
	}
	if strace, err := exec.LookPath("strace"); err == nil {
		all = append(all, peer{"strace to a file", func(size string) *exec.Cmd {
			return exec.Command(strace, "-f", "-e", "trace=network", "-o", filepath.Join(dir, "strace"), path, "echo_server.lua", "127.0.0.1", "0", size)
		}})
	}
	rounds(b, all, 4096, func(p peer, s *server) error { return measureEcho(b, t, p, s, 50, 64, "us", "k/s") })
	t.report(b, "us")
}
