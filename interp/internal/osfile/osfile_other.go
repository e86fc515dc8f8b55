//go:build !unix

package osfile

import (
	"os"
	"syscall"
)

const openFlags = 0

// SetBlocking has nothing to do here.
func SetBlocking(*os.File) {}

// Try cannot be done here.
func Try(*os.File, bool, []byte) (int, error) { return 0, syscall.EOPNOTSUPP }

func noReader(string, error) bool { return false }

func hasWriter(*os.File) ([]byte, bool) { return nil, true }
