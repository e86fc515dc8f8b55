package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"wirelua/interp"
	"wirelua/stdlib"
)

// watcher is what --watch needs: files of code, as they were before the script loaded them, and what the
// script listens on, for the next run. A nil one, which is that of a command without the flag, does nothing.
type watcher struct {
	keeper stdlib.Keeper
	late   *time.Timer // closes what a run has not taken

	mu    sync.Mutex
	files []watched // the script first
}

type watched struct {
	path string
	info fs.FileInfo // nil: there was none
}

// How the files are watched: they are looked at every so often, and a change is over when nothing has happened
// for settling, since editors write in steps. A run that needs longer than claiming to bind what the one before had
// bound finds it closed meanwhile.
const (
	looking  = 200 * time.Millisecond
	settling = 50 * time.Millisecond
	claiming = 5 * time.Second
)

// changed is the error of a script that is to be run again.
type changed struct{ file string }

func (c changed) Error() string { return c.file + " changed" }

// watch says what is wrong with --watch beside the other flags, and makes o's watcher.
func (o *options) watch() error {
	switch {
	case !o.watching:
	case o.check || o.examples.asked() || o.docs.asked() || o.examples.run.set || o.interactive || o.bundling.out != "":
		return errors.New("--watch runs a script again and again, and goes with no flag that does something else")
	case !o.script || o.name == "-":
		return errors.New("--watch needs a script that is a file")
	default:
		o.watcher = new(watcher)
		o.watcher.anew(o.name)
	}
	return nil
}

// anew forgets all files but the script.
func (w *watcher) anew(script string) {
	w.mu.Lock()
	w.files = nil
	w.mu.Unlock()
	w.loading(script)
}

// loading notes a file that is about to be read, or looked for.
func (w *watcher) loading(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.files {
		if f.path == path {
			return
		}
	}
	info, _ := os.Stat(path)
	w.files = append(w.files, watched{path, info})
}

// look returns a file that is another now than it was when this was last asked.
func (w *watcher) look() (path string, found bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.files {
		f := &w.files[i]
		if info, _ := os.Stat(f.path); !same(info, f.info) {
			f.info = info
			path, found = f.path, true
		}
	}
	return path, found
}

func same(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && os.SameFile(a, b)
}

// await waits until a file changes, and the change is over. The error is ctx's end, which may come in the middle.
func (w *watcher) await(ctx context.Context) (c changed, err error) {
	for pause := looking; ; {
		select {
		case <-ctx.Done():
			return c, context.Cause(ctx)
		case <-time.After(pause):
		}
		switch path, found := w.look(); {
		case found:
			c.file, pause = path, settling
		case c.file != "":
			return c, nil
		}
	}
}

// configure has an interpreter tell of the files that it loads.
func (w *watcher) configure(c *interp.Config) {
	if w != nil {
		c.Loading = w.loading
	}
}

// begin hands what was kept to an interpreter that is about to run.
func (w *watcher) begin(in *interp.Interpreter) {
	if w != nil {
		w.keeper.Attach(in)
		w.late = time.AfterFunc(claiming, w.keeper.Drop)
	}
}

// ending is called before the interpreter is closed. A run that succeeded has taken what it needs of the one before.
func (w *watcher) ending(err error) {
	if w == nil {
		return
	}
	if w.late.Stop(); err == nil {
		w.keeper.Drop()
	}
	w.keeper.Ending()
}

// watch runs the script, again whenever a file changes, until a signal comes.
func (s *session) watch(ctx context.Context) error {
	w := s.o.watcher
	defer w.keeper.Drop()
	for {
		err := s.untilChanged(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if s.stuck {
			return errors.New("the script does not stop")
		}
		var c changed
		if !errors.As(err, &c) {
			fmt.Fprintf(os.Stderr, "wirelua: watching; %s has ended with status %d, waiting for a change\n", s.o.name, status(err, s.o.loaded))
			if c, err = w.await(ctx); err != nil {
				return err
			}
		}
		fmt.Fprintf(os.Stderr, "wirelua: watching; %s, running again\n", c)
		w.anew(s.o.name)
	}
}

// untilChanged runs the script until it ends, or a file changes: the error is changed then.
func (s *session) untilChanged(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer s.limit(cancel)()
	defer s.deliver.Store(nil)
	chunks, err := s.o.chunks(ctx)
	if err != nil {
		return err
	}
	seen := make(chan changed)
	go func() {
		c, err := s.o.watcher.await(ctx)
		if err == nil {
			s.o.watcher.keeper.Ending()
			cancel(c)
		}
		seen <- c
	}()
	err = s.run(ctx, chunks)
	cancel(nil)
	if c := <-seen; c.file != "" {
		return c
	}
	return err
}
