//go:build unix

package tls

import (
	"crypto/tls"

	"wirelua/interp"
)

// state is what the module keeps for one interpreter.
type state struct {
	shaking map[*engine]struct{} // handshakes begun that nobody is going on with right now
	configs map[settings]*tls.Config
}

type stateKey struct{}

func stateOf(in *interp.Engine) *state {
	return in.Local(stateKey{}, func() any {
		l := &state{shaking: map[*engine]struct{}{}, configs: map[settings]*tls.Config{}}
		in.OnClose(func() {
			for e := range l.shaking {
				l.abandon(e)
			}
		})
		return l
	}).(*state)
}

// abandon ends an engine's handshake, if it is not over.
func (l *state) abandon(e *engine) {
	delete(l.shaking, e)
	e.abandon()
}
