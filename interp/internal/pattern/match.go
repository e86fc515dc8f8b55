// Package pattern is Lua's patterns, for who has to be able to stop them.
//
// The algorithm is that of Lua's own matcher: it walks the pattern's text and
// backtracks by recursion, so that it answers, and fails, as Lua does: a malformed
// item is an error once it is reached. Two things are different. Backtracking can
// take time without end, so steps are counted and the caller is asked now and then
// whether to go on; and sets are turned into bitmaps when first met.
package pattern

import "strings"

const (
	maxCaptures   = 32   // LUA_MAXCAPTURES
	maxMatchDepth = 2000 // of the recursion, which goes as deep as the pattern is long
)

// Caller is for whom patterns are matched. A Go function of a script's has one for
// each call.
type Caller interface {
	// Look is called before the first step and after each 4,096, a tenth of a
	// millisecond's work at most. It panics to end the matching.
	Look()
	// Fail says what is wrong with the pattern, in Lua's words. It must not return,
	// but panic.
	Fail(message string)
}

// steps counts what is done: a step is some ten nanoseconds, a small thing done or 16
// bytes looked at.
type steps struct {
	caller Caller
	left   int
}

const stepsPerLook = 4096

func (w *steps) spend(n int) {
	if w.left -= n; w.left < 0 {
		w.left = stepsPerLook
		w.caller.Look()
	}
}

// capture is a part of the subject; size may be one of the two below.
type capture struct{ start, size int }

const (
	captureOpen     = -1 // its ')' has not been met yet
	capturePosition = -2 // "()"
)

// set is a pattern's [set], read.
type set struct {
	at    int // where it begins in the pattern, plus one; 0 when the slot is free
	end   int // where what follows it begins
	bytes byteSet
}

// Matcher matches one subject with one pattern, again and again, for one goroutine.
// After a panic of its Caller's, Call makes it fit for use again.
//
// Functions that take a position in subject and pattern call them s and p; a result of
// -1 is "no match".
type Matcher struct {
	steps
	src, pat string
	classes  *[256]byteSet
	start    int // where the pattern begins: behind an anchor
	anchored bool
	depth    int
	level    int // of captures begun
	captures [maxCaptures]capture
	sets     [4]set // read last; by position

	// What every match begins with, found out by prepare: one byte, or one of
	// some. Where there is none, matching need not be tried.
	prepared bool
	first    int // or -1
	leads    bool
	lead     byteSet
}

// Init makes m, which is new, match src with pat; anchors tells whether '^' at the
// beginning is one.
func (m *Matcher) Init(caller Caller, src, pat string, anchors bool) {
	m.caller, m.src, m.pat, m.classes = caller, src, pat, classes()
	if anchors && strings.HasPrefix(pat, "^") {
		m.start, m.anchored = 1, true
	}
}

// Call has m ask another caller from now on.
func (m *Matcher) Call(caller Caller) { m.caller, m.depth = caller, 0 }

// Subject returns what is matched.
func (m *Matcher) Subject() string { return m.src }

// Anchored reports whether the pattern matches at one place only: where Find begins.
func (m *Matcher) Anchored() bool { return m.anchored }

// prepare waits for the first match to be asked for, since it reads the pattern,
// which may be none.
func (m *Matcher) prepare() {
	p := m.start
	if p < len(m.pat) && m.pat[p] == '(' {
		p++
	}
	m.prepared, m.first = true, m.literal(p)
	if m.anchored || m.first >= 0 || p >= len(m.pat) {
		return
	}
	switch m.pat[p] {
	case '[':
		if end := m.itemEnd(p); !m.optional(end) {
			m.leads, m.lead = true, m.set(p).bytes
		}
	case '%':
		if p+1 < len(m.pat) && strings.IndexByte("bf0123456789", m.pat[p+1]) < 0 && !m.optional(p+2) {
			m.leads, m.lead = true, m.classes[m.pat[p+1]]
		}
	}
}

// literal returns the byte that the subject must have where the pattern's item at
// p is matched, or -1 when that is not just one.
func (m *Matcher) literal(p int) int {
	if p >= len(m.pat) || special.has(m.pat[p]) || m.pat[p] == ')' || m.optional(p+1) {
		return -1
	}
	return int(m.pat[p])
}

// optional reports whether the item that ends at p may be absent.
func (m *Matcher) optional(p int) bool {
	return p < len(m.pat) && (m.pat[p] == '*' || m.pat[p] == '?' || m.pat[p] == '-')
}

func (m *Matcher) fail(message string) {
	m.caller.Fail(message)
	panic("pattern: Caller.Fail returned")
}

