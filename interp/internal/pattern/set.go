package pattern

import "sync"

// byteSet is a set of bytes, one bit each.
type byteSet [4]uint64

func (b *byteSet) has(c byte) bool { return b[c>>6]>>(c&63)&1 != 0 }
func (b *byteSet) add(c byte)      { b[c>>6] |= 1 << (c & 63) }

func (b *byteSet) addSet(o *byteSet) {
	for i := range b {
		b[i] |= o[i]
	}
}

func (b *byteSet) addRange(from, to byte) {
	for c := int(from); c <= int(to); c++ {
		b.add(byte(c))
	}
}

func (b *byteSet) complement() {
	for i := range b {
		b[i] = ^b[i]
	}
}

// readSet reads what is between the brackets of a pattern's [set], which is
// known to be well-formed.
func readSet(work *steps, pat string) (b byteSet) {
	i, negated := 0, false
	if pat[0] == '^' {
		i, negated = 1, true
	}
	for ; i < len(pat); i++ {
		work.spend(1)
		switch {
		case pat[i] == '%':
			if i++; i == len(pat) { // "[a-%%]": where a range ends Lua knows of no '%'
				b.add(']')
				break
			}
			b.addSet(&classes()[pat[i]])
		case i+2 < len(pat) && pat[i+1] == '-':
			work.spend(10)
			b.addRange(pat[i], pat[i+2])
			i += 2
		default:
			b.add(pat[i])
		}
	}
	if negated {
		b.complement()
	}
	return b
}

// special are the bytes that make a pattern more than plain text: ^$*+?.([%-
var special = byteSet{
	1<<'$' | 1<<'%' | 1<<'(' | 1<<'*' | 1<<'+' | 1<<'-' | 1<<'.' | 1<<'?',
	1<<('['-64) | 1<<('^'-64),
}

// classes returns what %x stands for, by x. They are about ASCII, as in Lua's own "C"
// locale: what a script accepts must not depend on where it runs. They are made when a pattern is
// first used, for a script that uses none to start sooner.
var classes = sync.OnceValue(func() *[256]byteSet {
	var t [256]byteSet
	for c := range t {
		t[c].add(byte(c)) // %. is '.'
	}
	for class, ranges := range map[byte]string{
		'a': "AZaz", 'c': "\x00\x1f\x7f\x7f", 'd': "09", 'l': "az", 'p': "!/:@[`{~",
		's': "\t\r  ", 'u': "AZ", 'w': "09AZaz", 'x': "09AFaf", 'z': "\x00\x00",
	} {
		var b byteSet
		for i := 0; i < len(ranges); i += 2 {
			b.addRange(ranges[i], ranges[i+1])
		}
		t[class] = b
		b.complement()
		t[class-'a'+'A'] = b
	}
	return &t
})
