package repl

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// history is what was typed before, the oldest first. It is kept in a file that other prompts use at the same time: each
// piece is a line there, appended when it was typed. Where the file cannot be read or
// written there is none.
type history struct {
	path   string // "": not kept
	pieces []string
}

// What is kept of a history: when a file has grown to twice that, the older half goes.
const (
	maxPieces  = 1000
	maxHistory = 256 << 10 // bytes
)

var (
	toFile   = strings.NewReplacer("\\", `\\`, "\n", `\n`, "\r", `\r`)
	fromFile = strings.NewReplacer(`\\`, "\\", `\n`, "\n", `\r`, "\r")
)

func openHistory(path string) *history {
	h := &history{path: path}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		h.path = "" // a pipe would be waited for
		return h
	}
	if text, err := os.ReadFile(path); err == nil {
		for line := range strings.Lines(latest(string(text))) {
			h.pieces = append(h.pieces, strings.ToValidUTF8(fromFile.Replace(strings.TrimSuffix(line, "\n")), "\ufffd"))
		}
	}
	return h
}

// add notes a piece, but for what nobody wants back.
func (h *history) add(piece string) {
	piece = strings.TrimRight(piece, "\n")
	if strings.TrimSpace(piece) == "" || len(h.pieces) > 0 && h.pieces[len(h.pieces)-1] == piece {
		return
	}
	h.pieces = append(h.pieces, piece)
	if h.path != "" && len(piece) < maxHistory/4 {
		_ = h.keep(toFile.Replace(piece) + "\n")
	}
}

// keep appends a line to the file, which nobody else changes meanwhile.
func (h *history) keep(line string) error {
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	f, err := openLocked(h.path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteString(line); err != nil {
		return err
	}
	text, err := os.ReadFile(h.path)
	if err != nil || len(text) < 2*maxHistory && strings.Count(string(text), "\n") < 2*maxPieces {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteString(latest(string(text)))
	return err
}

// latest returns the last lines of a file.
func latest(text string) string {
	if len(text) > maxHistory {
		_, text, _ = strings.Cut(text[len(text)-maxHistory:], "\n")
	}
	for n := strings.Count(text, "\n"); n > maxPieces; n-- {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}

// find returns the place of the last piece before the one at before that has text in it, and is not
// the one given; -1 is none.
func (h *history) find(text string, before int, not string) int {
	for i, piece := range slices.Backward(h.pieces[:max(before, 0)]) {
		if piece != not && strings.Contains(piece, text) {
			return i
		}
	}
	return -1
}
