//go:build !unix

package interp_test

import "errors"

func mkfifo(string) error { return errors.ErrUnsupported }
