package main

import (
	"fmt"
	"io"
	"os"
)

// keyLog opens what SSLKEYLOGFILE names: the secrets of TLS connections are added
// to that file, for tools that decrypt what they captured. It is nil when the
// variable is not set, as for most.
func keyLog() (io.Writer, error) {
	name := os.Getenv("SSLKEYLOGFILE")
	if name == "" {
		return nil, nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("SSLKEYLOGFILE: %w", reason(name, err))
	}
	return f, nil
}
