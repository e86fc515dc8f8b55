//go:build unix

package socket

import (
	"io"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/stdlib/internal/conn"
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
	k := open(s, "")
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
	data, err := conn.Receive(s, f.k.beneath(), len(p), 0, f.k.Limit())
	if err == nil && data == "" && len(p) > 0 {
		err = io.EOF
	}
	return copy(p, data), err
}

func (f *fileStream) Write(s *interp.State, p []byte) (int, error) {
	return f.k.beneath().SendAll(s, string(p), 0, f.k.Limit())
}

func (f *fileStream) Close(s *interp.State) error {
	f.k.files--
	return f.k.release(s)
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
func (k *Socket) beneath() conn.Transport { return below{k} }

type below struct{ *Socket }

func (b below) Recv(s *interp.State, n, flags int, lim sys.Limit) (string, error) {
	return b.fd.Recv(s, n, flags, lim, nil)
}

func (b below) SendAll(s *interp.State, data string, flags int, lim sys.Limit) (int, error) {
	return b.fd.SendAll(s, data, flags, lim)
}

func sendfile(s *interp.State) int {
	k := open(s, "sendfile")
	return conn.SendFile(s, k, k.fd.SendFile, k.about)
}

func relay(s *interp.State) int {
	a, b := interp.Object[conn.Transport](s, 1, "socket"), interp.Object[conn.Transport](s, 2, "socket")
	if a == b {
		s.ArgError(2, "a socket cannot be relayed to itself")
	}
	ab, ba, err := conn.Relay(s, a, b)
	if err != nil {
		e := *interp.AsOpError(err)
		e.Extra = map[string]lua.LValue{"sent": lua.LNumber(ab), "received": lua.LNumber(ba)}
		return s.Raise(&e)
	}
	return s.Return(lua.LNumber(ab), lua.LNumber(ba))
}
