//go:build !unix

package repl

import (
	"errors"
	"os"
)

func openLocked(string) (*os.File, error) { return nil, errors.ErrUnsupported }
