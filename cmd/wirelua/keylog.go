package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"wirelua/interp/policy"
)

// keyLog opens what SSLKEYLOGFILE names: the secrets of TLS connections are added
// to that file, for tools that decrypt what they captured. It is nil when the
// variable is not set, as for most, or the fence does not let that file be written.
func keyLog(p policy.Policy) (io.Writer, error) {
	name := os.Getenv("SSLKEYLOGFILE")
	if name == "" {
		return nil, nil
	}
	c, err := p.Compile()
	if err != nil {
		return nil, err
	}
	f, err := c.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	var denied *policy.Denied
	switch {
	case errors.As(err, &denied):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("SSLKEYLOGFILE: %w", reason(name, err))
	}
	return f, nil
}
