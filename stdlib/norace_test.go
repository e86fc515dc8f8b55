//go:build !race

package stdlib_test

// patience is how much longer things may take; see race_test.go.
const patience = 1
