package interp

import (
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
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
	Read(s *State, p []byte) (int, error)

	// Write writes all of p, or returns an error and how much it has written.
	// It must not change p, nor keep it.
	Write(s *State, p []byte) (int, error)

	// Close is called once. It makes a Read under way return os.ErrClosed.
	Close(s *State) error
}

// Seeker is a Stream with a position, as io.Seeker has it. Its Read and Write
// share that position and never wait.
type Seeker interface {
	Seek(s *State, offset int64, whence int) (int64, error)
}

// Timeouter is a Stream whose calls give up after a time with ErrTimeout. When
// limited is false they wait for ever. A time of 0 means never to wait: the
// error is then syscall.EAGAIN, which scripts see as the answer nil, "EAGAIN".
type Timeouter interface {
	SetTimeout(d time.Duration, limited bool)
	Timeout() (d time.Duration, limited bool)
}

// Abandoner is a Stream that can be ended without a thread: when its File was
// dropped without being closed, or when the interpreter closes. Abandon writes
// rest, which the File had not flushed, as far as that goes without waiting for
// long, and frees what the stream holds. It is called by any goroutine, once, and
// not if Close was. The stream must not refer to its File.
type Abandoner interface {
	Abandon(rest []byte)
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

// FileOptions say what kind of File a Stream makes. The zero value can neither be
// read nor written.
type FileOptions struct {
	Readable, Writable bool
	Buffering          Buffering

	// Name is what error objects give as address when the error has none of its own.
	Name string

	// Answers makes failures answers, as Lua's io has them: nil, message and
	// errno. Otherwise they are raised as error objects, as sockets do.
	Answers bool
}

// File is the Lua file object: that of io, of socket:makefile and of pipes to
// processes. Reading is always buffered, and what a failed read had read so far
// stays to be read. Two threads that read one File take turns, so that each gets
// whole lines; so do two that write. Its methods may be called by goroutines that
// have the interpreter's turn; those that take a State may wait.
type File struct {
	FileOptions

	t    *tail
	rbuf []byte // rbuf[r:] has been read and not yet taken
	r    int
	want int // how much to read next, as the last reads suggest
	size int // how much is written at once when buffering

	closed   bool
	standard bool // cannot be closed: it is the host's

	reading, writing Mutex
}

// tail is what outlives a File that nobody holds any more.
type tail struct {
	stream Stream
	wbuf   []byte // written and not yet flushed
	files  *openFiles
}

// NewFile makes a File of a stream, which it owns from then on. State.PushFile
// makes that a Lua object.
func NewFile(stream Stream, o FileOptions) *File {
	return &File{FileOptions: o, t: &tail{stream: stream}, want: minRead, size: DefaultBuffer}
}

// Hold makes a File a Holder.
func (f *File) Hold(a *Account) {
	a.Bytes(int(unsafe.Sizeof(*f)+unsafe.Sizeof(*f.t)) + cap(f.rbuf) + cap(f.t.wbuf))
	if h, ok := f.t.stream.(Holder); ok {
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

// Fileno returns the stream's descriptor, -1 when it has none or the file is closed.
func (f *File) Fileno() int {
	if d, ok := f.t.stream.(interface{ Fileno() int }); ok && !f.closed {
		return d.Fileno()
	}
	return -1
}

// Write writes data, and returns how much of it is the file's now, written or
// buffered. What is not, after an error, was not taken and can be written again.
func (f *File) Write(s *State, data string) (n int, err error) {
	if err := f.writing.Lock(s.thread, time.Time{}); err != nil {
		return 0, err
	}
	defer f.writing.Unlock()
	return f.write(s, data)
}

// write is Write for who has the turn.
func (f *File) write(s *State, data string) (n int, err error) {
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
func (f *File) Flush(s *State) error {
	if len(f.t.wbuf) == 0 && f.writing.Holder() == nil {
		return nil
	}
	if err := f.writing.Lock(s.thread, time.Time{}); err != nil {
		return err
	}
	defer f.writing.Unlock()
	return f.flush(s)
}

func (f *File) flush(s *State) error {
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
func (f *File) giveBack(s *State) error {
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
func (f *File) Settle(s *State) error {
	if err := f.Flush(s); err != nil {
		return err
	}
	return f.giveBack(s)
}

// Seek sets the position and returns it, as io.Seeker has it; ESPIPE when the
// stream has none.
func (f *File) Seek(s *State, offset int64, whence int) (int64, error) {
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
func (f *File) Close(s *State) error {
	if f.closed {
		return nil
	}
	if f.writing.Holder() != nil && f.Buffering == BufferNone {
		return f.end(s, nil) // nothing is lost: a write that is stuck tells how far it came
	}
	if err := f.writing.Lock(s.thread, time.Time{}); err != nil {
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
func (f *File) end(s *State, err error) error {
	f.closed = true
	f.t.wbuf = nil
	if f.t.files == nil || f.t.files.remove(f.t) {
		if e := f.t.stream.Close(s); err == nil {
			err = e
		}
	}
	if f.reading.Holder() == nil {
		f.rbuf, f.r = nil, 0
	}
	return err
}

var (
	errNotWritable = &OpError{Code: "EBADF", Errno: syscall.EBADF, Message: "not open for writing"}
	errNotReadable = &OpError{Code: "EBADF", Errno: syscall.EBADF, Message: "not open for reading"}
)

// mayPass reports whether the call that failed with err may succeed later.
func mayPass(err error) bool {
	return interrupted(err) || AsOpError(err).Timeout() || AsOpError(err).Errno == syscall.EAGAIN
}

// interrupted reports whether err says that the thread's wait was ended from
// outside, which is no failure of any file.
func interrupted(err error) bool { return err == errStopped || err == error(syscall.ECANCELED) }

// openFiles are an interpreter's streams that its end must not leave open. It
// holds them, but not the Files, which the collector can therefore find unused.
type openFiles struct {
	mu     sync.Mutex
	all    map[*tail]struct{}
	own    int            // those with a descriptor of their own
	ending sync.WaitGroup // those that the collector found, and which are not yet closed
}

func (o *openFiles) add(t *tail) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t.files = o
	o.all[t] = struct{}{}
	if own, ok := t.stream.(owner); ok && own.ownsDescriptor() {
		o.own++
	}
}

// take takes t off the list, for who holds mu, and reports whether it was there.
func (o *openFiles) take(t *tail) bool {
	_, ok := o.all[t]
	delete(o.all, t)
	if own, owns := t.stream.(owner); ok && owns && own.ownsDescriptor() {
		o.own--
	}
	return ok
}

// remove reports whether t was there: whoever removes it ends it.
func (o *openFiles) remove(t *tail) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.take(t)
}

// abandonAll ends what is left, for the interpreter's end.
func (o *openFiles) abandonAll() {
	o.mu.Lock()
	all := o.all
	o.all = nil
	o.mu.Unlock()
	for t := range all {
		t.stream.(Abandoner).Abandon(t.wbuf)
	}
	o.ending.Wait()
}

// abandon ends the stream of a File that the collector found unused.
func (t *tail) abandon() {
	o := t.files
	o.mu.Lock()
	ok := o.take(t)
	if ok {
		o.ending.Add(1)
	}
	o.mu.Unlock()
	if ok {
		t.stream.(Abandoner).Abandon(t.wbuf)
		o.ending.Done()
	}
}

// PushFile pushes f as a Lua object and returns 1. From then on its stream, if it
// is an Abandoner, is ended with the interpreter, or when nothing holds f.
func (s *State) PushFile(f *File) int {
	s.Push(s.in.newFileObject(f))
	return 1
}

func (in *Interpreter) newFileObject(f *File) *lua.LUserData {
	if _, ok := f.t.stream.(Abandoner); ok && !f.standard && f.t.files == nil {
		in.io.files.add(f.t)
		OnDrop(in, f, f.t, func(_ *Interpreter, t *tail) { t.abandon() })
	}
	return in.newObject(FileType, f)
}
