package interp

import (
	"errors"
	"slices"

	"wirelua/interp/policy"
)

// maxRefused is how many refusals are kept: a script can be refused any number of names.
const maxRefused = 20

// Refused returns what scripts were not allowed and got told by an answer that they may have taken for
// another: os.getenv's nil, io.open's. Each is there once, in the order they came, the first twenty. What was raised is
// not among them: it speaks for itself. Any goroutine that has not the turn may call it.
func (in *Interpreter) Refused() (all []*policy.Denied) {
	in.Locked(func() { all = slices.Clone(in.refused) })
	return all
}

// NoteRefusal notes what Refused returns, if err is a *policy.Denied, or made of one. It is for
// functions of modules that answer with it instead of raising it.
func (s *State) NoteRefusal(err error) {
	var d *policy.Denied
	if !errors.As(err, &d) || len(s.in.refused) == maxRefused {
		return
	}
	known := func(k *policy.Denied) bool { return k.Door == d.Door && k.Rule == d.Rule }
	if !slices.ContainsFunc(s.in.refused, known) {
		s.in.refused = append(s.in.refused, d)
	}
}
