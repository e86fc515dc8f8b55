// Package osfile opens files of the system's without waiting in it, where nothing could
// end that: a FIFO whose other end nobody has opened yet is looked at again and again.
package osfile

import (
	"io/fs"
	"os"
	"time"
)

// Opener opens a file, as os.OpenFile does, and as a policy's Checker does for scripts.
type Opener func(name string, flag int, perm fs.FileMode) (*os.File, error)

// Pauses between looks at a FIFO whose other end nobody has opened. The
// system would wait, but in a call that nothing can end; and it tells nobody
// when that time has come.
const (
	pause    = time.Millisecond
	pauseMax = 20 * time.Millisecond
)

// Open opens a file, and a FIFO once somebody has opened its other end, as open(2) does. sleep
// waits meanwhile; its error ends that. first are the bytes of the file that had to be read
// to find out whether anybody writes to it.
func Open(open Opener, name string, flag int, sleep func(time.Duration) error) (f *os.File, first []byte, err error) {
	if f, err = openReady(open, name, flag, sleep); err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&fs.ModeNamedPipe == 0 || flag != os.O_RDONLY {
		return f, nil, nil
	}
	if first, err = awaitWriter(f, sleep); err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, first, nil
}

// openReady opens a file once a FIFO that is to be written has somebody who reads it.
func openReady(open Opener, name string, flag int, sleep func(time.Duration) error) (*os.File, error) {
	for d := pause; ; d = min(2*d, pauseMax) {
		f, err := open(name, flag|openFlags, 0o666)
		if err == nil || !noReader(name, err) {
			return f, err
		}
		if err := sleep(d); err != nil {
			return nil, err
		}
	}
}

func awaitWriter(f *os.File, sleep func(time.Duration) error) (first []byte, err error) {
	for d := pause; ; d = min(2*d, pauseMax) {
		if first, ok := hasWriter(f); ok {
			return first, nil
		}
		if err := sleep(d); err != nil {
			return nil, err
		}
	}
}
