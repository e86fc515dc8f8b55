package manual

import (
	"fmt"
	"slices"
	"strings"
)

var basic = []string{"any", "nil", "boolean", "string", "number", "integer", "function", "table", "userdata", "fun", "coroutine", "endpoint", "true", "false"}

// Problems says what is wrong with what a function says of itself: for tests.
func (b *Book) Problems(e *Entry) (problems []string) {
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, line := range e.Wrong {
		wrong("a line of no kind: %q", line)
	}
	if e.Same != "" && b.Find(e.Same) == nil {
		wrong("there is no %s", e.Same)
	}
	for _, p := range slices.Concat(e.Params, e.Results) {
		for _, word := range b.Unknown(p.Type) {
			wrong("%s: no type is called %s", p.Name, word)
		}
	}
	for _, p := range e.Params {
		field := p.Name[strings.LastIndex(p.Name, ".")+1:]
		if p.Name != "..." && !strings.Contains(e.Func.Args, field) {
			wrong("there is no %s in its arguments, %s", p.Name, e.Func.Args)
		}
	}
	return append(problems, b.lacks(e)...)
}

// Unknown returns the words of a type, of an argument's or a field's, that name none: for tests.
func (b *Book) Unknown(typ string) (unknown []string) {
	for _, word := range words().FindAllString(typ, -1) {
		known := word[0] == '"' || strings.HasSuffix(word, ":") || slices.Contains(basic, word)
		if !known && b.typed(word) == nil && b.typed(strings.ReplaceAll(word, "_", " ")) == nil {
			unknown = append(unknown, word)
		}
	}
	return unknown
}

// lacks says what a function leaves unsaid: each argument, each field of a table of options, what it
// returns, that it waits, and an example.
func (b *Book) lacks(e *Entry) (lacks []string) {
	if e.Same != "" {
		return nil
	}
	said := b.said(e)
	for _, p := range arguments(e.Func.Args) {
		known := slices.ContainsFunc(said.Params, func(q Param) bool { return q.Name == p.Name || strings.HasPrefix(q.Name, p.Name+".") })
		if !known {
			lacks = append(lacks, "it says nothing of its argument "+p.Name)
		}
	}
	for _, m := range optionName().FindAllStringSubmatch(e.Func.Args, -1) {
		if !slices.ContainsFunc(said.Params, func(q Param) bool { return strings.HasSuffix(q.Name, "."+m[1]) }) {
			lacks = append(lacks, "it says nothing of its option "+m[1])
		}
	}
	if len(said.Results) == 0 && !said.Nothing {
		lacks = append(lacks, "it does not say what it returns")
	}
	if waits := strings.Contains(e.Func.Doc+said.Text, "wait"); e.Func.Restarts && !waits {
		lacks = append(lacks, "it does not say that it waits")
	}
	if said.Example == "" {
		lacks = append(lacks, "it has no example")
	}
	return lacks
}

var optionName = compiled(`[{ ]([a-z_]+)=[,} ]`)
