//go:build unix

package turn

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a scheduler, which ends with its test.
func world(t *testing.T) *Scheduler {
	var running sync.WaitGroup
	sc := New(&running)
	t.Cleanup(func() {
		running.Wait()
		sc.Take()
		defer sc.Give()
		if sc.alive != 0 || sc.runner != nil || sc.queue.len() != 0 || len(sc.timers) != 0 || len(sc.idle) != 0 {
			t.Errorf("left: %d alive, runner %v, %d in the queue, %d timers, %d coroutines", sc.alive, sc.runner, sc.queue.len(), len(sc.timers), len(sc.idle))
		}
		sc.Close()
	})
	return sc
}

// spawn runs fn as a task, and returns what is closed at its end.
func (sc *Scheduler) spawn(fn func(t *Task)) chan struct{} {
	done := make(chan struct{})
	t := &Task{}
	t.Init(sc)
	t.Go(func() { defer close(done); fn(t) })
	return done
}

func (sc *Scheduler) holding(fn func()) { sc.Take(); defer sc.Give(); fn() }

func TestOrder(t *testing.T) {
	sc := world(t)
	var order []int
	var all []chan struct{}
	sc.holding(func() {
		for i := range 100 {
			all = append(all, sc.spawn(func(t *Task) {
				order = append(order, i)
				t.Yield()
				order = append(order, 100+i)
			}))
		}
	})
	for _, done := range all {
		<-done
	}
	for i, n := range order {
		if i != n {
			t.Fatal("not in the order of their beginning:", order)
		}
	}
}

func TestSleep(t *testing.T) {
	sc := world(t)
	var order []int
	var all []chan struct{}
	begin := time.Now()
	sc.holding(func() {
		for _, ms := range rand.Perm(50) {
			all = append(all, sc.spawn(func(t *Task) {
				for end := begin.Add(time.Duration(ms) * 4 * time.Millisecond); time.Now().Before(end); {
					t.Park(end)
				}
				order = append(order, ms)
			}))
		}
	})
	for _, done := range all {
		<-done
	}
	for i, ms := range order {
		if i != ms {
			t.Fatal("not in the order of their deadlines:", order)
		}
	}
}

// TestGuests: whoever queues for the turn gets it in order, and a runner that always has
// something to do lets each in.
func TestGuests(t *testing.T) {
	sc := world(t)
	over := false
	var done chan struct{}
	sc.holding(func() {
		done = sc.spawn(func(t *Task) {
			for !over {
				t.Yield()
			}
		})
	})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				sc.holding(func() {})
			}
		})
	}
	all.Wait()
	sc.holding(func() { over = true })
	<-done
}

func TestTakeContext(t *testing.T) {
	sc := world(t)
	sc.Take()
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	for range 10 {
		go func() { failed <- sc.TakeContext(ctx) }()
	}
	for sc.wanted.Load() < 10 {
		runtime.Gosched()
	}
	cancel()
	for range 10 {
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Error("took a turn that was not free:", err)
		}
	}
	if sc.first != nil || sc.last != nil || sc.wanted.Load() != 0 {
		t.Error("guests that left are in the queue")
	}
	sc.Give()
	if err := sc.TakeContext(ctx); err != nil {
		t.Error("free, and not taken:", err)
	}
	sc.Give()
}

// TestLeave: while a task blocks its goroutine, others go on.
func TestLeave(t *testing.T) {
	sc := world(t)
	blocked, other := make(chan struct{}), make(chan struct{})
	var all []chan struct{}
	sc.holding(func() {
		all = append(all, sc.spawn(func(t *Task) {
			t.Park(time.Now().Add(time.Millisecond))
			t.Leave()
			<-blocked
			t.Return()
			t.Yield()
			t.Park(time.Now().Add(time.Millisecond))
		}), sc.spawn(func(t *Task) {
			t.Park(time.Now().Add(20 * time.Millisecond))
			close(other)
		}))
	})
	<-other
	close(blocked)
	for _, done := range all {
		<-done
	}
}

// TestGoexit: a task that ends its goroutine takes nobody with it.
func TestGoexit(t *testing.T) {
	sc := world(t)
	var all []chan struct{}
	sc.holding(func() {
		for i := range 10 {
			all = append(all, sc.spawn(func(t *Task) {
				t.Yield()
				if i%3 == 0 {
					runtime.Goexit()
				}
				t.Yield()
			}))
		}
	})
	for _, done := range all {
		<-done
	}
}

