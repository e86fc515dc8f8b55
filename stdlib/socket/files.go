//go:build unix

package socket

import (
	"errors"
	"io"
	"math"
	"os"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/stdlib/internal/stream"
	"wirelua/stdlib/internal/sys"
)

var fileMethods = []interp.Function{
	{Name: "makefile", Args: "[mode=\"rw\"]", Doc: "a file that reads from and writes to the socket; writes go out when flushed", Fn: makefile},
	{Name: "sendfile", Args: "path or file[, offset=0[, count]]", Doc: "sends a file's contents from offset on; bytes sent; waits", Fn: sendfile},
}

var relayFuncs = []interp.Function{
	{Name: "relay", Args: "a, b", Doc: "copies both ways until both ends are done; bytes a to b, bytes b to a; waits", Fn: relay},
}

func makefile(s *interp.State) int {
	k := open(s)
	mode := s.OptStr(2, "rw")
	if mode == "" || strings.Trim(mode, "rwb") != "" {
		s.ArgError(2, "mode must be made of r, w and b, got '%s'", mode)
	}
	k.files++
	return s.PushFile(interp.NewFile(&fileStream{k: k}, interp.FileOptions{
		Readable:  strings.Contains(mode, "r"),
		Writable:  strings.Contains(mode, "w"),
		Buffering: interp.BufferFull,
		Name:      k.peerName(),
	}))
}

func (k *Socket) peerName() string {
	if k.peer == nil {
		return ""
	}
	return k.peer.String()
}

var _ interp.Abandoner = (*fileStream)(nil)

// fileStream is a socket as a file sees it.
type fileStream struct{ k *Socket }

func (f *fileStream) Read(s *interp.State, p []byte) (int, error) {
	data, err := stream.Receive(s, f.k.beneath(), len(p), 0, f.k.Limit())
	if err == nil && data == "" && len(p) > 0 {
		err = io.EOF
	}
	return copy(p, data), err
}

func (f *fileStream) Write(s *interp.State, p []byte) (int, error) {
	return f.k.beneath().SendAll(s, string(p), 0, f.k.Limit())
}

func (f *fileStream) Close(*interp.State) error {
	f.k.files--
	return f.k.release()
}

// Abandon is called when the script dropped the file: what it wrote goes out if
// there is room for it at once.
func (f *fileStream) Abandon(rest []byte) { f.k.fd.TryWrite(rest) }

func (f *fileStream) Fileno() int { return f.k.fd.Fileno() }

// Descriptor says that the bytes are the descriptor's own: it can be handed on.
func (f *fileStream) Descriptor() *sys.FD { return f.k.fd }

func (f *fileStream) Buffered() int { return f.k.Buffered() }

// beneath is the socket whether or not the script has closed it: its files go on
// being of use.
func (k *Socket) beneath() stream.Transport { return below{k} }

type below struct{ *Socket }

func (b below) Recv(s *interp.State, n, flags int, lim sys.Limit) (string, error) {
	return b.fd.Recv(s, n, flags, lim, nil)
}

func (b below) SendAll(s *interp.State, data string, flags int, lim sys.Limit) (int, error) {
	return b.fd.SendAll(s, data, flags, lim)
}

func sendfile(s *interp.State) int {
	k := open(s)
	offset := s.OptInt(3, 0)
	count := s.OptInt(4, math.MaxInt64)
	if offset < 0 || count < 0 {
		s.ArgError(3, "offset and count must be 0 or more")
	}
	var in int
	var file *interp.File
	if ud, ok := s.Get(2).(*lua.LUserData); ok {
		if file, ok = ud.Value.(*interp.File); !ok || file.Fileno() < 0 {
			s.TypeError(2, "path or open file")
		}
		if err := file.Settle(s); err != nil && !errors.Is(err, unix.ESPIPE) {
			return s.Raise(err)
		}
		in = file.Fileno()
	} else {
		path := s.Str(2)
		f, err := s.Interp().Policy().OpenFile(path, os.O_RDONLY, 0)
		if err != nil {
			e := *interp.AsOpError(err)
			e.Address = path
			return s.Raise(&e)
		}
		defer f.Close()
		in = int(f.Fd())
	}
	lim := k.Limit()
	sent, err := k.fd.SendFile(s, in, int64(offset), int64(count), lim)
	if file != nil && sent == 0 && (err == unix.ESPIPE || err == unix.EINVAL) {
		sent, err = copyFile(s, k, file, int64(offset), int64(count), lim)
	}
	if err == unix.EAGAIN {
		return s.Return(lua.LNil, lua.LString("EAGAIN"), lua.LNumber(sent))
	}
	if err != nil {
		e := *interp.AsOpError(k.about(err))
		e.Extra = map[string]lua.LValue{"sent": lua.LNumber(sent)}
		return s.Raise(&e)
	}
	return s.Return(lua.LNumber(sent))
}

// copyFile sends what sendfile(2) cannot: pipes and the like.
func copyFile(s *interp.State, k *Socket, file *interp.File, offset, count int64, lim sys.Limit) (sent int64, err error) {
	p := make([]byte, 65536)
	for pos := int64(0); sent < count; {
		n, err := file.Read(s, p)
		if err == io.EOF {
			return sent, nil
		}
		if err != nil {
			return sent, err
		}
		skip := min(int64(n), max(0, offset-pos))
		pos += int64(n)
		data := string(p[skip:n])
		data = data[:min(int64(len(data)), count-sent)]
		m, err := k.fd.SendAll(s, data, 0, lim)
		sent += int64(m)
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

func relay(s *interp.State) int {
	a, b := interp.Object[stream.Transport](s, 1, "socket"), interp.Object[stream.Transport](s, 2, "socket")
	if a == b {
		s.ArgError(2, "a socket cannot be relayed to itself")
	}
	ab, ba, err := stream.Relay(s, a, b)
	if err != nil {
		e := *interp.AsOpError(err)
		e.Extra = map[string]lua.LValue{"sent": lua.LNumber(ab), "received": lua.LNumber(ba)}
		return s.Raise(&e)
	}
	return s.Return(lua.LNumber(ab), lua.LNumber(ba))
}
