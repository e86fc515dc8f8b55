//go:build unix && !linux

package sys

// splicePipes is how many descriptors splice needs for both directions.
const splicePipes = 0

func (d *direction) splice() error { return errNoSplice }
