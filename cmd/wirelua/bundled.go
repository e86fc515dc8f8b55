package main

import (
	"archive/zip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"wirelua/interp"
	"wirelua/interp/policy"
)

// A bundle is this command, and after it a zip of Lua files, the script first. The comment of the zip
// is the last that there is in the file, and bundleMark: by that a bundle knows itself.
const bundleMark = "wirelua bundle: the script is the first file"

// bundle is what an executable carries.
type bundle struct {
	zip    *zip.Reader
	script string // its name there
}

// carried returns what this process's executable carries; nil when that is the bare command.
func carried() (*bundle, error) {
	name, err := executable()
	if err != nil || !isBundle(name) {
		return nil, nil
	}
	f, err := os.Open(name) // and never closed: files are read when they are required
	if err != nil {
		return nil, err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	r, err := zip.NewReader(f, size)
	if err != nil {
		return nil, err
	}
	return &bundle{r, r.File[0].Name}, nil
}

// executable returns a name of this process's executable. Linux has one that needs not be read where it leads.
func executable() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

// isBundle reports whether the file called name is a bundle. Each start of the command asks, so that
// it costs four system calls, and nothing of what Go prepares for an *os.File.
func isBundle(name string) bool {
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer syscall.Close(fd)
	if _, err := syscall.Seek(fd, -int64(len(bundleMark)), io.SeekEnd); err != nil {
		return false
	}
	var end [len(bundleMark)]byte
	n, _ := syscall.Read(fd, end[:])
	return string(end[:max(n, 0)]) == bundleMark
}

// options are those of a process that runs it: all arguments are the script's.
func (b *bundle) options(args []string) *options {
	o := &options{name: os.Args[0], args: args, bundle: b}
	o.fence.policy = policy.All()
	return o
}

// chunk reads the script.
func (b *bundle) chunk() (interp.Chunk, error) {
	source, err := fs.ReadFile(b.zip, b.script)
	return interp.Chunk{Name: b.script, Path: b.script, Source: string(source)}, reason(b.script, err)
}

// code is where the script's require, dofile and loadfile look: the bundle has what a relative path names,
// wherever it is run. The host's files have absolute paths, such as that of a configuration.
func (b *bundle) code() fs.FS {
	if b == nil {
		return nil
	}
	return bundleFS{b.zip}
}

type bundleFS struct{ *zip.Reader }

func (b bundleFS) Open(name string) (fs.File, error) {
	if filepath.IsAbs(name) {
		return os.Open(name)
	}
	return b.Reader.Open(name)
}
