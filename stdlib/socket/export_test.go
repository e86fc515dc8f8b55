//go:build unix

package socket

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// RaceModule lets tests connect to addresses in an order of theirs, which no
// resolver would give: racing.race(addresses, delay[, timeout]) → socket.
var RaceModule = &interp.Module{
	Name: "racing",
	Funcs: []interp.Function{{Name: "race", Args: "addresses, delay[, timeout]", Fn: func(s *interp.State) int {
		r := &race{s: s, lim: sys.Limit{Deadline: s.Deadline(3)}, delay: time.Duration(s.Num(2) * float64(time.Second))}
		s.Table(1).ForEach(func(_, v lua.LValue) {
			a, err := placeOf(s, 1, v).numeric()
			if err != nil {
				s.Raise(err)
			}
			r.todo = append(r.todo, a)
		})
		fd, peer, err := r.run()
		if err != nil {
			return s.Raise(err)
		}
		push(s, fd).peer = peer
		return 1
	}}},
}
