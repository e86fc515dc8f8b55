package repl

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"
)

// openTerminal makes p a prompt whose lines are edited.
func (p *Prompt) openTerminal() {
	p.term = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{&keys{in: p.input}, p.c.Out}, "")
	p.term.AutoCompleteCallback = p.key
	p.term.History = history{p.term.History, p}
	p.width = 80
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
	out := p.c.Out
	if p.term != nil && (p.typing || p.fd < 0) {
		out = p.term
	}
	n, err := out.Write(text)
	return min(n, len(b)), err
}

// edit shows a prompt and lets a line be typed.
func (p *Prompt) edit(prompt string) (string, error) {
	done, err := p.beginTyping()
	if err != nil {
		return "", err
	}
	p.input.ask(true)
	defer p.input.ask(false)
	p.term.SetPrompt(prompt)
	p.abandoned = false
	line, err := p.term.ReadLine()
	if err == term.ErrPasteIndicator {
		err = nil
	}
	done(err)
	if p.abandoned && err == nil {
		err = errInterrupted
	}
	return line, err
}

// beginTyping prepares the terminal for a line. What it returns is called after that.
func (p *Prompt) beginTyping() (done func(error), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var old *term.State
	if p.fd >= 0 {
		if old, err = term.MakeRaw(p.fd); err != nil {
			return nil, err
		}
		if width, height, err := term.GetSize(p.fd); err == nil && width > 0 {
			p.width = width
			_ = p.term.SetSize(width, height)
		}
	}
	if p.partial {
		_, _ = io.WriteString(p.c.Out, "\r\n")
	}
	p.typing, p.partial = true, false
	return func(err error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.typing = false
		if err != nil { // the cursor is still in the line, and there will be no other
			_, _ = io.WriteString(p.c.Out, "\r\n")
		}
		if old != nil {
			_ = term.Restore(p.fd, old)
		}
	}, nil
}

// abandon is what Ctrl-C is to the terminal, which would take it for the end of all input: a
// key that is unknown to it, and the end of the line.
const (
	ctrlC      = "\x03"
	abandonKey = '\x1f'
	abandon    = string(abandonKey) + "\r"
)

// keys are the input as the terminal reads it.
type keys struct {
	in   *input
	rest []byte
}

func (k *keys) Read(p []byte) (int, error) {
	if len(k.rest) == 0 {
		typed := make([]byte, 256)
		n, err := k.in.read(typed, true)
		if err != nil {
			return 0, err
		}
		typed = typed[:n]
		if bytes.ContainsAny(typed, "\r\n") { // pasted: nothing to complete
			typed = bytes.ReplaceAll(typed, []byte("\t"), []byte(indent))
		}
		k.rest = bytes.ReplaceAll(typed, []byte(ctrlC), []byte(abandon))
	}
	n := copy(p, k.rest)
	k.rest = k.rest[n:]
	return n, nil
}

// history is what was typed before, but for what nobody wants back.
type history struct {
	term.History
	p *Prompt
}

func (h history) Add(line string) {
	if h.p.abandoned || strings.TrimSpace(line) == "" || h.Len() > 0 && h.At(0) == line {
		return
	}
	h.History.Add(line)
}

// key is called for what the terminal has no use for itself.
func (p *Prompt) key(line string, pos int, key rune) (string, int, bool) {
	switch key {
	case abandonKey:
		p.abandoned = true
		line += "^C"
		return line, len(line), true
	case '\t':
		more := p.complete(line[:pos])
		return line[:pos] + more + line[pos:], pos + len(more), true
	}
	return "", 0, false
}

const (
	indent = "  " // what Tab is where there is no name
	// patience is how long Tab waits for its turn: a thread may be computing.
	patience = 200 * time.Millisecond
)

// complete returns what belongs after line, in which the last name is incomplete. If
// that can be several things, it lists them.
func (p *Prompt) complete(line string) string {
	at := strings.LastIndexFunc(line, func(c rune) bool {
		return !(c == '.' || c == ':' || c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z')
	}) + 1
	word := line[at:]
	if i := strings.LastIndex(word, ".."); i >= 0 {
		word = word[i+2:]
	}
	if word == "" {
		return indent
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	names := p.in.Complete(ctx, word)
	if len(names) == 0 {
		return ""
	}
	common := names[0]
	for _, name := range names {
		for !strings.HasPrefix(name, common) {
			common = common[:len(common)-1]
		}
	}
	typed := len(word) - 1 - strings.LastIndexAny(word, ".:")
	if len(names) > 1 && len(common) == typed {
		_ = p.show(columns(names, p.width))
	}
	return common[typed:]
}

// columns lists names in lines that are no wider than width, if they can be.
func columns(names []string, width int) string {
	each := 0
	for _, name := range names {
		each = max(each, len(name)+2)
	}
	perLine := max(1, width/each)
	var b strings.Builder
	for i, name := range names {
		b.WriteString(name)
		if (i+1)%perLine == 0 || i == len(names)-1 {
			b.WriteByte('\n')
		} else {
			b.WriteString(strings.Repeat(" ", each-len(name)))
		}
	}
	return b.String()
}
