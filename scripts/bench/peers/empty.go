//go:build ignore

// Command empty is what BenchmarkStart compares the start of wirelua with.
package main

func main() {}