// Find returns where the first match begins and ends that begins at position s, counted
// from 0, or behind it; end is -1 when there is none.
func (m *Matcher) Find(s int) (start, end int) {
	if !m.prepared {
		m.prepare()
	}
	for !m.anchored {
		if s = m.skip(s); s > len(m.src) {
			return -1, -1
		}
		m.level = 0
		if e := m.match(s, m.start); e >= 0 {
			return s, e
		}
		s++
	}
	m.level = 0
	return s, m.match(s, m.start)
}

// skip returns the first position from s on where there may be a match; it is
// behind the subject's end when there is none.
func (m *Matcher) skip(s int) int {
	switch {
	case s > len(m.src):
	case m.first >= 0:
		i := strings.IndexByte(m.src[s:], byte(m.first))
		if i < 0 {
			return len(m.src) + 1
		}
		return s + i
	case m.leads:
		s += m.run(s, &m.lead, false)
		if s == len(m.src) {
			s++
		}
	}
	return s
}

// match matches the pattern from p on with the subject from s on, and returns
// where the match ends.
func (m *Matcher) match(s, p int) int {
	if m.depth++; m.depth > maxMatchDepth {
		m.fail("pattern too complex")
	}
	e := m.sequence(s, p)
	m.depth--
	return e
}

func (m *Matcher) sequence(s, p int) int {
	for p < len(m.pat) {
		m.spend(1)
		switch m.pat[p] {
		case '(':
			return m.openCapture(s, p+1)
		case ')':
			return m.closeCapture(s, p+1)
		case '$':
			if p+1 == len(m.pat) {
				if s == len(m.src) {
					return s
				}
				return -1
			}
		case '%':
			if s2, p2, ok := m.escape(s, p); ok {
				if s2 < 0 {
					return -1
				}
				s, p = s2, p2
				continue
			}
		}
		end := m.itemEnd(p)
		repeat := byte(0)
		if end < len(m.pat) {
			repeat = m.pat[end]
		}
		switch repeat {
		case '?':
			if m.matches(s, p) {
				if e := m.match(s+1, end+1); e >= 0 {
					return e
				}
			}
			p = end + 1
		case '*':
			return m.longest(s, p, end+1, 0)
		case '+':
			return m.longest(s, p, end+1, 1)
		case '-':
			return m.shortest(s, p, end+1)
		default:
			if !m.matches(s, p) {
				return -1
			}
			s, p = s+1, end
		}
	}
	return s
}

// escape matches the items that begin with '%' and are no single character: %b,
// %f and %1. ok is false when it is none of these.
func (m *Matcher) escape(s, p int) (s2, p2 int, ok bool) {
	if p+1 == len(m.pat) {
		return 0, 0, false
	}
	switch c := m.pat[p+1]; c {
	case 'b':
		return m.balanced(s, p+2), p + 4, true
	case 'f':
		s2, p2 = m.frontier(s, p+2)
		return s2, p2, true
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return m.backReference(s, int(c)-'1'), p + 2, true
	}
	return 0, 0, false
}

// itemEnd returns where the single-character item at p ends.
func (m *Matcher) itemEnd(p int) int {
	switch m.pat[p] {
	case '%':
		if p+1 == len(m.pat) {
			m.fail("malformed pattern (ends with '%')")
		}
		return p + 2
	case '[':
		return m.set(p).end
	}
	return p + 1
}

// matches reports whether the byte at s is one of those the item at p stands for.
func (m *Matcher) matches(s, p int) bool {
	if s >= len(m.src) {
		return false
	}
	switch c := m.pat[p]; c {
	case '.':
		return true
	case '%':
		return m.classes[m.pat[p+1]].has(m.src[s])
	case '[':
		return m.set(p).bytes.has(m.src[s])
	default:
		return c == m.src[s]
	}
}

// span counts the bytes from s on that the item at p stands for.
func (m *Matcher) span(s, p int) int {
	switch c := m.pat[p]; c {
	case '.':
		return len(m.src) - s
	case '%':
		return m.run(s, &m.classes[m.pat[p+1]], true)
	case '[':
		return m.run(s, &m.set(p).bytes, true)
	default:
		var one byteSet
		one.add(c)
		return m.run(s, &one, true)
	}
}

// run counts the bytes from s on that are in a set, or that are not.
func (m *Matcher) run(s int, bytes *byteSet, in bool) int {
	from := s
	for s < len(m.src) {
		piece := m.src[s:min(s+pieceSize, len(m.src))]
		n := 0
		for n < len(piece) && bytes.has(piece[n]) == in {
			n++
		}
		m.spend(n >> 4)
		if s += n; n < len(piece) {
			break
		}
	}
	return s - from
}

