package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"wirelua/interp"
	"wirelua/scripts"
)

// examples are the flags about the example scripts, which travel in the command.
type examples struct {
	list        bool
	print, copy string
	dir         string // of copy
	run         ownArguments
}

func (x *examples) define(f *pflag.FlagSet) {
	f.BoolVar(&x.list, "examples", false, "list the example scripts that this command brings along")
	f.StringVar(&x.print, "example", "", "print the example `NAME`")
	f.Var(&x.run, "run-example", "run the example `NAME` with the arguments that follow")
	f.Lookup("run-example").NoOptDefVal = "true"
	f.StringVar(&x.copy, "copy-example", "", "write the example `NAME`, with what it requires, into the folder that follows, or this one")
}

// ownArguments is the value of a flag whose argument is the first operand, so that all that follows
// is for who is named there. To pflag it is a flag without an argument.
type ownArguments struct {
	set  bool
	name string // of --flag=NAME
}

func (v *ownArguments) Set(s string) error {
	if v.set = true; s != "true" {
		v.name = s
	}
	return nil
}

func (v *ownArguments) String() string { return v.name }
func (v *ownArguments) Type() string   { return "bool" }

// asked reports whether one of them is to be listed, printed or written.
func (x *examples) asked() bool { return x.list || x.print != "" || x.copy != "" }

// operands reads what follows the flags.
func (x *examples) operands(args []string) error {
	if x.copy != "" && len(args) == 1 {
		x.dir, args = args[0], nil
	}
	if len(args) > 0 {
		return errors.New("--examples and --example take no further arguments, and --copy-example a folder")
	}
	return nil
}

// show lists, prints or writes, and returns the exit status.
func (x *examples) show() int {
	if x.list {
		group := "."
		for _, e := range scripts.All() {
			if e.Group != group {
				if group = e.Group; group != "" {
					fmt.Printf("\n%s\n", group)
				}
			}
			fmt.Printf("  %-24s %s\n", e.Name, short(e.About))
		}
		return 0
	}
	e, err := find(x.print + x.copy)
	switch {
	case err != nil:
	case x.print != "":
		fmt.Print(e.Source)
	default:
		var script string
		if script, err = e.Copy(x.dir); err == nil {
			fmt.Println(script)
		}
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "wirelua: %v\n", err)
		return statusFailed
	}
	return 0
}

// short cuts a text to what a line of the list has room for.
func short(text string) string {
	const room = 90
	if len(text) <= room {
		return text
	}
	return text[:strings.LastIndex(text[:room], " ")] + " ..."
}

// find returns the example of that name. The error for one that is not there names the nearest, or
// one whose name has it in it.
func find(name string) (scripts.Example, error) {
	e, ok := scripts.Find(name)
	if ok {
		return e, nil
	}
	var all []string
	for _, e := range scripts.All() {
		all = append(all, e.Name)
	}
	near := interp.DidYouMean(name, all)
	if i := slices.IndexFunc(all, func(n string) bool { return strings.Contains(n, name) }); near == "" && i >= 0 {
		near = "; did you mean '" + all[i] + "'?"
	}
	return e, fmt.Errorf("there is no example '%s'%s", name, near)
}

// prepare writes the example that is to be run into a folder of its own, and returns its path
// there and what takes the folder away again: scripts may start programs that read them.
func (x *examples) prepare() (script string, remove func(), err error) {
	e, err := find(x.run.name)
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "wirelua-example-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { os.RemoveAll(dir) }
	if script, err = e.Copy(dir); err != nil {
		remove()
	}
	return script, remove, err
}
