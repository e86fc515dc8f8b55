package dump_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wirelua/interp/dump"
	"wirelua/interp/trace"
)

// What differs from thread to thread does not make a report longer than a screen.
func TestGrouped(t *testing.T) {
	var all []dump.Thread
	for i := range 498 {
		all = append(all, dump.Thread{Name: fmt.Sprint("thread-", i), Op: "recv", For: fmt.Sprint("recv on #", i), Stack: []string{"[Go]: in function 'recv'", "server.lua:12: in function 'serve'"}})
	}
	for i := range 30 {
		all = append(all, dump.Thread{Name: fmt.Sprint("other-", i), State: dump.Running, Stack: []string{fmt.Sprintf("x.lua:%d: in main chunk", i)}})
	}
	lines := strings.Split(strings.TrimSuffix(dump.Grouped(all), "\n"), "\n")
	if len(lines) != 10 || lines[0] != "498 threads: recv at server.lua:12" || lines[1] != "other-0: running at x.lua:0" || lines[9] != "... and 22 threads more" {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
}

func TestString(t *testing.T) {
	s := &trace.Socket{Number: 4, Network: "tcp", Local: "127.0.0.1:8080", Peer: "127.0.0.1:41234"}
	d := dump.Thread{Op: "recv", Socket: s}
	if d.Ends() != "#4 127.0.0.1:8080 <- 127.0.0.1:41234" {
		t.Error(d.Ends())
	}
	d.For = "recv on " + d.Ends()
	for waited, want := range map[time.Duration]string{0: "", 20 * time.Millisecond: " for 20ms", 3200 * time.Millisecond: " for 3.2s", 125 * time.Second: " for 2m5s"} {
		if d.Waited = waited; d.String() != "recv on #4 127.0.0.1:8080 <- 127.0.0.1:41234"+want {
			t.Error(d.String())
		}
	}
}

// Two wait for each other only at the two ends of one connection, and in one direction.
func TestMutual(t *testing.T) {
	at := func(local, peer string, write bool) dump.Thread {
		return dump.Thread{Socket: &trace.Socket{Network: "tcp", Local: local, Peer: peer}, Write: write}
	}
	all := []dump.Thread{at("a", "b", false), at("b", "a", true), at("c", "a", false), at("a", "", false), at("", "", false), at("", "", false), at("b", "a", false)}
	if got := fmt.Sprint(dump.Mutual(all)); got != "[[0 6]]" {
		t.Error(got)
	}
}

func TestLeakText(t *testing.T) {
	var all []dump.Leak
	for i := range 9 {
		all = append(all, dump.Leak{What: fmt.Sprint("socket #", i+1), Where: "x.lua:10"})
	}
	all = append(all, dump.Leak{What: "file a", Where: "x.lua:9"}, dump.Leak{What: "pipe", Where: "?"})
	want := "?: pipe\nx.lua:9: file a\nx.lua:10: socket #1\nx.lua:10: socket #2\nx.lua:10: socket #3\nx.lua:10: ... and 6 more\n"
	if got := dump.LeakText(all); got != want {
		t.Error(got)
	}
}
