package syntax

// kind is what sort of token a token is.
type kind uint8

const (
	tEOF kind = iota
	tName
	tNumber
	tString
	tOther // a character that begins no token of Lua's

	// Marks.
	tAdd
	tSub
	tMul
	tDiv
	tMod
	tPow
	tLen
	tEQ
	tNE
	tLE
	tGE
	tLT
	tGT
	tAssign
	tLParen
	tRParen
	tLBrace
	tRBrace
	tLBracket
	tRBracket
	tSemicolon
	tColon
	tDoubleColon
	tComma
	tDot
	tConcat
	tDots

	// Words.
	tAnd
	tBreak
	tDo
	tElse
	tElseif
	tEnd
	tFalse
	tFor
	tFunction
	tIf
	tIn
	tLocal
	tNil
	tNot
	tOr
	tRepeat
	tReturn
	tThen
	tTrue
	tUntil
	tWhile

	kinds
)

// kindNames are the tokens as errors call them.
var kindNames = [kinds]string{
	tEOF: "<eof>", tName: "<name>", tNumber: "<number>", tString: "<string>",
	tAdd: "+", tSub: "-", tMul: "*", tDiv: "/", tMod: "%", tPow: "^", tLen: "#",
	tEQ: "==", tNE: "~=", tLE: "<=", tGE: ">=", tLT: "<", tGT: ">", tAssign: "=",
	tLParen: "(", tRParen: ")", tLBrace: "{", tRBrace: "}", tLBracket: "[", tRBracket: "]",
	tSemicolon: ";", tColon: ":", tDoubleColon: "::", tComma: ",", tDot: ".", tConcat: "..", tDots: "...",
	tAnd: "and", tBreak: "break", tDo: "do", tElse: "else", tElseif: "elseif", tEnd: "end",
	tFalse: "false", tFor: "for", tFunction: "function", tIf: "if", tIn: "in", tLocal: "local",
	tNil: "nil", tNot: "not", tOr: "or", tRepeat: "repeat", tReturn: "return", tThen: "then",
	tTrue: "true", tUntil: "until", tWhile: "while",
}

// token is one token. text is a name's letters, or what a string means; num is a
// number's value.
type token struct {
	kind     kind
	from, to Pos
	text     string
	num      float64
}

// word returns what s, which has the form of a name, is. "goto" is a name: only
// what follows it makes it a word.
func word(s string) kind {
	if len(s) < 2 || len(s) > 8 {
		return tName
	}
	switch s {
	case "and":
		return tAnd
	case "break":
		return tBreak
	case "do":
		return tDo
	case "else":
		return tElse
	case "elseif":
		return tElseif
	case "end":
		return tEnd
	case "false":
		return tFalse
	case "for":
		return tFor
	case "function":
		return tFunction
	case "if":
		return tIf
	case "in":
		return tIn
	case "local":
		return tLocal
	case "nil":
		return tNil
	case "not":
		return tNot
	case "or":
		return tOr
	case "repeat":
		return tRepeat
	case "return":
		return tReturn
	case "then":
		return tThen
	case "true":
		return tTrue
	case "until":
		return tUntil
	case "while":
		return tWhile
	}
	return tName
}

// Classes of characters. Bytes of 128 and above are in none, as in the C locale.
const (
	isLetter  = 1 << iota // or an underscore
	isDigit               // decimal
	isHex                 // a hexadecimal digit
	isSpace               // that ends no line
	isNewline             // \n or \r
)

var classes = func() (t [256]uint8) {
	for c := range t {
		b := byte(c)
		lower := b | 0x20
		switch {
		case b >= '0' && b <= '9':
			t[c] = isDigit | isHex
		case lower >= 'a' && lower <= 'f':
			t[c] = isLetter | isHex
		case lower >= 'a' && lower <= 'z' || b == '_':
			t[c] = isLetter
		case b == ' ' || b == '\t' || b == '\v' || b == '\f':
			t[c] = isSpace
		case b == '\n' || b == '\r':
			t[c] = isNewline
		}
	}
	return t
}()

func is(c byte, class uint8) bool { return classes[c]&class != 0 }

// marks are the tokens of one character that begin no longer ones.
var marks = [256]kind{
	'+': tAdd, '*': tMul, '/': tDiv, '%': tMod, '^': tPow, '#': tLen,
	'(': tLParen, ')': tRParen, '{': tLBrace, '}': tRBrace, ']': tRBracket,
	';': tSemicolon, ',': tComma,
}
