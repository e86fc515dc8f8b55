package main

import (
	"io"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"wirelua/interp"
	"wirelua/interp/repl"
)

// prompt is where the user goes on, with -i and when there is no script.
type prompt struct {
	*repl.Prompt
	terminal bool
}

func isTerminal(f *os.File) (is bool) {
	if raw, err := f.SyscallConn(); err == nil { // not Fd, which makes the descriptor block
		_ = raw.Control(func(fd uintptr) { is = term.IsTerminal(int(fd)) })
	}
	return is
}

// newPrompt makes the prompt that follows chunks.
func newPrompt(o *options, chunks []interp.Chunk) *prompt {
	p := &prompt{terminal: isTerminal(os.Stdin) && isTerminal(os.Stdout) && os.Getenv("TERM") != "dumb"}
	if len(chunks) == 0 {
		chunks = []interp.Chunk{{Name: "stdin"}} // which has the global arg set
	}
	p.Prompt = repl.New(repl.Config{
		In: os.Stdin, Out: os.Stdout, Err: p.stderr(), Terminal: p.terminal,
		History: historyFile(), Banner: version() + "; help() explains, Ctrl-D leaves",
		Chunks: chunks, Name: o.name, Args: o.args,
	})
	return p
}

// historyFile is where what is typed is kept; "" if nobody says where that belongs.
func historyFile() string {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home := os.Getenv("HOME")
		if !filepath.IsAbs(home) {
			return ""
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "wirelua", "history")
}

// stderr returns where errors go; nil is to the prompt, which is on the same terminal.
func (p *prompt) stderr() io.Writer {
	if p.terminal && isTerminal(os.Stderr) {
		return nil
	}
	return os.Stderr
}

// attach has scripts read what is typed, and write where that does not disturb it.
func (p *prompt) attach(c *interp.Config) {
	c.Stdin, c.Stdout = p.Stdin(), p.Stdout()
	if c.Stderr = p.stderr(); c.Stderr == nil {
		c.Stderr = p.Stdout()
	}
}

// deliver returns what takes a signal that no script takes: Ctrl-C stops what the prompt
// runs. On a terminal it may also come just after that has ended, and then it stops
// nothing.
func (p *prompt) deliver(toScript func(os.Signal) bool) func(os.Signal) bool {
	return func(sig os.Signal) bool {
		return toScript(sig) || sig == os.Interrupt && (p.Interrupt() || p.terminal)
	}
}
