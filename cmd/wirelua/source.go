package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"

	"wirelua/interp"
)

// chunks reads what is to be run: each -e, then the script.
func (o *options) chunks(ctx context.Context) ([]interp.Chunk, error) {
	if o.bundle != nil {
		c, err := o.bundle.chunk()
		return []interp.Chunk{c}, err
	}
	var chunks []interp.Chunk
	for _, code := range o.execute {
		chunks = append(chunks, interp.Chunk{Name: "-e", Source: code})
	}
	if o.script {
		var c interp.Chunk
		err := within(ctx, 0, func() (err error) { c, err = read(o.name); return err })
		if ctx.Err() != nil { // while standard input was awaited, which nothing else ends
			return nil, context.Cause(ctx)
		}
		if err != nil {
			return nil, err
		}
		chunks = append(chunks, c)
	}
	return chunks, nil
}

// read reads a script; "-" is standard input.
func read(name string) (interp.Chunk, error) {
	if name == "-" {
		data, err := io.ReadAll(os.Stdin)
		return interp.Chunk{Name: "stdin", Source: string(data)}, reason("stdin", err)
	}
	data, err := os.ReadFile(name)
	return interp.Chunk{Name: name, Path: name, Source: string(data)}, reason(name, err)
}

// reason says why a file could not be read as Lua does, "name: reason", without
// the system call's name.
func reason(name string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return err
}

// version says what was built, with which Go, for what platform.
func version() string {
	v := "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		v = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && v == "(devel)" {
				v += " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return fmt.Sprintf("wirelua %s %s %s/%s", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
