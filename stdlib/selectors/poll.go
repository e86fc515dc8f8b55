//go:build unix

package selectors

import (
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/sys"
)

// pollMasks are the constants of the module select.
var pollMasks = map[string]lua.LValue{
	"POLLIN": lua.LNumber(unix.POLLIN), "POLLPRI": lua.LNumber(unix.POLLPRI), "POLLOUT": lua.LNumber(unix.POLLOUT),
	"POLLHUP": lua.LNumber(unix.POLLHUP), "POLLERR": lua.LNumber(unix.POLLERR), "POLLNVAL": lua.LNumber(unix.POLLNVAL),
}

// pollType is the Lua poll object.
var pollType = &interp.Type{
	Name: "poll",
	Doc:  "a set of objects and the masks that poll(2) watches them for",
	Methods: []interp.Function{
		{Name: "register", Args: "obj[, mask=POLLIN + POLLPRI + POLLOUT]", Doc: "watches obj; one that is watched gets the new mask; returns true", Manual: `
		obj any: a socket, TLS connection, file, or a descriptor's number
		mask integer?: POLL constants of module select, added
		-> true
		! EBADF: it is closed
		> local p, a = select.poll(), socket.socketpair()
		> print(p:register(a, select.POLLIN + select.POLLOUT)) --> true
		`, Fn: pollRegister},
		{Name: "modify", Args: "obj, mask", Doc: "changes what obj is watched for; returns true", Manual: `
		obj any: one that is watched
		mask integer: POLL constants of module select, added
		-> true
		! any: it is not watched
		> local p, a, b = select.poll(), socket.socketpair()
		> p:register(a)
		> p:modify(a, select.POLLOUT)
		> print(p:poll(1)[1][2] == select.POLLOUT, b ~= nil) --> true	true
		`, Fn: pollModify},
		{Name: "unregister", Args: "obj", Doc: "forgets obj; returns true", Manual: `
		obj any: one that is watched
		-> true
		! any: it is not watched
		> local p, a = select.poll(), socket.socketpair()
		> p:register(a)
		> print(p:unregister(a), #p:poll(0)) --> true	0
		`, Fn: pollUnregister},
		{Name: "poll", Args: "[timeout]", Doc: "an array of {obj, mask}, mask being what there is of its own, POLLHUP, POLLERR and POLLNVAL (closed); empty at the timeout (seconds); waits", Manual: `
		timeout number?: seconds; for ever when left out
		-> {[1]:any,[2]:integer}[]: objects and masks
		> local p, a, b = select.poll(), socket.socketpair()
		> p:register(b, select.POLLIN)
		> a:close()
		> print(p:poll(1)[1][1] == b) --> true
		`, Fn: pollPoll},
	},
	Strict: true,
}

// polled is what a Lua poll holds, in the order of their registration.
type polled struct{ items []polledItem }

type polledItem struct {
	obj  lua.LValue
	mask int16
}

// Hold makes a polled an interp.Holder.
func (p *polled) Hold(a *interp.Account) {
	a.Bytes(64 + 32*cap(p.items))
	for _, it := range p.items {
		a.Value(it.obj)
	}
}

func newPoll(s *interp.State) int { return s.Return(s.NewObject(pollType, &polled{})) }

// polledArg returns the poll and where in it argument 2 is, -1 when it is not there.
func polledArg(s *interp.State) (p *polled, at int) {
	p = interp.ObjectArg[*polled](s, 1, "poll")
	obj := s.Get(2)
	return p, slices.IndexFunc(p.items, func(it polledItem) bool { return it.obj == obj })
}

func (p *polled) known(s *interp.State, at int) *polledItem {
	if at < 0 {
		s.ArgError(2, "%s is not registered", s.Display(s.Get(2)))
	}
	return &p.items[at]
}

func maskArg(s *interp.State) int16 { return int16(s.IntRange(3, 0, 0x7fff, "mask")) }

func pollRegister(s *interp.State) int {
	p, at := polledArg(s)
	it := polledItem{s.Get(2), unix.POLLIN | unix.POLLPRI | unix.POLLOUT}
	if !s.Absent(3) {
		it.mask = maskArg(s)
	}
	if at >= 0 {
		p.items[at] = it
		return s.True()
	}
	fileno(s, 2, it.obj)
	p.items = append(p.items, it)
	return s.True()
}

func pollModify(s *interp.State) int {
	p, at := polledArg(s)
	p.known(s, at).mask = maskArg(s)
	return s.True()
}

func pollUnregister(s *interp.State) int {
	p, at := polledArg(s)
	p.known(s, at)
	p.items = slices.Delete(p.items, at, at+1)
	return s.True()
}

func pollPoll(s *interp.State) int {
	p := interp.ObjectArg[*polled](s, 1, "poll")
	lim := sys.Limit{}
	if d, ok := s.Seconds(2); ok {
		lim = sys.Limit{Nonblock: d == 0, Deadline: time.Now().Add(d)}
	}
	for {
		found := p.wait(s, lim)
		if found.Len() > 0 || lim.Nonblock || !lim.Deadline.IsZero() && !time.Now().Before(lim.Deadline) {
			return s.Return(found)
		}
	}
}

// wait waits until there is something, as far as select knows it, and then asks poll(2).
func (p *polled) wait(s *interp.State, lim sys.Limit) *lua.LTable {
	items := slices.Clone(p.items) // others may change it meanwhile
	var watch []item
	for _, it := range items {
		fd, _ := number(s, it.obj)
		if fd < 0 || it.mask&unix.POLLIN != 0 && buffered(it.obj) {
			lim.Nonblock = true
			continue
		}
		watch = append(watch, item{it.obj, fd, it.events()})
	}
	if err := await(s, watch, map[int]int{}, lim); err != nil && err != unix.EBADF { // which the mask says
		s.Raise(err)
	}
	return found(s, items)
}

// events is what select has to wait for: hang-ups and errors always come.
func (it *polledItem) events() (events int) {
	if it.mask&unix.POLLIN != 0 {
		events |= sys.Readable
	}
	if it.mask&unix.POLLOUT != 0 {
		events |= sys.Writable
	}
	if it.mask&unix.POLLPRI != 0 || events == 0 {
		events |= sys.Exceptional
	}
	return events
}

// found asks what there is of each item.
func found(s *interp.State, items []polledItem) *lua.LTable {
	fds := make([]unix.PollFd, len(items))
	for i, it := range items {
		fd, _ := number(s, it.obj)
		fds[i] = unix.PollFd{Fd: int32(fd), Events: it.mask}
	}
	if err := sys.PollMasks(fds); err != nil {
		s.Raise(err)
	}
	list := s.NewTable()
	for i, it := range items {
		mask := fds[i].Revents
		switch {
		case fds[i].Fd < 0: // which poll(2) takes no notice of
			mask = unix.POLLNVAL
		case it.mask&unix.POLLIN != 0 && buffered(it.obj):
			mask |= unix.POLLIN
		}
		if mask != 0 {
			pair := s.CreateTable(2, 0)
			pair.Append(it.obj)
			pair.Append(lua.LNumber(mask))
			list.Append(pair)
		}
	}
	return list
}
