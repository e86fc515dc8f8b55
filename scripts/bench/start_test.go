//go:build linux

package bench

import (
	"os/exec"
	"testing"
	"time"
)

// BenchmarkStart measures a script that does nothing beside a program in Go that does
// nothing, 200 times each in turn.
func BenchmarkStart(b *testing.B) {
	path, err := wirelua()
	if err != nil {
		b.Fatal(err)
	}
	nothing, err := empty()
	if err != nil {
		b.Fatal(err)
	}
	t := newTable("start and end of a program that does nothing: milliseconds")
	defer t.print()
	programs := []struct {
		name string
		args []string
	}{{"wirelua", []string{path, "-e", ""}}, {"go", []string{nothing}}}
	if *beside != "" {
		programs = append(programs, struct {
			name string
			args []string
		}{"wirelua beside", []string{*beside, "-e", ""}})
	}
	for b.Loop() {
		for range 200 {
			for _, p := range programs {
				start := time.Now()
				if err := exec.Command(p.args[0], p.args[1:]...).Run(); err != nil {
					b.Fatal(err)
				}
				t.add(p.name, "ms", time.Since(start).Seconds()*1e3)
			}
		}
	}
	t.report(b, "ms")
}
