package interp

import (
	"errors"
	"slices"
	"sync"

	"wirelua/interp/policy"
)

// maxRefused is how many refusals are kept: a script can be refused any number of names.
const maxRefused = 20

// refusals are an interpreter's. They have a mutex of their own: who asks at the end shall not wait for a daemon that
// computes.
type refusals struct {
	mu  sync.Mutex
	all []*policy.Denied
}

// Refused returns what scripts were not allowed and got told by an answer that they may have taken for
// another: os.getenv's nil, io.open's. Each is there once, in the order they came, the first twenty. What was
// raised is not among them: it speaks for itself. Any goroutine may call it, at any time.
func (in *Interpreter) Refused() []*policy.Denied {
	in.refused.mu.Lock()
	defer in.refused.mu.Unlock()
	return slices.Clone(in.refused.all)
}

// NoteRefusal notes what Refused returns, if err is a *policy.Denied, or made of one. It is for
// functions of modules that answer with it instead of raising it.
func (s *State) NoteRefusal(err error) {
	var d *policy.Denied
	if !errors.As(err, &d) {
		return
	}
	r := &s.in.refused
	r.mu.Lock()
	defer r.mu.Unlock()
	known := func(k *policy.Denied) bool { return k.Door == d.Door && k.Rule == d.Rule }
	if len(r.all) < maxRefused && !slices.ContainsFunc(r.all, known) {
		r.all = append(r.all, d)
	}
}
