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
		for _, word := range words.FindAllString(p.Type, -1) {
			known := word[0] == '"' || strings.HasSuffix(word, ":") || slices.Contains(basic, word)
			if !known && b.typed(word) == nil && b.typed(strings.ReplaceAll(word, "_", " ")) == nil {
				wrong("%s: no type is called %s", p.Name, word)
			}
		}
	}
	for _, p := range e.Params {
		field := p.Name[strings.LastIndex(p.Name, ".")+1:]
		if p.Name != "..." && !strings.Contains(e.Func.Args, field) {
			wrong("there is no %s in its arguments, %s", p.Name, e.Func.Args)
		}
	}
	return problems
}
