package repl

import (
	"context"
	"strconv"
	"strings"
	"time"
)

const (
	indent = "  " // what Tab is where there is no name
	// patience is how long Tab waits for its turn: a thread may be computing.
	patience = 200 * time.Millisecond
)

// completeLine does what Tab says: what belongs behind the cursor is typed, or told above the line.
func (p *Prompt) completeLine() {
	e := p.editor
	more, told := p.complete(e.text[:e.at]) // without p.mu: who has the turn may write
	if told != "" {
		_ = p.show(told + "\n")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e.insert(more)
	_ = e.draw()
}

// complete returns what belongs after text, in which the last name is incomplete, and what there is to tell:
// the names, if there are several, or the arguments of a function.
func (p *Prompt) complete(text string) (more, told string) {
	word := text[len(text)-len(lastName(text)):]
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if word == "" {
		if name := called(text); name != "" {
			return "", p.in.Engine().Prompt().Signature(ctx, name)
		}
		return indent, ""
	}
	names := p.in.Engine().Prompt().Complete(ctx, word)
	if len(names) == 0 {
		return "", ""
	}
	common := names[0]
	for _, name := range names {
		for !strings.HasPrefix(name, common) {
			common = common[:len(common)-1]
		}
	}
	at := strings.LastIndexAny(word, ".:") + 1
	typed := len(word) - at
	switch {
	case len(names) == 1:
		told = p.in.Engine().Prompt().Signature(ctx, word[:at]+common)
	case len(common) == typed:
		told = columns(names, p.editor.screen.width)
	}
	return common[typed:], told
}

// lastName returns the name that text ends in, "s:set" or "list[1].na"; it may be none.
func lastName(text string) string {
	at := len(text)
	for at > 0 {
		switch c := text[at-1]; {
		case c == '.' || c == ':' || c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z':
			at--
			continue
		case c == ']':
			if key := lastKey(text[:at]); key != "" {
				at -= len(key)
				continue
			}
		}
		break
	}
	word := text[at:]
	if i := strings.LastIndex(word, ".."); i >= 0 {
		word = word[i+2:]
	}
	return word
}

// lastKey returns the constant in brackets that text ends in, "[1]" or "['name']"; "" is none.
func lastKey(text string) string {
	open := strings.LastIndexByte(text, '[')
	if open < 0 {
		return ""
	}
	key := text[open:]
	inside := key[1 : len(key)-1]
	_, err := strconv.ParseUint(inside, 10, 52)
	quoted := len(inside) > 1 && (inside[0] == '"' || inside[0] == '\'') && strings.IndexByte(inside[1:], inside[0]) == len(inside)-2
	if err != nil && !quoted {
		return ""
	}
	return key
}

// called returns the name of the function whose arguments text ends in; "" is none.
func called(text string) string {
	depth := 0
	for i := len(text) - 1; i >= 0; i-- {
		switch text[i] {
		case ')', ']', '}':
			depth++
		case '(', '[', '{':
			if depth--; depth < 0 && text[i] == '(' {
				return lastName(text[:i])
			}
		case '"', '\'':
			i = max(strings.LastIndexByte(text[:i], text[i]), 0)
		}
	}
	return ""
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
	return strings.TrimSuffix(b.String(), "\n")
}
