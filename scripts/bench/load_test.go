//go:build linux

package bench

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"syscall"
	"time"
)

// load is a client with many connections: each has one request on its way, and sends the
// next when the answer is there. It costs less than any server here does: one goroutine,
// an epoll of its own, one read and one write for each echo.
type load struct {
	epoll  int
	size   int
	conns  []*loadConn
	byFD   []*loadConn
	out    []byte
	buffer []byte
}

type loadConn struct{ fd, unsent, missing int }

// stuckAfter is how many milliseconds of silence are taken for the server's failure.
const stuckAfter = 5000

// newLoad makes n connections, for pieces of size bytes. Close it.
func newLoad(addr string, n, size int) (*load, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	l := &load{epoll: epoll, size: size, out: make([]byte, size), buffer: make([]byte, max(size, 4096))}
	for range n {
		if err := l.connect(addr); err != nil {
			l.Close()
			return nil, fmt.Errorf("connection %d: %w", len(l.conns)+1, err)
		}
	}
	return l, nil
}

func (l *load) connect(addr string) error {
	fd, err := connect(addr)
	if err != nil {
		return err
	}
	c := &loadConn{fd: fd}
	l.conns = append(l.conns, c)
	for len(l.byFD) <= fd {
		l.byFD = append(l.byFD, nil)
	}
	l.byFD[fd] = c
	syscall.SetNonblock(fd, true)
	return l.watch(c, syscall.EPOLL_CTL_ADD, syscall.EPOLLIN)
}

// connect returns a descriptor whose calls wait.
func connect(addr string) (int, error) {
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return -1, err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	if err := syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}); err != nil {
		syscall.Close(fd)
		return -1, err
	}
	return fd, nil
}

func (l *load) watch(c *loadConn, operation int, events uint32) error {
	return syscall.EpollCtl(l.epoll, operation, c.fd, &syscall.EpollEvent{Events: events, Fd: int32(c.fd)})
}

func (l *load) Close() {
	for _, c := range l.conns {
		syscall.Close(c.fd)
	}
	syscall.Close(l.epoll)
}

// run makes echoes on all connections for as long as d, and returns how many. All
// answers have come when it returns. Each connection makes one at least.
func (l *load) run(d time.Duration) (echoes int, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	end := time.Now().Add(d)
	for _, c := range l.conns {
		if err := l.request(c); err != nil {
			return 0, err
		}
	}
	events := make([]syscall.EpollEvent, 256)
	for busy := len(l.conns); busy > 0; {
		n, err := syscall.EpollWait(l.epoll, events, stuckAfter)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || n == 0 {
			return echoes, fmt.Errorf("%d connections without an answer (%v)", busy, err)
		}
		over := !time.Now().Before(end)
		for _, e := range events[:n] {
			answered, err := l.serve(l.byFD[e.Fd], e.Events)
			if err != nil {
				return echoes, err
			}
			if !answered {
				continue
			}
			echoes++
			if over {
				busy--
			} else if err := l.request(l.byFD[e.Fd]); err != nil {
				return echoes, err
			}
		}
	}
	return echoes, nil
}

func (l *load) request(c *loadConn) error {
	c.unsent, c.missing = l.size, l.size
	if err := l.send(c); err != nil || c.unsent == 0 {
		return err
	}
	return l.watch(c, syscall.EPOLL_CTL_MOD, syscall.EPOLLIN|syscall.EPOLLOUT)
}

func (l *load) send(c *loadConn) error {
	n, err := syscall.Write(c.fd, l.out[:c.unsent])
	if errors.Is(err, syscall.EAGAIN) {
		return nil
	}
	c.unsent -= max(n, 0)
	return err
}

// serve goes on with a connection and tells whether its answer is complete.
func (l *load) serve(c *loadConn, events uint32) (answered bool, err error) {
	if c.unsent > 0 && events&syscall.EPOLLOUT != 0 {
		if err := l.send(c); err != nil {
			return false, err
		}
		if c.unsent == 0 {
			if err := l.watch(c, syscall.EPOLL_CTL_MOD, syscall.EPOLLIN); err != nil {
				return false, err
			}
		}
	}
	if events&^syscall.EPOLLOUT == 0 {
		return false, nil
	}
	n, err := syscall.Read(c.fd, l.buffer)
	if err != nil {
		return false, err
	}
	if n == 0 {
		return false, io.ErrUnexpectedEOF
	}
	c.missing -= n
	return c.missing == 0, nil
}

// probe sends a request each 2 ms on a connection of its own for as long as d, and returns
// how long each answer took. Sent one after the other, most would be of the moments in which
// the server is idle.
func probe(addr string, d time.Duration) (took []time.Duration, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	fd, err := connect(addr)
	if err != nil {
		return nil, err
	}
	defer syscall.Close(fd)
	syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &syscall.Timeval{Sec: stuckAfter / 1000})
	piece := make([]byte, 64)
	for end := time.Now().Add(d); ; {
		time.Sleep(2 * time.Millisecond)
		start := time.Now()
		if start.After(end) {
			return took, nil
		}
		if _, err := syscall.Write(fd, piece); err != nil {
			return nil, err
		}
		for missing := len(piece); missing > 0; {
			n, err := syscall.Read(fd, piece[:missing])
			if err != nil || n == 0 {
				return nil, fmt.Errorf("the probe has no answer (%v)", err)
			}
			missing -= n
		}
		took = append(took, time.Since(start))
	}
}
