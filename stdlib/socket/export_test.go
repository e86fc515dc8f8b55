//go:build unix

package socket

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/addr"
	"wirelua/stdlib/internal/dial"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

// RaceModule lets tests connect to addresses in an order of theirs, which no
// resolver would give: racing.race(addresses, delay[, timeout]) → socket.
var RaceModule = &interp.Module{
	Name: "racing",
	Funcs: []interp.Function{{Name: "race", Args: "addresses, delay[, timeout]", Fn: func(s *interp.State) int {
		var addrs []*addr.Addr
		s.Table(1).ForEach(func(_, v lua.LValue) {
			a, err := lookup.PlaceOf(s, 1, v).Numeric()
			if err != nil {
				s.Raise(err)
			}
			addrs = append(addrs, a)
		})
		fd, peer, err := dial.First(s, addrs, sys.Limit{Deadline: s.Deadline(3)}, time.Duration(s.Num(2)*float64(time.Second)))
		if err != nil {
			return s.Raise(err)
		}
		push(s, fd, peer)
		return 1
	}}},
}
