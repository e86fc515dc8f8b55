// Package hint knows the mistakes that people bring to Lua from Python, JavaScript and C, by an error
// message and the line of source that it names, and says what to write instead. It keeps nothing, and
// costs nothing before it is asked: what it compares with is compiled then.
package hint

import (
	"regexp"
	"strconv"
	"strings"
)

// Of returns what to write instead, in a line; "" if the mistake is none that is known. message is what
// a script failed with ("script.lua:3: 'then' expected near '!'"), source the text of the chunk that it
// names, or "" if nobody has it: then only the message tells. Any goroutine may call it.
func Of(message, source string) string {
	_, at, text := Place(message)
	lines := strings.Split(source, "\n")
	line := func(n int) string {
		if n < 1 || n > len(lines) {
			return ""
		}
		return strings.TrimRight(lines[n-1], "\r")
	}
	for _, rules := range [][]rule{syntax, blocks, operators, running} { // by the line that the message names
		if say := find(rules, text, line(at)); say != "" {
			return say
		}
	}
	if !regexp.MustCompile(expected).MatchString(text) {
		return ""
	}
	for n := at - 1; n >= max(1, at-maxBack); n-- { // "while x:" is noticed where the next statement begins
		if say := find(blocks, text, line(n)); say != "" {
			return say
		}
	}
	if m := regexp.MustCompile(opened).FindStringSubmatch(text); m != nil {
		from, _ := strconv.Atoi(m[1])
		for n := max(1, from); n <= at; n++ {
			if strings.Contains(" "+mask(line(n))+" ", " else if ") {
				return elseIf
			}
		}
	}
	return ""
}

// maxBack is how many lines before the one that a message names may have the mistake.
const maxBack = 4

const (
	place  = `^(.*?):(\d+): `
	opened = `^'(?:end|<eof>)' expected(?: \(to close '\w+' at line (\d+)\))?`
)

// Place takes a message apart that begins with a place: the chunk's name, the line, and what
// happened there. The line of one that does not is 0.
func Place(message string) (name string, line int, text string) {
	m := regexp.MustCompile(place).FindStringSubmatch(message)
	if m == nil {
		return "", 0, message
	}
	line, err := strconv.Atoi(m[2])
	if err != nil {
		return "", 0, message
	}
	return m[1], line, message[len(m[0]):]
}

// rule is a mistake: expressions for the message and the line, each "" if it does not matter, and what to
// say, in which $1 and so on are what the line's expression found. %1 in the line's is what the message's found first.
type rule struct{ message, line, say string }

func find(rules []rule, message, line string) string {
	masked := mask(line)
	for _, r := range rules {
		said := regexp.MustCompile(r.message).FindStringSubmatch(message)
		switch {
		case said == nil:
			continue
		case r.line == "":
			return r.say
		case len(said) > 1:
			r.line = strings.ReplaceAll(r.line, "%1", regexp.QuoteMeta(said[1]))
		}
		pattern := regexp.MustCompile(r.line)
		if found := pattern.FindStringSubmatchIndex(masked); found != nil {
			return clip(asLua(string(pattern.ExpandString(nil, r.say, line, found))))
		}
	}
	return ""
}

// asLua writes what was repeated of a line as Lua has it: constants by Lua's names, and sums done.
func asLua(say string) string {
	for _, name := range [][2]string{{`True`, "true"}, {`False`, "false"}, {`None`, "nil"}} {
		say = regexp.MustCompile(`\b`+name[0]+`\b([^"])`).ReplaceAllString(say, name[1]+"$1")
	}
	return regexp.MustCompile(`(^|[ (])(-?\d{1,9}) ([-+]) 1\b`).ReplaceAllStringFunc(say, func(sum string) string {
		digits := strings.Fields(strings.TrimLeft(sum, " ("))
		n, _ := strconv.Atoi(digits[0])
		if digits[1] == "+" {
			n++
		} else {
			n--
		}
		return sum[:len(sum)-len(strings.TrimLeft(sum, " ("))] + strconv.Itoa(n)
	})
}

// maxHint is how long a hint may get by what it repeats of the line.
const maxHint = 300

func clip(say string) string {
	if len(say) > maxHint {
		return say[:maxHint] + "..."
	}
	return say
}

// mask returns a line with underscores for what stands in its strings, and without its comment: text is
// no mistake. What is in it stands where it stood.
func mask(line string) string {
	b := []byte(line)
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"' || c == '\'':
			for i++; i < len(b) && b[i] != c; i++ {
				if b[i] == '\\' && i+1 < len(b) {
					b[i] = '_'
					i++
				}
				b[i] = '_'
			}
		case c == '-' && i+1 < len(b) && b[i+1] == '-':
			return string(b[:i])
		}
	}
	return string(b)
}