// longest matches the item at p as often as it can, but at least min times, and
// what follows at next.
func (m *Matcher) longest(s, p, next, min int) int {
	n := m.span(s, p)
	must := m.literal(next)
	for ; n >= min; n-- {
		if must >= 0 && !m.hasAt(s+n, must) {
			m.spend(1)
			continue
		}
		if e := m.match(s+n, next); e >= 0 {
			return e
		}
	}
	return -1
}

// shortest matches the item at p no more often than what follows needs.
func (m *Matcher) shortest(s, p, next int) int {
	must := m.literal(next)
	for {
		if must >= 0 && !m.hasAt(s, must) {
			m.spend(1)
		} else if e := m.match(s, next); e >= 0 {
			return e
		}
		if !m.matches(s, p) {
			return -1
		}
		s++
	}
}

func (m *Matcher) hasAt(s, c int) bool { return s < len(m.src) && int(m.src[s]) == c }

func (m *Matcher) openCapture(s, p int) int {
	if m.level >= maxCaptures {
		m.fail("too many captures")
	}
	size := captureOpen
	if p < len(m.pat) && m.pat[p] == ')' {
		size = capturePosition
		p++
	}
	m.captures[m.level] = capture{s, size}
	m.level++
	e := m.match(s, p)
	if e < 0 {
		m.level--
	}
	return e
}

func (m *Matcher) closeCapture(s, p int) int {
	i := m.level - 1
	for ; i >= 0 && m.captures[i].size != captureOpen; i-- {
	}
	if i < 0 {
		m.fail("invalid pattern capture")
	}
	m.captures[i].size = s - m.captures[i].start
	e := m.match(s, p)
	if e < 0 {
		m.captures[i].size = captureOpen
	}
	return e
}

// backReference matches what capture i, counted from 0, has matched.
func (m *Matcher) backReference(s, i int) int {
	if i < 0 || i >= m.level || m.captures[i].size == captureOpen {
		m.fail("invalid capture index")
	}
	c := m.captures[i]
	if c.size == capturePosition {
		return -1
	}
	if !m.begins(m.src[s:], m.src[c.start:c.start+c.size]) {
		return -1
	}
	return s + c.size
}

// balanced matches %bxy, whose x is at p.
func (m *Matcher) balanced(s, p int) int {
	if p+1 >= len(m.pat) {
		m.fail("malformed pattern (missing arguments to '%b')")
	}
	open, shut := m.pat[p], m.pat[p+1]
	if s >= len(m.src) || m.src[s] != open {
		return -1
	}
	depth := 1
	for i := s + 1; i < len(m.src); i++ {
		if (i-s)%64 == 0 {
			m.spend(4)
		}
		switch m.src[i] {
		case shut:
			if depth--; depth == 0 {
				return i + 1
			}
		case open:
			depth++
		}
	}
	return -1
}

// frontier matches the empty string before the first of the bytes of the set at
// p; p2 is behind the set. Around the subject there are zeros.
func (m *Matcher) frontier(s, p int) (s2, p2 int) {
	if p >= len(m.pat) || m.pat[p] != '[' {
		m.fail("missing '[' after '%f' in pattern")
	}
	var before, here byte
	if s > 0 {
		before = m.src[s-1]
	}
	if s < len(m.src) {
		here = m.src[s]
	}
	set := m.set(p)
	if set.bytes.has(before) || !set.bytes.has(here) {
		return -1, 0
	}
	return s, set.end
}

// set returns the [set] that begins at p. The result is good until the next call.
func (m *Matcher) set(p int) *set {
	slot := &m.sets[p&3]
	if slot.at != p+1 {
		slot.at, slot.end = p+1, m.setEnd(p)
		slot.bytes = readSet(&m.steps, m.pat[p+1:slot.end-1])
	}
	return slot
}

func (m *Matcher) setEnd(p int) int {
	i := p + 1
	if i < len(m.pat) && m.pat[i] == '^' {
		i++
	}
	for first := true; first || i >= len(m.pat) || m.pat[i] != ']'; first = false {
		if i >= len(m.pat) {
			m.fail("malformed pattern (missing ']')")
		}
		m.spend(1)
		if i++; m.pat[i-1] == '%' && i < len(m.pat) {
			i++
		}
	}
	return i + 1
}

// Captures returns how many captures the pattern has: as many as the last match went
// through.
func (m *Matcher) Captures() int { return m.level }

// Capture returns where capture i, counted from 0, of the match from start to end begins
// and ends. One of a position, "()", ends at -1. Without captures, the first is all of the
// match.
func (m *Matcher) Capture(i, start, end int) (from, to int) {
	if i >= m.level {
		if i > 0 {
			m.fail("invalid capture index")
		}
		return start, end
	}
	c := m.captures[i]
	switch c.size {
	case captureOpen:
		m.fail("unfinished capture")
	case capturePosition:
		return c.start, -1
	}
	return c.start, c.start + c.size
}
