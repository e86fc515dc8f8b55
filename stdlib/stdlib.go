// Package stdlib is the table of wirelua's modules.
package stdlib

import (
	"wirelua/interp"
)

// Modules returns wirelua's modules, for interp.Config.Modules. The slice is the
// caller's: add to it, or take away what scripts shall not have.
func Modules() []*interp.Module {
	return []*interp.Module{}
}
