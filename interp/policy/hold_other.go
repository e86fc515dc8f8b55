//go:build !linux

package policy

import "os"

func canHold() bool { return false }

func hold(string) (*os.File, error) { return nil, nil }

// HeldPath is a path of what f, an open file of this process, is.
func HeldPath(f *os.File) string { return f.Name() }
