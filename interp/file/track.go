package file

import (
	"sync"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/interp/dump"
)

// openFiles are an interpreter's streams that its end must not leave open. It
// holds them, but not the Files, which the collector can therefore find unused.
type openFiles struct {
	opening int // descriptors of files that are being opened

	mu  sync.Mutex
	all map[*tail]struct{}

	dropped []dump.Leak    // those that the collector found, of which the line was noted
	own     int            // those with a descriptor of their own
	ending  sync.WaitGroup // those that the collector found, and which are not yet closed
}

type openKey struct{}

func openFilesOf(in *interp.Engine) *openFiles {
	return in.Local(openKey{}, func() any {
		o := &openFiles{all: map[*tail]struct{}{}}
		in.OnClose(o.abandonAll)
		in.FindLeaks(o.leaks)
		in.CountDescriptors(o.descriptors)
		return o
	}).(*openFiles)
}

// descriptors is how many are open: files, and those that are being opened.
func (o *openFiles) descriptors() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.opening + o.own
}

// owner is a stream with a descriptor of its own.
type owner interface{ ownsDescriptor() bool }

func (o *osFile) ownsDescriptor() bool   { return !o.host }
func (o *osPipe) ownsDescriptor() bool   { return !o.host }
func (o *osDevice) ownsDescriptor() bool { return !o.host }

// hold counts n descriptors that are about to be opened, until the function that it returns
// is called: then they are closed, or counted as files. In between the turn may be given up.
// The error is an *interp.OpError at the limit; see Engine.DescriptorRoom.
func hold(in *interp.Engine, n int) (done func(), err error) {
	if err := in.DescriptorRoom(n); err != nil {
		return nil, err
	}
	o := openFilesOf(in)
	o.opening += n
	return func() { o.opening -= n }, nil
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

// Has reports whether an open file of the interpreter's has the descriptor fd.
func Has(in *interp.Engine, fd int) bool {
	o := openFilesOf(in)
	o.mu.Lock()
	defer o.mu.Unlock()
	for t := range o.all {
		if d, ok := t.stream.(interface{ Fileno() int }); ok && d.Fileno() == fd {
			return true
		}
	}
	return false
}

// Track has what is left of open files closed at the interpreter's end after what modules have
// registered for that (OnClose) since; it is for those whose ends may still need some of them.
func Track(in *interp.Engine) { openFilesOf(in) }

// Dropped returns a function that closes the file as when nothing holds it any more, if it is still
// open, and does not hold it itself. Whoever has the turn may call it.
func (f *File) Dropped() func() { return f.t.abandon }

// abandon ends the stream of a File that nothing holds, if it was pushed.
func (t *tail) abandon() {
	o := t.files
	if o == nil {
		return
	}
	o.mu.Lock()
	ok := o.take(t)
	if ok {
		if l, is := t.leak(); is {
			l.What += ", which nothing held any more"
			o.dropped = append(o.dropped, l)
		}
		o.ending.Add(1)
	}
	o.mu.Unlock()
	if ok {
		t.stream.(Abandoner).Abandon(t.wbuf)
		o.ending.Done()
	}
}

// Push pushes f as a Lua object and returns 1. From then on its stream, if it
// is an Abandoner, is ended with the interpreter, or when nothing holds f.
func Push(s *interp.State, f *File) int {
	f.t.where = s.Origin()
	return s.Return(Object(s.Interp(), f))
}

// Object returns f as a Lua object, as Push pushes it.
func Object(in *interp.Engine, f *File) *lua.LUserData {
	if _, ok := f.t.stream.(Abandoner); ok && !f.standard && f.t.files == nil {
		openFilesOf(in).add(f.t)
		interp.OnDrop(in, f, f.t, func(_ *interp.Engine, t *tail) { t.abandon() })
	}
	return in.NewObject(Type, f)
}
