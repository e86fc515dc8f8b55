//go:build race

package stdlib_test

// patience is how much longer things may take with the race detector.
const patience = 20
