// Package scripts holds the example scripts: those of the HOWTO, larger ones, and the tour. They
// travel in the command, which lists, prints, runs and copies them.
package scripts

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

//go:embed *.lua howto/*.lua examples/*.lua examples/lib/*.lua
var files embed.FS

// Example is a script.
type Example struct {
	Name   string // "chat_server"
	Group  string // the folder that it is in here: "howto", "examples", or "" for the tour and the like
	About  string // what it is for, in a sentence
	Source string
}

// All returns the examples, in the order in which one learns by them. Any goroutine may call it.
var All = sync.OnceValue(func() (all []Example) {
	for _, group := range []string{"", "howto", "examples"} {
		names, _ := fs.Glob(files, path.Join(group, "*.lua"))
		for _, name := range names {
			source, _ := files.ReadFile(name)
			all = append(all, Example{strings.TrimSuffix(path.Base(name), ".lua"), group, about(string(source)), string(source)})
		}
	}
	return all
})

// about is the first sentence of the comment that a script begins with.
func about(source string) string {
	var words []string
	for line := range strings.Lines(source) {
		text, ok := strings.CutPrefix(line, "--")
		if text = strings.TrimSpace(text); !ok || text == "" {
			break
		}
		words = append(words, text)
	}
	text := strings.Join(words, " ")
	if end := strings.Index(text, ". "); end >= 0 {
		text = text[:end]
	}
	return strings.TrimSuffix(text, ".")
}

// Find returns the example of that name, which may be given with its folder and ".lua", too.
func Find(name string) (e Example, ok bool) {
	base := strings.TrimSuffix(name, ".lua")
	for _, e := range All() {
		if base == e.Name || base == path.Join(e.Group, e.Name) || base == path.Join("scripts", e.Group, e.Name) {
			return e, true
		}
	}
	return Example{}, false
}

const requires = `require\s*\(?\s*["'](lib\.\w+)["']`

// required adds to found what a script requires of the examples' own modules, and what these do, by
// their paths from the script's folder on.
func required(source string, found map[string]string) {
	for _, m := range regexp.MustCompile(requires).FindAllStringSubmatch(source, -1) {
		name := strings.ReplaceAll(m[1], ".", "/") + ".lua"
		if found[name] != "" {
			continue
		}
		data, err := files.ReadFile("examples/" + name)
		if err == nil {
			found[name] = string(data)
			required(string(data), found)
		}
	}
}

// Copy writes the example into a folder, and below that what it requires, so that it runs there. It
// returns the path of the script. A file that is there already, and is another, is left alone:
// that is an error.
func (e Example) Copy(dir string) (script string, err error) {
	all := map[string]string{e.Name + ".lua": e.Source}
	required(e.Source, all)
	for name, source := range all {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if old, err := os.ReadFile(file); err == nil && !bytes.Equal(old, []byte(source)) {
			return "", fmt.Errorf("%s is there already, and is another", file)
		}
	}
	for name, source := range all {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return "", err
		}
		if err := os.WriteFile(file, []byte(source), 0o666); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, e.Name+".lua"), nil
}
