//go:build linux

package socket_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// What operations have made of the registers: which sockets there are, and which of them are of one connection.

// withoutFailed is ops without those that should have made a socket, and failed, by their results; the last stays.
func withoutFailed(ops []op, results []any) (made []op) {
	for i, o := range ops {
		makes := slices.Contains([]any{"socket", "pair", "accept", "dup", "fromfd"}, o[0])
		if i == len(ops)-1 || !makes || results[i].([]any)[0] == "ok" {
			made = append(made, o)
		}
	}
	return made
}

// endpoint is a socket that a register holds, or has held.
type endpoint struct {
	family string
	of     *description
	lines  bool // readline was called on it
}

// description is what the copies of a socket have in common: the system's open file description.
type description struct{ copies []*endpoint }

// description returns e's; that of no socket is nil.
func (e *endpoint) description() *description {
	if e == nil {
		return nil
	}
	return e.of
}

// lined reports whether readline was called on one of the copies.
func (d *description) lined() bool {
	return d != nil && slices.ContainsFunc(d.copies, func(e *endpoint) bool { return e.lines })
}

func newEndpoint(family string, of *description) *endpoint {
	e := &endpoint{family: family, of: of}
	of.copies = append(of.copies, e)
	return e
}

// registersOf are the sockets that registers hold when the last operation begins.
func registersOf(ops []op) map[int]*endpoint {
	regs := map[int]*endpoint{}
	for _, o := range ops[:len(ops)-1] {
		switch r, _ := o[1].(int); o[0] {
		case "socket":
			regs[r] = newEndpoint(o[2].(string), new(description))
		case "pair":
			regs[r], regs[o[2].(int)] = newEndpoint("AF_UNIX", new(description)), newEndpoint("AF_UNIX", new(description))
		case "accept":
			regs[o[2].(int)] = newEndpoint(regs[r].family, new(description))
		case "dup", "fromfd":
			regs[o[2].(int)] = newEndpoint(regs[r].family, regs[r].of)
		case "readline":
			if regs[r] != nil {
				regs[r].lines = true
			}
		}
	}
	return regs
}

// linedElsewhere reports whether readline was called on another copy of the socket that a register holds.
func linedElsewhere(ops []op, r int) bool {
	e := registersOf(ops)[r]
	return e != nil && slices.ContainsFunc(e.of.copies, func(other *endpoint) bool { return other != e && other.lines })
}

// namesAnotherFamily reports whether the last operation is about the address of a socket of the other version of IP.
func namesAnotherFamily(ops []op) bool {
	regs := registersOf(ops)
	self, _ := last(ops)[1].(int)
	return slices.ContainsFunc(last(ops), func(v any) bool {
		text, ok := strings.CutPrefix(fmt.Sprint(v), "reg:")
		r, _ := strconv.Atoi(text)
		a, b := regs[self], regs[r]
		return ok && a != nil && b != nil && a.family != b.family && strings.HasPrefix(a.family, "AF_INET") && strings.HasPrefix(b.family, "AF_INET")
	})
}

// receives reports whether the last operation receives.
func receives(ops []op) bool {
	return slices.Contains([]any{"recv", "recvfrom", "recvmsg", "readline"}, last(ops)[0])
}

// sentUrgent reports whether urgent data were sent before the last operation.
func sentUrgent(ops []op) bool {
	return slices.ContainsFunc(ops[:len(ops)-1], func(o op) bool {
		return strings.HasPrefix(o[0].(string), "send") && strings.Contains(fmt.Sprint(o), "MSG_OOB")
	})
}
