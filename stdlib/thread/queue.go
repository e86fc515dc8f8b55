package thread

import (
	"fmt"
	"math"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// queue hands values from threads that put to threads that get, first in, first
// out. Threads wait to get only while it is empty, and to put only while it
// is full.
type queue struct {
	items            ring
	max              int // 0: no limit
	closed           bool
	getters, putters interp.WaitList // these hold what they put, and those are handed what they get
}

var queueType = &interp.Type{
	Name: "queue",
	Doc:  "a queue that hands values from thread to thread, first in, first out; #q is how many are in it",
	Methods: []interp.Function{
		{Name: "put", Args: "value[, timeout]", Doc: "adds a value, waiting while the queue is full; returns true, or nil and \"timeout\" or \"closed\"", Manual: `
		value any: not nil
		timeout number?: seconds; for ever when left out
		-> true: it is in the queue, or with who waited for it
		or nil, "timeout": the queue stayed full
		or nil, "closed": nothing can be put any more
		> local q = thread.queue(1)
		> print(q:put("a"), q:put("b", 0)) --> true	nil	timeout
		`, Fn: queuePut, Restarts: true},
		{Name: "get", Args: "[timeout]", Doc: "takes the oldest value out, waiting while there is none; returns it, or nil and \"timeout\" or \"closed\"", Manual: `
		timeout number?: seconds; for ever when left out
		-> any: a value
		or nil, "timeout": there came none
		or nil, "closed": there will be none
		> local q = thread.queue()
		> thread.start(function() q:put("work") q:close() end)
		> print(q:get(), q:get()) --> work	nil	closed
		`, Fn: queueGet, Restarts: true},
		{Name: "items", Doc: "returns an iterator that gets until the queue is closed and empty", Manual: `
		-> fun():any: get, until the queue is closed and empty
		> local q = thread.queue()
		> for i = 1, 3 do q:put(i) end
		> q:close()
		> for value in q:items() do io.write(value, ".") end print() --> 1.2.3.
		`, Fn: queueItems},
		{Name: "close", Doc: "ends putting, now and for those who wait to; what is in the queue can still be had", Manual: `
		-> true
		> local q = thread.queue()
		> q:close()
		> print(q:put(1)) --> nil	closed
		`, Fn: queueClose},
	},
	String: func(self any) string {
		q := self.(*queue)
		if q.closed {
			return fmt.Sprintf("queue(%d items, closed)", q.items.n)
		}
		return fmt.Sprintf("queue(%d items)", q.items.n)
	},
	Len:    func(self any) int { return self.(*queue).items.n },
	Strict: true,
}

func newQueue(s *interp.State) int {
	q := &queue{}
	if !s.Absent(1) && s.Num(1) != math.Inf(1) {
		q.max = s.IntRange(1, 0, math.MaxInt32, "max")
	}
	q.getters.Of, q.putters.Of = q, q
	return s.Return(s.NewObject(queueType, q))
}

// Awaited makes a queue an interp.Awaited.
func (q *queue) Awaited() string {
	if q.items.n > 0 {
		return "queue, full"
	}
	return "queue"
}

func queuePut(s *interp.State) int {
	q := interp.ObjectArg[*queue](s, 1, "queue")
	if s.Absent(2) {
		s.ArgError(2, "a value expected, got nil: get answers nil when there is none")
	}
	v := s.Get(2)
	deadline := s.Deadline(3)
	if !s.Thread().Resumed() {
		s.GiveWay()
		if q.closed {
			return closed(s)
		}
		if q.max == 0 || q.items.n < q.max {
			q.add(v)
			return s.True()
		}
	}
	left, err := q.putters.WaitWith(s.Thread(), v, deadline)
	return answerWith(s, lua.LTrue, left != nil, err)
}

// Hold makes a queue an interp.Holder.
func (q *queue) Hold(a *interp.Account) {
	a.Bytes(256 + 16*len(q.items.slots))
	for _, v := range q.items.slots {
		a.Value(v)
	}
}

// add puts a value for which there is room.
func (q *queue) add(v lua.LValue) {
	if _, ok := q.getters.Exchange(v); !ok {
		q.items.push(v)
	}
}

// putBack puts a value first that was handed to who has no use for it.
func (q *queue) putBack(v lua.LValue) {
	if _, ok := q.getters.Exchange(v); !ok {
		q.items.pushFront(v)
	}
}

func queueGet(s *interp.State) int {
	q := interp.ObjectArg[*queue](s, 1, "queue")
	return q.get(s, s.Deadline(2))
}

func (q *queue) get(s *interp.State, deadline time.Time) int {
	t := s.Thread()
	if !t.Resumed() {
		s.GiveWay()
		if q.items.n > 0 {
			return s.Return(q.take())
		}
		if q.closed {
			return closed(s)
		}
	}
	got, err := q.getters.WaitWith(t, nil, deadline)
	v, _ := got.(lua.LValue)
	if err == nil && v != nil && t.Stopped() {
		q.putBack(v)
		err = t.CheckCancel()
	}
	return answerWith(s, v, v == nil, err)
}

// take takes the oldest value out, for which there is room for another's then.
func (q *queue) take() lua.LValue {
	v := q.items.pop()
	if more, ok := q.putters.Exchange(nil); ok {
		q.items.push(more.(lua.LValue))
	}
	return v
}

// answerWith ends a call that waited in a queue.
func answerWith(s *interp.State, result lua.LValue, isClosed bool, err error) int {
	switch {
	case err == interp.ErrTimeout:
		return timeout(s)
	case err != nil:
		return s.Raise(err)
	case isClosed:
		return closed(s)
	}
	return s.Return(result)
}

// closed is the answer of a queue that will give or take nothing any more.
func closed(s *interp.State) int { return s.Return(lua.LNil, lua.LString("closed")) }

func queueItems(s *interp.State) int {
	q := interp.ObjectArg[*queue](s, 1, "queue")
	return s.Return(s.NewIterator("items", func(s *interp.State) int { return q.get(s, time.Time{}) }, s.Get(1)))
}

func queueClose(s *interp.State) int {
	q := interp.ObjectArg[*queue](s, 1, "queue")
	q.closed = true
	q.getters.WakeAll() // with nothing
	q.putters.WakeAll() // with what they hold
	return s.True()
}

// ring holds values in a circle of slots that grows as needed.
type ring struct {
	slots   []lua.LValue // their number is a power of two
	head, n int
}

func (r *ring) push(v lua.LValue) {
	if r.n == len(r.slots) {
		r.resize(max(8, 2*r.n))
	}
	r.slots[(r.head+r.n)&(len(r.slots)-1)] = v
	r.n++
}

func (r *ring) pushFront(v lua.LValue) {
	if r.n == len(r.slots) {
		r.resize(max(8, 2*r.n))
	}
	r.head = (r.head - 1) & (len(r.slots) - 1)
	r.slots[r.head] = v
	r.n++
}

func (r *ring) pop() lua.LValue {
	v := r.slots[r.head]
	r.slots[r.head] = nil // the collector's, unless somebody else holds it
	r.head = (r.head + 1) & (len(r.slots) - 1)
	if r.n--; r.n < len(r.slots)/8 && len(r.slots) > 1024 {
		r.resize(len(r.slots) / 4) // a backlog that was worked off
	}
	return v
}

func (r *ring) resize(size int) {
	slots := make([]lua.LValue, size)
	k := copy(slots, r.slots[r.head:min(r.head+r.n, len(r.slots))])
	copy(slots[k:], r.slots[:r.n-k])
	r.slots, r.head = slots, 0
}
