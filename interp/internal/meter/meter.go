// Package meter is when to measure what an interpreter holds, which takes time: by how
// much the process has made since.
package meter

import (
	"runtime/metrics"
	"sync"
	"time"
)

// Meter is when an interpreter was measured, and what came out. Any goroutine may call its
// methods.
type Meter struct {
	mu   sync.Mutex
	then Usage
	held int
	took time.Duration
	rest time.Time // it was stopped, and is given until then
}

// Due reports whether it may hold more than limit by now. Measuring takes a tenth of the
// time at most, unless the process has grown by half of what the interpreter may hold.
func (m *Meter) Due(now Usage, limit int) bool {
	if now.InUse() <= limit {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	grown := now.Made - m.then.Made + max(0, now.Stacks-m.then.Stacks)
	if grown < max(limit-m.held, limit/16) || now.At.Before(m.rest) {
		return false
	}
	return now.At.Sub(m.then.At) >= 10*m.took || now.InUse()-m.then.InUse() > limit/2
}

// Note notes what was found by measuring, which began at start. It is not due again before
// pause is over.
func (m *Meter) Note(start Usage, held int, pause time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.then, m.held, m.took = start, held, time.Since(start.At)
	if pause > 0 {
		m.rest = start.At.Add(pause)
	}
}

// Skip notes, instead of measuring, that it holds what it held.
func (m *Meter) Skip(now Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.then = now
}

// Last returns what was found last.
func (m *Meter) Last() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.held
}

// Usage is what the process has: objects with those that are garbage, which were found
// in use by the last collection, and stacks; and what it has made since it began.
type Usage struct {
	At                          time.Time
	Objects, Live, Stacks, Made int
}

// InUse returns what takes memory.
func (u Usage) InUse() int { return u.Objects + u.Stacks }

// Read takes some microseconds.
func Read() Usage {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"}, {Name: "/gc/heap/allocs:bytes"},
	}
	metrics.Read(samples)
	value := func(i int) int { return int(samples[i].Value.Uint64()) }
	none := int(counted.Load())
	return Usage{time.Now(), max(value(0)-none, 0), max(value(1)-none, 0), value(2), value(3) - none}
}
