package interp

import "wirelua/interp/dump"

// Leaks returns what scripts have opened and nothing has closed until now: sockets, pipes, files and
// selectors, each with the line that made it; also what the collector closed, since nobody held it
// any more. It is for a host to ask at the end, before Close, and knows nothing
// without Config.Leaks. It waits as Threads does. Any goroutine that has not the turn may call it.
func (in *Interpreter) Leaks() (all []dump.Leak) {
	in.ask(func(*Thread) {
		for _, find := range in.findLeaks {
			all = append(all, find()...)
		}
	})
	return all
}

// FindLeaks has fn asked what of a module's is still open; see Leaks. It is for modules, and called
// with the turn.
func (in *Engine) FindLeaks(fn func() []dump.Leak) { in.findLeaks = append(in.findLeaks, fn) }

// Origin is the line of Lua that opens something now, for modules to keep until it is closed; "" without
// Config.Leaks, which costs nothing.
func (s *State) Origin() string {
	if !s.in.config.Leaks {
		return ""
	}
	if at := s.Where(); at != "" {
		return at
	}
	return "?"
}
