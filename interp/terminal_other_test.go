//go:build !linux

package interp_test

import "testing"

func terminal(*testing.T) string { return "" }
