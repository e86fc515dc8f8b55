package main

import (
	"os"
	"testing"
)

// Each start of the command asks whether it is a bundle.
func BenchmarkIsBundle(b *testing.B) {
	name, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if isBundle(name) {
			b.Fatal("it is none")
		}
	}
}
