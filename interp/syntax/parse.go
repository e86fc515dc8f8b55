package syntax

import (
	"fmt"
	"math"
)

// MaxDepth is how deeply blocks, functions, tables, parentheses, unary operators and
// powers may lie in each other. Chains of other binary operators, of calls and of
// indexes are as long as the source.
const MaxDepth = 5000

// An Option changes how Parse reads a source.
type Option func(*parser)

// Stop makes Parse ask stop every few thousand tokens and comments, and give up with ErrStopped
// when it says true. Parse calls it on its own goroutine.
func Stop(stop func() bool) Option {
	return func(p *parser) { p.stop = stop }
}

// SkipFirstLine makes Parse skip a first line that begins with '#', so that a script
// can be an executable file. It is for files: in other sources Lua takes '#' for an
// operator.
func SkipFirstLine() Option {
	return func(p *parser) { p.skipFirstLine = true }
}

// SkipComments makes Parse forget comments, for whoever needs none.
func SkipComments() Option {
	return func(p *parser) { p.skipComments = true }
}

// Parse reads source, a chunk of Lua. Errors are *Error and begin with name, which is
// nothing to Parse itself; or ErrStopped. The tree holds pieces of source, and so all
// of it, in memory. Any goroutine may call Parse.
func Parse(name, source string, opts ...Option) (chunk *Chunk, err error) {
	p := &parser{scanner: scanner{name: name, src: source}}
	for _, opt := range opts {
		opt(p)
	}
	defer func() {
		if v := recover(); v != nil {
			bail, ok := v.(bailout)
			if !ok {
				panic(v)
			}
			chunk, err = nil, bail.err
		}
	}()
	return p.chunk(), nil
}

// parser is a parser by recursive descent. Where Lua 5.1's own looks ahead, and
// where it looks at lines, so does this one.
type parser struct {
	scanner
	skipFirstLine bool

	tok      token // the next one
	ahead    token // the one after it, if looked at
	peeked   bool
	prev     Pos   // the end of the last one taken
	prevLine int32 // the line the scanner was on when that was taken

	depth  int
	loops  int  // around here, in this function
	vararg bool // this function takes "..."

	pending []pending // operators that wait for what is on their right
	nodes
}

// nodes are where the tree's parts come from. Rare kinds are made one by one.
type nodes struct {
	blocks     slab[Block]
	names      slab[Name]
	nameExprs  slab[NameExpr]
	numbers    slab[NumberExpr]
	strings    slab[StringExpr]
	indexes    slab[IndexExpr]
	calls      slab[CallExpr]
	binaries   slab[BinaryExpr]
	fieldNodes slab[Field]
	assigns    slab[AssignStmt]
	locals     slab[LocalStmt]
	callStmts  slab[CallStmt]

	stmts    list[Stmt]
	exprs    list[Expr]
	fields   list[*Field]
	nameList list[*Name]
}

func (p *parser) chunk() *Chunk {
	if int64(len(p.src)) >= math.MaxInt32 {
		p.failAt(&Error{Name: p.name, Pos: Pos{0, 1, 1}, Message: "chunk has too many bytes"})
	}
	p.begin(p.skipFirstLine)
	p.tok.to = p.pos()
	p.vararg = true
	p.next()
	body := p.block()
	p.check(tEOF)
	return &Chunk{Name: p.name, Body: body, Comments: p.comments}
}

// next takes the next token.
func (p *parser) next() {
	p.prev, p.prevLine = p.tok.to, p.line
	if p.peeked {
		p.tok, p.peeked = p.ahead, false
		return
	}
	p.scan(&p.tok)
}

// peek returns the token after the next one.
func (p *parser) peek() *token {
	if !p.peeked {
		p.scan(&p.ahead)
		p.peeked = true
	}
	return &p.ahead
}

// accept takes the next token if it is a k.
func (p *parser) accept(k kind) bool {
	if p.tok.kind != k {
		return false
	}
	p.next()
	return true
}

// check demands that the next token is a k.
func (p *parser) check(k kind) {
	if p.tok.kind != k {
		p.fail("'" + kindNames[k] + "' expected")
	}
}

// expect takes the next token, which must be a k, and returns its place.
func (p *parser) expect(k kind) Pos {
	p.check(k)
	from := p.tok.from
	p.next()
	return from
}

// opening is a word or bracket that wants its end.
type opening struct {
	kind kind
	pos  Pos
	line int32 // that errors name
}

// open returns the next token as one that wants its end.
func (p *parser) open() opening {
	return opening{p.tok.kind, p.tok.from, p.line}
}

// close takes the end of what o opened, a k, and returns where it ends.
func (p *parser) close(k kind, o opening) Pos {
	if p.tok.kind != k {
		message := "'" + kindNames[k] + "' expected"
		if o.line != p.line {
			message += fmt.Sprintf(" (to close '%s' at line %d)", kindNames[o.kind], o.line)
		}
		e := p.near(message)
		e.Opening = o.pos
		p.failAt(e)
	}
	p.next()
	return p.prev
}

// enter and leave count how deep the parser, and so the tree, is.
func (p *parser) enter() {
	p.depth++
	if p.depth > MaxDepth {
		e := p.near("chunk has too many syntax levels")
		e.Near, e.Incomplete = "", false
		p.failAt(e)
	}
}

func (p *parser) leave() { p.depth-- }