// TestMany: more schedulers wait for descriptors than may take a thread of the system each.
func TestMany(t *testing.T) {
	var all []chan struct{}
	var ends []int
	for range 2 * maxBlocked {
		sc := world(t)
		r, w := pipe(t)
		ends = append(ends, w)
		sc.holding(func() {
			all = append(all, sc.spawn(func(t *Task) {
				d := &Desc{}
				d.Init(sc, r)
				var b [1]byte
				_ = await(t, d, false, func() error { _, err := unix.Read(r, b[:]); return err })
				t.Park(time.Now().Add(time.Millisecond))
				d.Forget(false)
			}))
		})
	}
	for _, w := range ends {
		unix.Write(w, []byte("x"))
	}
	for _, done := range all {
		<-done
	}
}

func pipe(t *testing.T) (r, w int) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		unix.SetNonblock(fd, true)
		t.Cleanup(func() { unix.Close(fd) })
	}
	return fds[0], fds[1]
}

var errCancelled = errors.New("cancelled")

// await makes a call until it need not wait, as interp does.
func await(t *Task, d *Desc, write bool, call func() error) error {
	queued := false
	defer func() {
		if queued {
			t.Dequeue()
		}
	}()
	for {
		if d.fd < 0 {
			return unix.EBADF
		}
		if d.May(t, write) {
			if err := call(); err != unix.EAGAIN {
				return err
			}
			if err := d.Missed(write); err != nil {
				return err
			}
		}
		if !queued {
			d.Enqueue(t, write)
			queued = true
		}
		t.Park(time.Time{})
	}
}

// TestHammer has tasks and goroutines of the host's pass bytes through pipes, several at each end, while
// others sleep, yield, leave and come, and guests take the turn: each byte arrives once.
func TestHammer(t *testing.T) {
	rounds := 400
	if testing.Short() {
		rounds = 100
	}
	sc := world(t)
	var sent, received atomic.Int64
	var all sync.WaitGroup
	member := func(fn func(t *Task)) {
		all.Add(1)
		if rand.IntN(3) > 0 {
			sc.holding(func() { sc.spawn(func(t *Task) { defer all.Done(); fn(t) }) })
			return
		}
		go func() {
			defer all.Done()
			sc.Take()
			defer sc.Give()
			task := &Task{}
			task.Init(sc)
			fn(task)
		}()
	}
	disturb := func(t *Task) {
		switch rand.IntN(12) {
		case 0:
			t.Yield()
		case 1:
			t.Park(time.Now().Add(time.Duration(rand.IntN(100)) * time.Microsecond))
		case 2:
			t.Leave()
			runtime.Gosched()
			t.Return()
		}
	}
	for range 20 {
		r, w := pipe(t)
		rd, wd := &Desc{}, &Desc{}
		rd.Init(sc, r)
		wd.Init(sc, w)
		writers := 3
		for range writers {
			member(func(t *Task) {
				for range rounds {
					n, b := 0, make([]byte, 1+rand.IntN(3000))
					if err := await(t, wd, true, func() (err error) { n, err = unix.Write(w, b); return err }); err != nil {
						panic(err)
					}
					sent.Add(int64(n))
					disturb(t)
				}
				if writers--; writers == 0 {
					wd.Forget(false)
					unix.Shutdown(w, unix.SHUT_WR)
				}
			})
		}
		for range 3 {
			member(func(t *Task) {
				for b := make([]byte, 4000); ; disturb(t) {
					n := 0
					err := await(t, rd, false, func() (err error) { n, err = unix.Read(r, b[:1+rand.IntN(len(b)-1)]); return err })
					if err != nil {
						panic(err)
					}
					if n == 0 {
						return
					}
					received.Add(int64(n))
				}
			})
		}
	}
	over := make(chan struct{})
	var guests sync.WaitGroup
	guests.Go(func() {
		for {
			select {
			case <-over:
				return
			default:
				sc.holding(func() {})
				time.Sleep(10 * time.Microsecond)
			}
		}
	})
	all.Wait()
	close(over)
	guests.Wait()
	if sent.Load() != received.Load() || sent.Load() == 0 {
		t.Errorf("%d bytes sent, %d received", sent.Load(), received.Load())
	}
}

func BenchmarkPark(b *testing.B) {
	var running sync.WaitGroup
	sc := New(&running)
	n := b.N
	var tasks [2]*Task
	done := make(chan struct{})
	sc.holding(func() {
		for i := range tasks {
			t := &Task{}
			t.Init(sc)
			tasks[i] = t
			t.Go(func() {
				for n > 0 {
					n--
					tasks[1-i].Unpark()
					t.Park(time.Time{})
				}
				if i == 0 {
					close(done)
				}
				tasks[1-i].Unpark()
			})
		}
	})
	<-done
	running.Wait()
}

func BenchmarkTake(b *testing.B) {
	sc := New(&sync.WaitGroup{})
	for b.Loop() {
		sc.Take()
		sc.Give()
	}
}
