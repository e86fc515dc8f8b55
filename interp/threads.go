package interp

import (
	"cmp"
	"context"
	"slices"

	"wirelua/interp/dump"
	"wirelua/interp/internal/turn"
	"wirelua/interp/trace"
)

// Threads returns what each thread does: what it waits in, for how long, and its stack; those of
// all runs, by their numbers. Any goroutine that has not the turn may call it, at any time. A
// script that computes answers at its next instruction, and goes on then; while a thread is in a
// function of the host's, or another that does not look up, Threads waits. dump.Text makes
// a report of the answer, as debug.threads returns it to scripts.
func (in *Interpreter) Threads() []dump.Thread { return in.threadsOf(in.runs.all) }

// threadsOf is Threads for some of the runs.
func (in *Interpreter) threadsOf(runs func() []*run) (threads []dump.Thread) {
	in.ask(func(running *Thread) { threads = in.threadsNow(running, runs(), nil) })
	return threads
}

// ask calls fn with the turn, once: on a thread that computes, which keeps it, or without one.
func (in *Interpreter) ask(fn func(running *Thread)) {
	ctx, answered := context.WithCancel(context.Background())
	defer answered()
	q := &question[*State]{func(s *State) { fn(s.thread); answered() }}
	in.questions.put(q)
	in.runs.each(func(r *run) { r.stopped.ask() })
	if in.turn.TakeContext(ctx) != nil {
		return
	}
	defer in.turn.Give()
	if in.questions.remove(q) { // else it was answered meanwhile
		fn(nil)
	}
}

// DescribeWaits has fn asked what the descriptors are that threads wait for. It returns a function
// that tells of one by its number: a dump.Thread whose Socket and Mate are set, or For. It is for
// modules, and called with the turn.
func (in *Engine) DescribeWaits(fn func() func(fd int) dump.Thread) { in.describeWaits = fn }

// threadsNow is Threads for who has the turn; running is the thread that does, or nil.
// work, if not nil, is that of a script, which may be stopped meanwhile.
func (in *Interpreter) threadsNow(running *Thread, runs []*run, work *Work) []dump.Thread {
	w := in.waitsNow()
	var all []dump.Thread
	for _, r := range runs {
		for _, t := range r.threads.all {
			if work != nil {
				work.Spend(1000)
			}
			d := dump.Thread{Name: t.Name, ID: t.id, Daemon: t.daemon, State: dump.Running}
			if t.top != nil {
				d.Stack = t.top.places()
			}
			if t != running {
				w.add(t, &d)
			}
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b dump.Thread) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Name, b.Name)) })
	return all
}

// waits are what is found out once for all threads.
type waitsNow struct {
	in       *Interpreter
	descs    map[*turn.Task]descWait
	describe func(fd int) dump.Thread
}

type descWait struct {
	fd    int
	write bool
}

func (in *Interpreter) waitsNow() *waitsNow {
	w := &waitsNow{in: in, descs: map[*turn.Task]descWait{}}
	in.turn.Waiting(func(t *turn.Task, fd int, write bool) { w.descs[t] = descWait{fd, write} })
	if len(w.descs) > 0 && in.describeWaits != nil {
		w.describe = in.describeWaits()
	}
	return w
}

// add says what t waits for, if it does.
func (w *waitsNow) add(t *Thread, d *dump.Thread) {
	if d.State = dump.Ready; !t.task.Waits() {
		return
	}
	_, limited := t.task.Parked()
	d.State, d.Waited, d.Limited = dump.Waiting, t.task.Waited(), limited
	call := t.innermost()
	d.Op = call.name
	if desc, ok := w.descs[&t.task]; ok && w.describe != nil {
		about := w.describe(desc.fd)
		d.Socket, d.Mate, d.For, d.Write = about.Socket, about.Mate, about.For, desc.write
	}
	switch {
	case t.list != nil && t.list.Of != nil:
		d.For = t.list.Of.Awaited()
	case t.run.waiting == t:
		d.For = "the end of its threads"
	case d.Socket != nil:
		if d.Write && d.Socket.Peer == "" { // it is being connected
			d.Socket = &trace.Socket{Number: d.Socket.Number, Network: d.Socket.Network, Local: d.Socket.Local, Peer: w.in.addressIn(call.args)}
		}
		d.For = d.Op + " on " + d.Ends()
	default:
		d.For = d.Op + cmp.Or(prefixed(" on ", d.For), w.in.aboutWhat(call.args))
	}
}
