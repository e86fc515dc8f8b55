//go:build unix && !linux

package process

import "os"

// memoryFolder stands for shm_open, which knows no folder on these systems.
var memoryFolder = os.TempDir()
