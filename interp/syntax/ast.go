package syntax

// Pos is a place in a source: where a token begins, or the place after its end.
// The zero Pos is no place.
type Pos struct {
	Offset int32 // in bytes, from 0
	Line   int32 // from 1
	Col    int32 // in bytes, from 1
}

// IsValid reports whether p is a place.
func (p Pos) IsValid() bool { return p.Line > 0 }

// Node is a part of the tree: a *Chunk, *Block, Stmt, Expr, *Name, *Field or *Clause.
type Node interface {
	Pos() Pos // of its first byte
	End() Pos // after its last byte
}

// Stmt is a statement.
type Stmt interface {
	Node
	stmt()
}

// Expr is an expression.
type Expr interface {
	Node
	expr()
}

// Chunk is a whole source: a script, a file, a string given to load.
type Chunk struct {
	Name     string // as errors call it
	Body     *Block
	Comments []*Comment // all, in the order of the source; none with SkipComments
}

// Comment is one comment, long or short.
type Comment struct {
	From, To Pos
	Text     string // as in the source, from "--" on, without the line's end
}

// Block is statements with a scope of their own.
type Block struct {
	Stmts    []Stmt
	From, To Pos // what it spans, from the end of the word before it to the word that ends it
}

// Name is a name where it is declared or used.
type Name struct {
	From  Pos
	Value string
}

// The statements.
type (
	// LocalStmt is "local Names = Values"; Values may be none.
	LocalStmt struct {
		Local  Pos
		Names  []*Name
		Values []Expr
	}
	// AssignStmt is "Targets = Values". A target is a *NameExpr or an *IndexExpr.
	AssignStmt struct {
		Targets []Expr
		Values  []Expr
	}
	// CallStmt is a call whose results nobody wants.
	CallStmt struct{ Call *CallExpr }
	// DoStmt is "do Body end".
	DoStmt struct {
		Do, To Pos // To is after "end", here and below
		Body   *Block
	}
	// WhileStmt is "while Cond do Body end".
	WhileStmt struct {
		While, To Pos
		Cond      Expr
		Body      *Block
	}
	// RepeatStmt is "repeat Body until Cond", whose condition sees Body's locals.
	RepeatStmt struct {
		Repeat, Until Pos
		Body          *Block
		Cond          Expr
	}
	// IfStmt is "if ... elseif ... else Else end"; Else may be nil.
	IfStmt struct {
		Clauses []*Clause
		Else    *Block
		To      Pos
	}
	// ForStmt is "for Var = Start, Limit, Step do Body end"; Step may be nil.
	ForStmt struct {
		For, To            Pos
		Var                *Name
		Start, Limit, Step Expr
		Body               *Block
	}
	// ForInStmt is "for Names in Values do Body end".
	ForInStmt struct {
		For, To Pos
		Names   []*Name
		Values  []Expr
		Body    *Block
	}
	// FuncStmt is "function Target(...) ... end". Target is a *NameExpr, or an
	// *IndexExpr for "a.b.c"; with Method, "a.b:c", whose function has a first parameter
	// self that is not among Func.Params.
	FuncStmt struct {
		Function Pos
		Target   Expr
		Method   bool
		Func     *FuncExpr
	}
	// LocalFuncStmt is "local function Name(...) ... end"; Func's body sees Name.
	LocalFuncStmt struct {
		Local Pos
		Name  *Name
		Func  *FuncExpr
	}
	// ReturnStmt is "return Values"; it is the last of its block.
	ReturnStmt struct {
		Return, To Pos
		Values     []Expr
	}
	// BreakStmt is "break".
	BreakStmt struct{ Break Pos }
	// GotoStmt is "goto Label".
	GotoStmt struct {
		Goto  Pos
		Label *Name
	}
	// LabelStmt is "::Name::".
	LabelStmt struct {
		From, To Pos
		Name     *Name
	}
)

// Clause is "if Cond then Body" or "elseif Cond then Body".
type Clause struct {
	If   Pos // of "if" or "elseif"
	Then Pos
	Cond Expr
	Body *Block
}

// The expressions.
type (
	NilExpr    struct{ From Pos }  // NilExpr is "nil".
	TrueExpr   struct{ From Pos }  // TrueExpr is "true".
	FalseExpr  struct{ From Pos }  // FalseExpr is "false".
	VarargExpr struct{ From Pos }  // VarargExpr is "...".
	NameExpr   struct{ Name Name } // NameExpr is a variable: local, of a function around, or global. It has no children.

	// NumberExpr is a number; Raw is as in the source.
	NumberExpr struct {
		From, To Pos
		Value    float64
		Raw      string
	}
	// StringExpr is a string in quotes or long brackets; Value is what it means.
	StringExpr struct {
		From, To Pos
		Value    string
	}
	// FuncExpr is "function(Params, ...) Body end". In a FuncStmt or a LocalFuncStmt
	// From is the place of the opening parenthesis.
	FuncExpr struct {
		From, To Pos
		Params   []*Name
		Vararg   bool
		Body     *Block
	}
	// IndexExpr is "X[Key]", or "X.key" with Dot at the dot and Key a *StringExpr
	// that spans the name. In the target of a FuncStmt the dot may be a colon.
	IndexExpr struct {
		From, To Pos
		X        Expr
		Dot      Pos // not valid for X[Key]
		Key      Expr
	}
	// CallExpr is "Func(Args)", or "Func:Method(Args)" when Method is not nil. Open is
	// where the arguments begin: a parenthesis, a string or a table.
	CallExpr struct {
		From, To Pos
		Func     Expr
		Method   *Name
		Args     []Expr
		Open     Pos
	}
	// TableExpr is "{Fields}".
	TableExpr struct {
		From, To Pos
		Fields   []*Field
	}
	// UnaryExpr is an operator before X.
	UnaryExpr struct {
		From, To Pos
		Op       Op
		X        Expr
	}
	// BinaryExpr is "X Op Y". From and To are X's and Y's: a chain of thousands has
	// its places at hand at every link.
	BinaryExpr struct {
		From, To Pos
		X        Expr
		Op       Op
		OpPos    Pos
		Y        Expr
	}
	// ParenExpr is "(X)", which of several values is one.
	ParenExpr struct {
		From, To Pos
		X        Expr
	}
)

// Field is one entry of a table constructor: "Value" with Key nil, "[Key] = Value", or
// "key = Value", whose Key is a *StringExpr that spans the name.
type Field struct {
	From  Pos
	Key   Expr
	Value Expr
}

// Op is an operator.
type Op uint8

// The operators, binary ones first.
const (
	OpOr Op = iota
	OpAnd
	OpLT
	OpGT
	OpLE
	OpGE
	OpNE
	OpEQ
	OpConcat
	OpAdd
	OpSub
	OpMul
	OpDiv
	OpMod
	OpPow
	OpNot
	OpLen
	OpNeg
)

var opNames = [...]string{"or", "and", "<", ">", "<=", ">=", "~=", "==", "..", "+", "-", "*", "/", "%", "^", "not", "#", "-"}

// String returns the operator as it is written.
func (op Op) String() string { return opNames[op] }
