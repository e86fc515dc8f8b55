package repl

import (
	"bytes"
	"cmp"
	"io"
	"slices"

	"golang.org/x/term"
)

// openTerminal makes p a prompt whose lines are edited.
func (p *Prompt) openTerminal() {
	p.editor = &editor{
		prompt: p.c.Prompt, more: p.c.More, keys: &keyboard{in: p.input}, history: openHistory(p.c.History),
		screen: screen{out: p.c.Out, width: 80},
	}
	if raw, err := rawConn(p.c.In); err == nil {
		_ = raw.Control(func(fd uintptr) {
			if term.IsTerminal(int(fd)) {
				p.fd = int(fd)
			}
		})
	}
}

// write writes to Out: below the cursor, or above the line that is typed.
func (p *Prompt) write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(b) == 0 {
		return 0, nil
	}
	text := b
	p.partial = b[len(b)-1] != '\n'
	if p.partial && p.typing { // the line that is typed begins a line
		text, p.partial = append(slices.Clone(b), '\n'), false
	}
	if p.typing {
		p.editor.screen.erase()
		defer p.editor.draw()
	}
	if p.typing || p.editor != nil && p.fd < 0 { // the terminal is in raw mode
		text = bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))
	}
	n, err := p.c.Out.Write(text)
	return min(n, len(b)), err
}

// edit lets a piece be typed, and returns its source. Its error is errInterrupted if it was abandoned.
func (p *Prompt) edit() (string, error) {
	p.input.ask(true) // before it shows: a script that was stopped while it read is still there to take what is typed
	defer p.input.ask(false)
	done, err := p.beginTyping()
	if err != nil {
		done("")
		return "", err
	}
	for {
		k, err := p.editor.keys.next()
		if err != nil {
			done("")
			return "", err
		}
		switch p.key(k) {
		case whole:
			done("")
			p.editor.history.add(p.editor.text)
			return p.source(p.editor.text), nil
		case abandoned:
			done("^C")
			return "", errInterrupted
		case leave:
			done("")
			return "", io.EOF
		case wantTab:
			p.completeLine()
		}
	}
}

// key gives a key to the editor, and shows what that did.
func (p *Prompt) key(k key) verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.measure()
	v := p.editor.key(k, p.needsMore)
	if v == goOn {
		_ = p.editor.draw()
	}
	return v
}

// measure tells the editor the terminal's size, which may have changed.
func (p *Prompt) measure() {
	if p.fd >= 0 {
		if width, height, err := term.GetSize(p.fd); err == nil && width > 0 {
			p.editor.screen.resize(width, height)
		}
	}
}

// beginTyping prepares the terminal for a piece. What it returns is called after that, with what is shown
// behind it.
func (p *Prompt) beginTyping() (done func(mark string), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var old *term.State
	if p.fd >= 0 {
		old, err = term.MakeRaw(p.fd)
	}
	if p.partial {
		_, _ = io.WriteString(p.c.Out, "\r\n")
	}
	p.typing, p.partial = true, false
	p.editor.begin()
	p.measure()
	_, failed := io.WriteString(p.c.Out, pasteOn)
	err = cmp.Or(err, failed, p.editor.draw())
	return func(mark string) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.typing = false
		p.editor.finish(mark + pasteOff)
		if old != nil {
			_ = term.Restore(p.fd, old)
		}
	}, err
}
