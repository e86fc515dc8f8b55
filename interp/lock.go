package interp

import "sync/atomic"

// lock is the interpreter's lock. It is held for a microsecond at a time and
// taken twice for each call that waits, by any number of threads. sync.Mutex is
// fair: once a waiter has waited for a millisecond it is handed the lock, and so
// are all after it, each at the price of a switch between goroutines; five
// hundred busy connections never get out of that again. This lock goes to
// whoever comes when it is free; one waiter at a time is woken to try. None
// starves: a thread gives the lock up in each call that waits, and what it does
// then takes longer than the woken one needs.
type lock struct {
	held    atomic.Bool
	waiters atomic.Int32
	woken   atomic.Bool   // a waiter was woken, and has not tried yet
	wake    chan struct{} // of one; made by New
}

// spins is how often to look again before going to sleep: about as long as the
// lock is held, and far less than a switch takes.
const spins = 40

func (l *lock) try() bool {
	for range spins {
		if !l.held.Load() && l.held.CompareAndSwap(false, true) {
			return true
		}
	}
	return false
}

// TryLock takes the lock if it is free.
func (l *lock) TryLock() bool { return l.held.CompareAndSwap(false, true) }

// Lock takes the lock.
func (l *lock) Lock() {
	if l.held.CompareAndSwap(false, true) || l.try() {
		return
	}
	l.waiters.Add(1)
	for !l.try() {
		<-l.wake
		l.woken.Store(false)
	}
	l.waiters.Add(-1)
}

// Unlock gives the lock up, and wakes a waiter if none is about to try already.
func (l *lock) Unlock() {
	l.held.Store(false)
	if l.waiters.Load() > 0 && l.woken.CompareAndSwap(false, true) {
		l.wake <- struct{}{}
	}
}
