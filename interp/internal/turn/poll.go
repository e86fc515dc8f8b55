package turn

import (
	"sync/atomic"
	"time"
)

// A poller waits for descriptors, and until it is kicked:
//
//	begin()          is called before each wait, with the turn
//	wait(d)          waits so long at most; without the turn, if d is not 0
//	deliver(sc)      tells the descriptors what has come, with the turn
//	add, remove      begin and end with a descriptor, with the turn
//	kick             ends the present or next wait; it may be called by any goroutine
//
// A goroutine in a system call that waits takes a thread of the system, of which a process
// can have only so many: a host with thousands of interpreters shall not fail for them. So
// while many wait so already, and while there is no descriptor to wait for, a poller waits
// by means of Go's runtime instead, which takes a few microseconds longer.

const maxBlocked = 64

var blocked atomic.Int32

// alarm is what a poller waits on that has no descriptors.
type alarm struct {
	signal chan struct{}
	timer  *time.Timer
}

func (a *alarm) init() { a.signal = make(chan struct{}, 1) }

func (a *alarm) kick() {
	select {
	case a.signal <- struct{}{}:
	default:
	}
}

func (a *alarm) wait(d time.Duration) {
	switch {
	case d == 0:
	case d == none:
		<-a.signal
	default:
		if a.timer == nil {
			a.timer = time.NewTimer(d)
		} else {
			a.timer.Reset(d)
		}
		select {
		case <-a.signal:
		case <-a.timer.C:
		}
		a.timer.Stop()
	}
}
