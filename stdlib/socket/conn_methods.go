//go:build unix

package socket

import (
	"io"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/conn"
	"wirelua/stdlib/internal/lookup"
	"wirelua/stdlib/internal/sys"
)

var hostedTimeouts = conn.TimeoutMethods(func(s *interp.State) *time.Duration { return &hostedSelf(s).timeout })

// hostedMethods are those of connections and of listeners of the host's.
var hostedMethods = []interp.Function{
	{Name: "fileno", Doc: "-1: there is no descriptor", Fn: func(s *interp.State) int {
		hostedSelf(s)
		return s.Return(lua.LNumber(-1))
	}},
}

func hostedSelf(s *interp.State) *hosted {
	return interp.Object[interface{ base() *hosted }](s, 1, "socket").base()
}

// hostConnMethods are a connection's beside those that all have.
var hostConnMethods = []interp.Function{
	{Name: "send", Args: "data[, flags]", Doc: "sends all of data, and returns its length; waits", Fn: hostSend},
	{Name: "recvfrom", Args: "n[, flags]", Doc: "data, nil; waits", Fn: hostRecvfrom},
	{Name: "shutdown", Args: "how", Doc: "ends one or both directions: SHUT_RD, SHUT_WR, SHUT_RDWR; true; waits", Fn: hostShutdown},
	{Name: "close", Doc: "closes the connection; threads waiting on it get EBADF; true, also twice; waits", Fn: closeHostedAny},
	{Name: "getsockname", Doc: "the connection's own address", Fn: func(s *interp.State) int {
		lookup.PushAddr(s, netAddr(openHost(s, "").core.conn.LocalAddr()))
		return 1
	}},
	{Name: "getpeername", Doc: "the address at the other end", Fn: func(s *interp.State) int {
		lookup.PushAddr(s, netAddr(openHost(s, "").core.conn.RemoteAddr()))
		return 1
	}},
	{Name: "makefile", Args: "[mode=\"rw\"]", Doc: "a file that reads from and writes to the connection; writes go out when flushed", Fn: hostMakefile},
}

func hostSelf(s *interp.State) *hostConn { return interp.Object[*hostConn](s, 1, "socket") }

// either is a function of the module that takes sockets of both kinds.
func either(ours, host func(*interp.State) int) func(*interp.State) int {
	return func(s *interp.State) int {
		if ud, ok := s.Get(1).(*lua.LUserData); ok {
			if _, ok := ud.Value.(interface{ base() *hosted }); ok {
				return host(s)
			}
		}
		return ours(s)
	}
}

func closeHostedAny(s *interp.State) int {
	c, ok := s.Get(1).(*lua.LUserData).Value.(interface{ Close(*interp.State) error })
	if !ok {
		s.TypeError(1, "socket")
	}
	if err := c.Close(s); err != nil {
		return s.Raise(err)
	}
	return s.True()
}

// openHost returns argument 1, a connection that is open.
func openHost(s *interp.State, op string) *hostConn {
	h := hostSelf(s)
	if h.closed {
		s.Raise(h.about(sys.NetOf(s.Interp()).Closed(s, op)))
	}
	return h
}

func failHosted(s *interp.State, err error) int { return conn.Fail(s, err) }

func hostSend(s *interp.State) int {
	h := openHost(s, "send")
	n, err := h.SendAll(s, s.Str(2), s.OptInt(3, 0), h.Limit())
	if err != nil && n == 0 {
		return failHosted(s, err)
	}
	return s.Return(lua.LNumber(n))
}

func hostRecvfrom(s *interp.State) int {
	h := openHost(s, "recv")
	data, err := conn.Receive(s, h, conn.Size(s, 2, conn.DefaultRecv), s.OptInt(3, 0), h.Limit())
	if err != nil {
		return failHosted(s, err)
	}
	return s.Return(lua.LString(data), lua.LNil)
}

// hostShutdown asks the connection to end what it can end: tls.Conn knows
// CloseWrite, which says goodbye, and net.Pipe nothing.
func hostShutdown(s *interp.State) int {
	h, how := openHost(s, "shutdown"), s.IntRange(2, unix.SHUT_RD, unix.SHUT_RDWR, "how")
	w, canWrite := h.core.conn.(interface{ CloseWrite() error })
	r, canRead := h.core.conn.(interface{ CloseRead() error })
	if how != unix.SHUT_RD && !canWrite || how == unix.SHUT_RD && !canRead {
		return s.Raise(h.about(unix.EOPNOTSUPP))
	}
	err := h.run(s, "shutdown", func() (string, error) {
		return "", h.aside(s, func() (err error) {
			if how != unix.SHUT_RD {
				err = w.CloseWrite()
			}
			if how != unix.SHUT_WR && canRead && err == nil {
				err = r.CloseRead()
			}
			return err
		})
	})
	if err != nil {
		return s.Raise(h.about(err))
	}
	return s.True()
}

// aside calls fn without the turn, and waits for it as long as the connection's timeout says.
func (h *hostConn) aside(s *interp.State, fn func() error) error {
	var err error
	done := make(chan struct{})
	interp.Aside(fn, func(e error) {
		err = e
		close(done)
	})
	if reason := await(s.Thread(), h.Limit().Deadline, done, h.core.closing); reason != nil {
		return reason
	}
	return err
}

func hostMakefile(s *interp.State) int {
	h := openHost(s, "")
	mode := s.OptStr(2, "rw")
	if mode == "" || strings.Trim(mode, "rwb") != "" {
		s.ArgError(2, "mode must be made of r, w and b, got '%s'", mode)
	}
	h.files++
	return s.PushFile(interp.NewFile(&hostFile{h}, interp.FileOptions{
		Readable:  strings.Contains(mode, "r"),
		Writable:  strings.Contains(mode, "w"),
		Buffering: interp.BufferFull,
	}))
}

var _ interp.Abandoner = (*hostFile)(nil)

// hostFile is a connection of the host's as a file sees it.
type hostFile struct{ h *hostConn }

func (f *hostFile) Read(s *interp.State, p []byte) (int, error) {
	data, err := conn.Receive(s, f.h, len(p), 0, f.h.Limit())
	if err == nil && data == "" && len(p) > 0 {
		err = io.EOF
	}
	return copy(p, data), err
}

func (f *hostFile) Write(s *interp.State, p []byte) (int, error) {
	return f.h.SendAll(s, string(p), 0, f.h.Limit())
}

func (f *hostFile) Close(s *interp.State) error {
	f.h.files--
	return f.h.release(s)
}

// Abandon writes what the script had not flushed, if that can be done soon.
func (f *hostFile) Abandon(rest []byte) {
	if len(rest) > 0 && f.h.core.conn.SetWriteDeadline(time.Now().Add(100*time.Millisecond)) == nil {
		_ = interp.Guard(func() error {
			_, err := f.h.core.conn.Write(rest)
			return err
		})
	}
}
