package interp

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"wirelua/interp/internal/osfile"
)

// codeFolder is where a script's own Lua files are, and how files of code are opened for it: what
// the read door allows, and what is in that folder and below.
type codeFolder struct {
	dir    string // "" for a script that is no file
	script string // that file
	open   osfile.Opener
}

// codeFolder returns that of the script in the file called name; "" is none.
func (in *Interpreter) codeFolder(name string) codeFolder {
	switch {
	case name == "":
		return codeFolder{open: in.policy.OpenFile}
	case in.config.FS != nil:
		name = path.Clean(filepath.ToSlash(name))
		return codeFolder{dir: path.Dir(name), script: name}
	}
	dir := filepath.Dir(name)
	return codeFolder{dir, name, in.policy.Reading(dir).OpenFile}
}

// isScript reports whether file is the script itself, which is no module: one that is called as the
// module that it tests or shows means the module.
func (c *codeFolder) isScript(file string) bool {
	if c.script == "" {
		return false
	}
	file, err1 := filepath.Abs(file)
	script, err2 := filepath.Abs(c.script)
	return err1 == nil && err2 == nil && file == script
}

// readScript reads the file given to RunFile: the host's choice, so no policy.
func (s *State) readScript(name string) (string, *Error) {
	source, err := s.readFrom(os.OpenFile, name)
	if err != nil {
		return "", &Error{Message: fileMessage(name, err), cause: AsOpError(err)}
	}
	return source, nil
}

// readCode reads a Lua file for the script that s runs.
func (s *State) readCode(name string) (string, error) {
	if loading := s.in.config.Loading; loading != nil {
		loading(name)
	}
	return s.readFrom(s.thread.run.folder.open, name)
}

// readFrom reads a file of code: opening a FIFO and waiting for what comes through it, or from a
// terminal, lets other threads run, and can be ended.
func (s *State) readFrom(open osfile.Opener, name string) (string, error) {
	if fsys := s.in.config.FS; fsys != nil {
		input := NewInput(&codeReader{fsys: fsys, name: path.Clean(filepath.ToSlash(name))})
		return s.readSource(input.Read, 0)
	}
	if err := s.Interp().DescriptorRoom(1); err != nil {
		return "", err
	}
	s.in.reading++
	defer func() { s.in.reading-- }()
	f, first, err := osfile.Open(open, name, os.O_RDONLY, s.thread.Sleep)
	if err != nil {
		return "", err
	}
	defer f.Close() // which ends a Read under way
	if info, err := f.Stat(); err == nil && (info.Mode().IsRegular() || info.IsDir()) {
		return s.readSource(func(_ *State, p []byte) (int, error) { return f.Read(p) }, int(min(info.Size(), MaxSource)))
	}
	if f.SetDeadline(time.Time{}) != nil { // Go's poller has no such files
		osfile.SetBlocking(f)
	}
	input := NewInput(f)
	input.buf = first
	return s.readSource(input.Read, 0)
}

// readSource reads to the end, or more than MaxSource bytes, of which the compiler tells. size
// is how many there may be.
func (s *State) readSource(read func(s *State, p []byte) (int, error), size int) (string, error) {
	text := make([]byte, 0, max(size+1, 512)) // one more, to see the end
	for len(text) <= MaxSource {
		if err := s.CheckStop(); err != nil {
			return "", err
		}
		text = slices.Grow(text, 1)
		n, err := read(s, text[len(text):min(cap(text), len(text)+maxPiece)])
		text = text[:len(text)+n]
		switch {
		case n > 0:
		case err == io.EOF:
			return string(text), nil
		case err != nil:
			return "", err
		}
	}
	return string(text), nil
}

// maxPiece is how much of a regular file is read in one call of the system's, which nothing can end.
const maxPiece = 1 << 20

// codeReader reads a file of the host's Config.FS, whose calls may take their time: an input
// makes them, without the turn.
type codeReader struct {
	fsys fs.FS
	name string
	text *bytes.Reader // once it was read
}

func (r *codeReader) Read(p []byte) (int, error) {
	if r.text == nil { // whole, so that a file which nobody waits for any more does not stay open
		text, err := r.all()
		if err != nil {
			return 0, err
		}
		r.text = bytes.NewReader(text)
	}
	return r.text.Read(p)
}

func (r *codeReader) all() ([]byte, error) {
	f, err := r.fsys.Open(r.name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, MaxSource+1))
}

// fileMessage says what is wrong with a file as Lua does: "name: reason".
func fileMessage(name string, err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return name + ": " + AsOpError(err).Message
}
