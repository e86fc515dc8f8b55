package interp

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// opener opens a file, as os.OpenFile does, and as a policy's Checker does for scripts.
type opener func(name string, flag int, perm fs.FileMode) (*os.File, error)

// codeFolder is where a script's own Lua files are, and how files of code are opened for it: what
// the read door allows, and what is in that folder and below.
type codeFolder struct {
	dir    string // "" for a script that is no file
	script string // that file
	open   opener
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
	return s.readFrom(s.thread.run.folder.open, name)
}

// readFrom reads a file of code as a script reads any other: opening a FIFO and waiting for what
// comes through it, or from a terminal, lets other threads run, and can be ended.
func (s *State) readFrom(open opener, name string) (string, error) {
	var f *File
	if fsys := s.in.config.FS; fsys != nil {
		f = NewFile(newInput(&codeReader{fsys: fsys, name: path.Clean(filepath.ToSlash(name))}), FileOptions{Readable: true})
	} else {
		var err error
		if f, err = s.in.io.open(s, open, name, os.O_RDONLY); err != nil {
			return "", err
		}
	}
	defer f.Close(s)
	return f.readSource(s)
}

// readSource reads to the end, or as much as is too long to be compiled, which tells of it.
func (f *File) readSource(s *State) (string, error) { return f.readUpTo(s, maxSource+1) }

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
	return io.ReadAll(io.LimitReader(f, maxSource+1))
}

// fileMessage says what is wrong with a file as Lua does: "name: reason".
func fileMessage(name string, err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return name + ": " + AsOpError(err).Message
}
