package main

import (
	"errors"
	"fmt"
	"os"

	"wirelua/interp"
	"wirelua/interp/lint"
	"wirelua/interp/syntax"
	"wirelua/stdlib"
)

// check reports what is wrong with files, syntax errors and what would fail when they run, and returns the exit status.
func check(files []string) int {
	known, err := lint.NewKnown(stdlib.Modules())
	if err != nil {
		fmt.Fprintf(os.Stderr, "wirelua: %v\n", err)
		return statusFailed
	}
	status := 0
	for _, name := range files {
		if !checkFile(known, name) {
			status = statusFailed
		}
	}
	return status
}

func checkFile(known *lint.Known, name string) bool {
	c, err := read(name)
	if err == nil {
		_, err = interp.Compile(c.Name, c.Source)
	}
	var failure *interp.Error
	switch {
	case errors.As(err, &failure):
		fmt.Fprintf(os.Stderr, "%v\n%s", err, sources{c}.about(err))
		return false
	case err != nil:
		fmt.Fprintf(os.Stderr, "wirelua: %v\n", err)
		return false
	}
	chunk, err := syntax.Parse(c.Name, c.Source, syntax.SkipFirstLine())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return false
	}
	found := known.Check(chunk)
	for _, f := range found {
		fmt.Fprintf(os.Stderr, "%s:%d: %s\n", c.Name, f.Pos.Line, f.Message)
	}
	return len(found) == 0
}
