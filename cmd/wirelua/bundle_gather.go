package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"wirelua/interp"
	"wirelua/interp/syntax"
	"wirelua/stdlib"
)

// luaFiles are those of a bundle, the script first.
type luaFiles []luaFile

type luaFile struct {
	name   string // in the bundle: relative to the script's folder, with slashes
	path   string // where it was found
	source string
}

// gatherer finds the files of a bundle.
type gatherer struct {
	warnings io.Writer
	folder   string // the script's
	all      luaFiles
	own      *interp.Interpreter // to ask for wirelua's modules
}

// gather returns the files called names, the script first, and those that these require, by names that
// are constants. What it does not find it tells of in warnings: the script may do without.
func gather(warnings io.Writer, names []string) (luaFiles, error) {
	own, err := interp.New(interp.Config{Modules: stdlib.Modules(), FS: noFiles{}})
	if err != nil {
		return nil, err
	}
	defer own.Close()
	g := &gatherer{warnings: warnings, folder: filepath.Dir(names[0]), own: own}
	for _, name := range names {
		in, err := g.named(name)
		if err != nil {
			return nil, err
		}
		if err := g.add(in, name); err != nil {
			return nil, err
		}
	}
	for i := 0; i < len(g.all); i++ { // of which there are more and more
		if err := g.follow(g.all[i]); err != nil {
			return nil, err
		}
	}
	return g.all, nil
}

// noFiles is a file system that has none.
type noFiles struct{}

func (noFiles) Open(string) (fs.File, error) { return nil, fs.ErrNotExist }

// named returns the name in the bundle of a file that the command line names: as it is found from the script's
// folder, or else from this one.
func (g *gatherer) named(file string) (string, error) {
	for _, folder := range []string{g.folder, "."} {
		if name, ok := below(folder, file); ok {
			return name, nil
		}
	}
	return "", fmt.Errorf("%s is neither below the script's folder nor this one: no name in a bundle leads there", file)
}

// below returns the path from a folder to a file, with slashes, if it is below.
func below(folder, file string) (string, bool) {
	from, err1 := filepath.Abs(folder)
	to, err2 := filepath.Abs(file)
	name, err := filepath.Rel(from, to)
	if errors.Join(err, err1, err2) != nil || !filepath.IsLocal(name) {
		return "", false
	}
	return filepath.ToSlash(name), true
}

// add reads a file. One that has been added already is not again.
func (g *gatherer) add(name, path string) error {
	for _, f := range g.all {
		if f.name == name {
			return nil
		}
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return reason(path, err)
	}
	g.all = append(g.all, luaFile{name, path, string(source)})
	_, err = interp.Compile(path, string(source))
	return err
}

// follow adds what a file requires.
func (g *gatherer) follow(f luaFile) (err error) {
	chunk, err := syntax.Parse(f.path, f.source, syntax.SkipFirstLine(), syntax.SkipComments())
	if err != nil {
		return err
	}
	syntax.Walk(chunk, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || err != nil {
			return err == nil
		}
		name, constant, requires := required(call)
		switch {
		case requires && !constant:
			g.warn(f, call, "the name that is required is computed: its files are to be named after the script, if they are not")
		case requires:
			err = g.require(f, call, name)
		}
		return true
	})
	return err
}

// required returns what a call requires: require "name", or pcall(require, "name").
func required(call *syntax.CallExpr) (name string, constant, requires bool) {
	args := call.Args
	if !isRequire(call.Func) {
		if len(args) == 0 || !isRequire(args[0]) {
			return "", false, false
		}
		args = args[1:]
	} else if call.Method != nil {
		return "", false, false
	}
	if len(args) == 0 {
		return "", false, true
	}
	s, constant := args[0].(*syntax.StringExpr)
	if constant {
		name = s.Value
	}
	return name, constant, true
}

func isRequire(e syntax.Expr) bool {
	name, ok := e.(*syntax.NameExpr)
	return ok && name.Name.Value == "require"
}

// require adds the module's file, which is sought where require looks: beside the script, and from this
// folder on. The script itself is no module.
func (g *gatherer) require(f luaFile, call *syntax.CallExpr, module string) error {
	slashed := strings.ReplaceAll(module, ".", "/")
	for _, folder := range []string{g.folder, "."} {
		for _, name := range []string{slashed + ".lua", slashed + "/init.lua"} {
			path := filepath.Join(folder, filepath.FromSlash(name))
			info, err := os.Stat(path)
			if err == nil && info.Mode().IsRegular() && fs.ValidPath(name) && name != g.all[0].name {
				return g.add(name, path)
			}
		}
	}
	if !g.has(module) {
		g.warn(f, call, fmt.Sprintf("module '%s' is not found, and not bundled", module))
	}
	return nil
}

// has reports whether a module is wirelua's own.
func (g *gatherer) has(module string) bool {
	out, err := g.own.Eval(context.Background(), "require", "return (pcall(require, ...))", module)
	return err == nil && out[0] == true
}

func (g *gatherer) warn(f luaFile, call *syntax.CallExpr, what string) {
	fmt.Fprintf(g.warnings, "wirelua: warning: %s:%d: %s\n", f.path, call.Pos().Line, what)
}
