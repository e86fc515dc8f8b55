// Package file has Lua's file objects, over anything that can be read or written: a file of
// the host's, a pipe, a socket, the interpreter's own streams. It is for who writes modules:
//
//	func open(s *interp.State) int {
//		return file.Push(s, file.New(stream, file.Options{Readable: true}))
//	}
//
// A File buffers, knows the formats of read and lines, and lets other threads run while its
// Stream waits.
package file

import (
	"io"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// Stream is what a File reads and writes: a file of the host's, a pipe, a
// socket. Its methods are called with the interpreter's turn; one that has
// to wait gives the turn up meanwhile, with Thread.Wait and its kin. At most one
// Read and one Write are under way at a time, of different threads perhaps.
//
// What a Stream can do beyond that it shows by further methods, which File looks
// for: those of Seeker, Timeouter and Abandoner, Fileno() int, and Buffered() int
// for one that reads ahead itself.
type Stream interface {
	// Read waits for at least one byte and reads up to len(p) of them. At the end
	// it returns 0 and io.EOF; it may be asked again.
	Read(s *interp.State, p []byte) (int, error)

	// Write writes all of p, or returns an error and how much it has written.
	// It must not change p, nor keep it.
	Write(s *interp.State, p []byte) (int, error)

	// Close is called once. It makes a Read under way return os.ErrClosed.
	Close(s *interp.State) error
}

// Seeker is a Stream with a position, as io.Seeker has it. Its Read and Write
// share that position and never wait.
type Seeker interface {
	Seek(s *interp.State, offset int64, whence int) (int64, error)
}

// Timeouter is a Stream whose calls give up after a time with interp.ErrTimeout. When
// limited is false they wait for ever. A time of 0 means never to wait: the
// error is then syscall.EAGAIN, which scripts see as the answer nil, "EAGAIN".
type Timeouter interface {
	SetTimeout(d time.Duration, limited bool)
	Timeout() (d time.Duration, limited bool)
}

// Abandoner is a Stream that can be ended without a thread: when its File was dropped
// without being closed, or when the interpreter closes. Abandon writes rest, which the
// File had not flushed, as far as it can without waiting for long, and frees what the
// stream holds. Any goroutine may call it. It is called once, and not after Close. The
// stream must not refer to its File.
type Abandoner interface {
	Abandon(rest []byte)
}

// Shared is a Stream that has the buffer of what was read ahead itself, since a File is not the only one
// that reads it: a connection's. So each byte is read once, in order, by whoever comes.
type Shared interface {
	// Fill waits until there is more to read than Ahead returned, and hopes for n bytes; io.EOF at the
	// end.
	Fill(s *interp.State, n int) error
	// Ahead is what was read and not taken. taken is how many bytes ever were: others may take some
	// while Fill waits.
	Ahead() (p []byte, taken int)
	// Take takes the first n bytes. Unread puts bytes before them.
	Take(n int)
	Unread(p []byte)
}

// Buffering says when what is written to a File goes to its Stream.
type Buffering int

const (
	BufferFull Buffering = iota // when 8 KiB have come together, at flush and at close
	BufferLine                  // also whenever a line has ended
	BufferNone                  // at once
)

// DefaultBuffer is how many bytes written to a File come together before they
// are sent off, unless setvbuf says otherwise.
const DefaultBuffer = 8 << 10

// Options say what kind of File a Stream makes. The zero value can neither be
// read nor written.
type Options struct {
	Readable, Writable bool
	Buffering          Buffering

	// Name is what error objects give as address when the error has none of its own.
	Name string

	// Answers makes failures answers, as Lua's io has them: nil, message and
	// errno. Otherwise they are raised as error objects, as sockets do.
	Answers bool

	// Ended, if set, is called by who closes the file, when its stream is closed; it may wait. What
	// it returns is what the method close returns after true: how a program ended.
	Ended func(s *interp.State) ([]lua.LValue, error)
}

// File is the Lua file object: that of io, of socket:makefile and of pipes to
// processes. Reading is always buffered, and what a failed read had read so far
// stays to be read. Two threads that read one File take turns, so that each gets
// whole lines; so do two that write. Its methods may be called by goroutines that
// have the interpreter's turn; those that take a State may wait.
type File struct {
	Options

	t    *tail
	rbuf []byte // rbuf[r:] has been read and not yet taken
	r    int
	want int // how much to read next, as the last reads suggest
	size int // how much is written at once when buffering

	closed   bool
	left     []lua.LValue // by Ended
	standard bool         // cannot be closed: it is the host's

	reading, writing interp.Mutex
	watches          interp.Watches // of what is read ahead; see Watch
}

// tail is what outlives a File that nobody holds any more.
type tail struct {
	stream Stream
	wbuf   []byte // written and not yet flushed
	files  *openFiles

	name, where string // of a file of the host's, and of the line that opened it, if that is noted
}

// New makes a File of a stream, which it owns from then on. Push makes that a Lua object.
func New(stream Stream, o Options) *File {
	return &File{Options: o, t: &tail{stream: stream}, want: minRead, size: DefaultBuffer}
}

// Hold makes a File a Holder.
func (f *File) Hold(a *interp.Account) {
	a.Bytes(int(unsafe.Sizeof(*f)+unsafe.Sizeof(*f.t)) + cap(f.rbuf) + cap(f.t.wbuf))
	if h, ok := f.t.stream.(interp.Holder); ok {
		a.Hold(h)
	}
}

// Stream returns what the file reads and writes.
func (f *File) Stream() Stream { return f.t.stream }

// Closed reports whether the file was closed.
func (f *File) Closed() bool { return f.closed }

// Buffered returns how many bytes can be read without asking the system: a file
// with some is readable, whatever its descriptor says.
func (f *File) Buffered() int {
	n := len(f.rbuf) - f.r
	if b, ok := f.t.stream.(interface{ Buffered() int }); ok && !f.closed {
		n += b.Buffered()
	}
	return n
}

// Watch has w told when Buffered may be more than 0 that was not, until Unwatch.
func (f *File) Watch(w *interp.Watch) { f.watched().Add(w) }

// Unwatch ends Watch.
func (f *File) Unwatch(w *interp.Watch) { f.watched().Remove(w) }

// watched are those of the stream, if that has a buffer, too.
func (f *File) watched() *interp.Watches {
	if w, ok := f.t.stream.(interface{ Watched() *interp.Watches }); ok {
		return w.Watched()
	}
	return &f.watches
}

// Fileno returns the stream's descriptor, -1 when it has none or the file is closed.
func (f *File) Fileno() int {
	if d, ok := f.t.stream.(interface{ Fileno() int }); ok && !f.closed {
		return d.Fileno()
	}
	return -1
}

// Write writes data, and returns how much of it is the file's now, written or
// buffered. What is not, after an error, was not taken and can be written again.
func (f *File) Write(s *interp.State, data string) (n int, err error) {
	if err := f.writing.Lock(s.Thread(), time.Time{}); err != nil {
		return 0, err
	}
	defer f.writing.Unlock()
	return f.write(s, data)
}

// write is Write for who has the turn.
func (f *File) write(s *interp.State, data string) (n int, err error) {
	switch {
	case f.closed:
		return 0, os.ErrClosed
	case !f.Writable:
		return 0, errNotWritable
	case data == "":
		return 0, nil
	}
	if err := f.giveBack(s); err != nil {
		return 0, err
	}
	size := f.size
	if f.Buffering == BufferNone {
		size = 0
	}
	if len(f.t.wbuf)+len(data) > size {
		if err := f.flush(s); err != nil {
			return 0, err
		}
		if len(data) >= size {
			return f.t.stream.Write(s, unsafe.Slice(unsafe.StringData(data), len(data)))
		}
	}
	f.t.wbuf = append(f.t.wbuf, data...)
	if f.Buffering == BufferLine && strings.Contains(data, "\n") {
		err = f.flush(s)
	}
	return len(data), err
}

// Flush writes what is buffered. After an error that may pass, a timeout say,
// the rest is still there to be flushed; after another it is lost.
func (f *File) Flush(s *interp.State) error {
	if len(f.t.wbuf) == 0 && f.writing.Holder() == nil {
		return nil
	}
	if err := f.writing.Lock(s.Thread(), time.Time{}); err != nil {
		return err
	}
	defer f.writing.Unlock()
	return f.flush(s)
}

func (f *File) flush(s *interp.State) error {
	t := f.t
	if len(t.wbuf) == 0 {
		return nil
	}
	n, err := t.stream.Write(s, t.wbuf)
	rest := t.wbuf[n:]
	if err == nil || !mayPass(err) {
		rest = nil
	}
	if len(rest) == 0 && cap(t.wbuf) > DefaultBuffer {
		t.wbuf = nil
		return err
	}
	t.wbuf = append(t.wbuf[:0], rest...)
	return err
}

// giveBack moves the position of a stream that has one back to where the script
// is, before something is written there.
func (f *File) giveBack(s *interp.State) error {
	ahead := len(f.rbuf) - f.r
	k, ok := f.t.stream.(Seeker)
	if ahead == 0 || !ok {
		return nil
	}
	f.rbuf, f.r = nil, 0
	_, err := k.Seek(s, -int64(ahead), io.SeekCurrent)
	return err
}

// Settle flushes, and gives back what was read ahead if the stream has a position:
// then the descriptor stands where the script does, and can be handed to others.
func (f *File) Settle(s *interp.State) error {
	if err := f.Flush(s); err != nil {
		return err
	}
	return f.giveBack(s)
}

// Seek sets the position and returns it, as io.Seeker has it; ESPIPE when the
// stream has none.
func (f *File) Seek(s *interp.State, offset int64, whence int) (int64, error) {
	k, ok := f.t.stream.(Seeker)
	if !ok {
		return 0, syscall.ESPIPE
	}
	if err := f.Flush(s); err != nil {
		return 0, err
	}
	if whence == io.SeekCurrent {
		offset -= int64(len(f.rbuf) - f.r)
	}
	at, err := k.Seek(s, offset, whence)
	if err == nil {
		f.rbuf, f.r = nil, 0
	}
	return at, err
}

// Begin returns the offset in its descriptor at which the file begins for scripts: 0, but for
// standard input of which the host has read a part. It does not wait.
func (f *File) Begin() (int64, error) {
	h, ok := f.t.stream.(*hostFile)
	if !ok {
		return 0, nil
	}
	err := h.find()
	return h.begin, err
}

// Close flushes and closes the file. It waits for a write of another thread, and
// ends a read of one. The file is closed also when flushing fails, which the error
// says. Closing again does nothing.
func (f *File) Close(s *interp.State) error {
	if f.closed {
		return nil
	}
	if f.writing.Holder() != nil && f.Buffering == BufferNone {
		return f.end(s, nil) // nothing is lost: a write that is stuck tells how far it came
	}
	if err := f.writing.Lock(s.Thread(), time.Time{}); err != nil {
		return err
	}
	defer f.writing.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	return f.end(s, f.flush(s))
}

// end closes the stream; err is what went wrong before.
func (f *File) end(s *interp.State, err error) error {
	f.closed = true
	f.t.wbuf = nil
	if f.t.files == nil || f.t.files.remove(f.t) {
		e := f.t.stream.Close(s)
		if e == nil && f.Ended != nil {
			f.left, e = f.Ended(s)
		}
		if err == nil {
			err = e
		}
	}
	if f.reading.Holder() == nil {
		f.rbuf, f.r = nil, 0
	}
	return err
}

var (
	errNotWritable = &interp.OpError{Code: "EBADF", Errno: syscall.EBADF, Message: "not open for writing"}
	errNotReadable = &interp.OpError{Code: "EBADF", Errno: syscall.EBADF, Message: "not open for reading"}
)

// mayPass reports whether the call that failed with err may succeed later.
func mayPass(err error) bool {
	return interp.Interrupted(err) || interp.AsOpError(err).Timeout() || interp.AsOpError(err).Errno == syscall.EAGAIN
}
