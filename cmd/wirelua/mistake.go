package main

import (
	"errors"
	"os"
	"strings"

	"wirelua/interp"
	"wirelua/interp/hint"
	"wirelua/interp/syntax"
)

// sources are the texts that ran.
type sources []interp.Chunk

// about is what follows a script's error: on a terminal the line that it names, and what to write
// instead if the mistake is one that is known.
func (all sources) about(err error) string {
	var failure *interp.Error
	if !errors.As(err, &failure) {
		return ""
	}
	found := all.named(failure.Message)
	text := ""
	if len(found) == 1 && isTerminal(os.Stderr) {
		text = caret(failure, found[0])
	}
	for _, source := range append(found, "") {
		if say := hint.Of(failure.Message, source); say != "" {
			return text + "wirelua: hint: " + say + "\n"
		}
	}
	return text
}

// named returns the sources of the chunks that a message may be about: several are called "-e".
func (all sources) named(message string) (found []string) {
	name, line, _ := hint.Place(message)
	if line == 0 {
		return nil
	}
	for _, c := range all {
		if c.Name == name {
			found = append(found, c.Source)
		}
	}
	if found == nil && strings.HasSuffix(name, ".lua") { // one that the script loaded
		if text, err := os.ReadFile(name); err == nil {
			found = append(found, string(text))
		}
	}
	return found
}

// caret shows where in its line an error is.
func caret(failure *interp.Error, source string) string {
	var wrong *syntax.Error
	if errors.As(failure, &wrong) {
		return hint.Caret(source, int(wrong.Pos.Line), int(wrong.Pos.Col))
	}
	_, line, _ := hint.Place(failure.Message)
	return hint.Caret(source, line, hint.Column(failure.Message, source))
}
