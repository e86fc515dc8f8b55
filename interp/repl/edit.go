package repl

import (
	"io"
	"strings"
)

// editor is a piece that is being typed on a terminal.
type editor struct {
	line
	prompt, more string
	keys         *keyboard
	screen       screen
	history      *history

	place    int    // in the history: len(pieces) is the piece that is typed
	draft    string // that, meanwhile
	recalled bool   // the last key has brought back a piece: the next one may go on in the history
	search   *search
	leaving  bool // the last key was Ctrl-C, and there was nothing
}

// search is what Ctrl-R looks for.
type search struct {
	text   string
	found  int // in the history; -1: nothing
	before line
}

// verdict is what becomes of a piece after a key.
type verdict int

const (
	goOn verdict = iota
	whole
	abandoned
	leave
	wantTab
)

// begin is for a new piece.
func (e *editor) begin() {
	e.line = line{killed: e.killed}
	e.place, e.draft, e.recalled, e.search = len(e.history.pieces), "", false, nil
	e.screen.forget()
}

// draw shows the line, or what was found.
func (e *editor) draw() error {
	prompt := e.prompt
	if e.search != nil {
		prompt = "(search: " + e.search.text + ") "
		if e.search.found < 0 {
			prompt = "(not found: " + e.search.text + ") "
		}
	}
	return e.screen.draw(layout(e.screen.width, prompt, e.more, e.text, e.at))
}

// finish puts the cursor below the line, after mark.
func (e *editor) finish(mark string) {
	e.search = nil
	e.at = len(e.text)
	_ = e.draw()
	_, _ = io.WriteString(e.screen.out, mark+"\r\n")
	e.screen.forget()
}

// key does what a key says. needsMore reports whether a text can be the beginning of a piece only.
func (e *editor) key(k key, needsMore func(string) bool) verdict {
	if e.search != nil && e.searchKey(k) {
		return goOn
	}
	leaving, recalled := e.leaving, e.recalled
	e.leaving, e.recalled = false, false
	switch k.code {
	case enter, newline:
		if !needsMore(e.text) {
			return whole
		}
		e.insert("\n")
	case ctrlC:
		e.leaving = e.text == ""
		if leaving && e.leaving {
			return leave
		}
		return abandoned
	case ctrlD:
		if e.text == "" {
			return leave
		}
		e.erase(k)
	case tab:
		return wantTab
	case ctrlL:
		_, _ = io.WriteString(e.screen.out, "\x1b[H\x1b[2J")
		e.screen.forget()
	case ctrlR:
		e.search = &search{found: len(e.history.pieces), before: e.line}
	case keyUp, keyDown, ctrlP, ctrlN:
		e.vertical(k.code, recalled)
	default:
		e.edit(k)
	}
	return goOn
}

// vertical moves the cursor by a line, or goes through the history.
func (e *editor) vertical(code rune, recalled bool) {
	switch {
	case code == keyUp && !recalled && e.up(), code == keyDown && !recalled && e.down():
	case code == keyUp || code == ctrlP:
		e.recall(e.place - 1)
	default:
		e.recall(e.place + 1)
	}
}

// recall shows a piece of the history; the one after the last is what was typed.
func (e *editor) recall(place int) {
	e.recalled = true
	last := len(e.history.pieces)
	if place < 0 || place > last {
		return
	}
	if e.place == last {
		e.draft = e.text
	}
	e.place = place
	if place == last {
		e.set(e.draft)
	} else {
		e.set(e.history.pieces[place])
	}
}

// searchKey does what keys do while there is a search, and reports whether that is all: other keys end it.
func (e *editor) searchKey(k key) bool {
	s := e.search
	switch k.code {
	case keyText:
		s.text += k.text
		e.look(len(e.history.pieces), "")
	case backspace, ctrlH:
		query := line{text: s.text, at: len(s.text)}
		s.text = s.text[:query.left()]
		e.look(len(e.history.pieces), "")
	case ctrlR:
		e.look(s.found, e.text)
	case ctrlC, ctrlG:
		e.line = s.before
		e.search = nil
	default:
		e.search = nil
		return false
	}
	return true
}

// look shows the last piece before a place in the history that has what is searched, and is not the one given.
func (e *editor) look(before int, not string) {
	s := e.search
	if s.found = e.history.find(s.text, before, not); s.found >= 0 && s.text != "" {
		piece := e.history.pieces[s.found]
		e.place = s.found
		e.text, e.at = piece, strings.LastIndex(piece, s.text)
	}
}
