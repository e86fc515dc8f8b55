package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"wirelua/interp"
	"wirelua/interp/manual"
	"wirelua/stdlib"
)

// docs are the flags about the manual.
type docs struct {
	doc   ownArguments
	types string
}

func (d *docs) define(f *pflag.FlagSet) {
	f.Var(&d.doc, "doc", "print what the manual has of a `NAME` (socket, socket.bind, socket:recv, a word), or its modules")
	f.Lookup("doc").NoOptDefVal = "true"
	f.StringVar(&d.types, "types", "", "write definition files for lua-language-server, and a .luarc.json that names them, into the folder `DIR`")
}

func (d *docs) asked() bool { return d.doc.set || d.types != "" }

// operands reads what follows the flags.
func (d *docs) operands(args []string) error {
	if d.doc.set && d.doc.name == "" && len(args) == 1 {
		d.doc.name, args = args[0], nil
	}
	if len(args) > 0 {
		return errors.New("--doc takes one name, and --types no more than a folder")
	}
	return nil
}

// show does what was asked for, and returns the exit status.
func (d *docs) show() int {
	err := withBook(func(b *manual.Book) error {
		if d.types != "" {
			return writeTypes(b, d.types)
		}
		text := b.Text(d.doc.name)
		if text == "" {
			return fmt.Errorf("there is no '%s' in the manual; --doc lists the modules", d.doc.name)
		}
		_, err := os.Stdout.WriteString(text)
		return err
	})
	if err != nil {
		fmt.Fprintf(os.Stderr, "wirelua: %v\n", err)
		return statusFailed
	}
	return 0
}

// withBook calls do with the manual of all modules.
func withBook(do func(*manual.Book) error) error {
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		return err
	}
	defer in.Close()
	in.Engine().WithTurn(func() { err = do(manual.Of(in.Engine())) })
	return err
}

// writeTypes writes the definition files into a folder, which may be there, and a .luarc.json unless
// there is one.
func writeTypes(b *manual.Book, dir string) error {
	dir, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return err
	}
	for name, text := range b.Definitions() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	settings, _ := json.MarshalIndent(map[string]any{
		"$schema":         "https://raw.githubusercontent.com/LuaLS/vscode-lua/master/setting/schema.json",
		"runtime.version": "Lua 5.1",
		"runtime.builtin": map[string]string{"io": "disable", "os": "disable"}, // defined here
		"workspace":       map[string]any{"library": []string{dir}},
	}, "", "  ")
	path := filepath.Join(dir, ".luarc.json")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		fmt.Printf("%s is there, and stays as it is; it needs:\n%s\n", path, settings)
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(append(settings, '\n'))
	if e := f.Close(); err == nil {
		err = e
	}
	fmt.Printf("the definitions are in %s; scripts elsewhere need a copy of its .luarc.json\n", dir)
	return err
}
