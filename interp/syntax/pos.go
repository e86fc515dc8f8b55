package syntax

// Pos returns where the chunk's first statement may begin: after a byte order mark
// and a first line that is no Lua.
func (n *Chunk) Pos() Pos { return n.Body.From }

// End returns the end of the source.
func (n *Chunk) End() Pos { return n.Body.To }

func (n *Block) Pos() Pos { return n.From }
func (n *Block) End() Pos { return n.To }

func (n *Comment) Pos() Pos { return n.From }
func (n *Comment) End() Pos { return n.To }

func (n *Name) Pos() Pos { return n.From }
func (n *Name) End() Pos { return n.From.plus(len(n.Value)) }

// Pos returns where "if" or "elseif" is.
func (n *Clause) Pos() Pos { return n.If }
func (n *Clause) End() Pos { return n.Body.To }

func (n *Field) Pos() Pos { return n.From }
func (n *Field) End() Pos { return n.Value.End() }

// plus returns the place n bytes after p on its line.
func (p Pos) plus(n int) Pos {
	p.Offset += int32(n)
	p.Col += int32(n)
	return p
}

// The statements' places.

func (n *LocalStmt) Pos() Pos     { return n.Local }
func (n *AssignStmt) Pos() Pos    { return n.Targets[0].Pos() }
func (n *CallStmt) Pos() Pos      { return n.Call.From }
func (n *DoStmt) Pos() Pos        { return n.Do }
func (n *WhileStmt) Pos() Pos     { return n.While }
func (n *RepeatStmt) Pos() Pos    { return n.Repeat }
func (n *IfStmt) Pos() Pos        { return n.Clauses[0].If }
func (n *ForStmt) Pos() Pos       { return n.For }
func (n *ForInStmt) Pos() Pos     { return n.For }
func (n *FuncStmt) Pos() Pos      { return n.Function }
func (n *LocalFuncStmt) Pos() Pos { return n.Local }
func (n *ReturnStmt) Pos() Pos    { return n.Return }
func (n *BreakStmt) Pos() Pos     { return n.Break }
func (n *GotoStmt) Pos() Pos      { return n.Goto }
func (n *LabelStmt) Pos() Pos     { return n.From }

func (n *LocalStmt) End() Pos {
	if len(n.Values) > 0 {
		return n.Values[len(n.Values)-1].End()
	}
	return n.Names[len(n.Names)-1].End()
}
func (n *AssignStmt) End() Pos    { return n.Values[len(n.Values)-1].End() }
func (n *CallStmt) End() Pos      { return n.Call.To }
func (n *DoStmt) End() Pos        { return n.To }
func (n *WhileStmt) End() Pos     { return n.To }
func (n *RepeatStmt) End() Pos    { return n.Cond.End() }
func (n *IfStmt) End() Pos        { return n.To }
func (n *ForStmt) End() Pos       { return n.To }
func (n *ForInStmt) End() Pos     { return n.To }
func (n *FuncStmt) End() Pos      { return n.Func.To }
func (n *LocalFuncStmt) End() Pos { return n.Func.To }
func (n *ReturnStmt) End() Pos    { return n.To }
func (n *BreakStmt) End() Pos     { return n.Break.plus(len("break")) }
func (n *GotoStmt) End() Pos      { return n.Label.End() }
func (n *LabelStmt) End() Pos     { return n.To }

func (*LocalStmt) stmt()     {}
func (*AssignStmt) stmt()    {}
func (*CallStmt) stmt()      {}
func (*DoStmt) stmt()        {}
func (*WhileStmt) stmt()     {}
func (*RepeatStmt) stmt()    {}
func (*IfStmt) stmt()        {}
func (*ForStmt) stmt()       {}
func (*ForInStmt) stmt()     {}
func (*FuncStmt) stmt()      {}
func (*LocalFuncStmt) stmt() {}
func (*ReturnStmt) stmt()    {}
func (*BreakStmt) stmt()     {}
func (*GotoStmt) stmt()      {}
func (*LabelStmt) stmt()     {}

// The expressions' places.

func (n *NilExpr) Pos() Pos    { return n.From }
func (n *TrueExpr) Pos() Pos   { return n.From }
func (n *FalseExpr) Pos() Pos  { return n.From }
func (n *VarargExpr) Pos() Pos { return n.From }
func (n *NameExpr) Pos() Pos   { return n.Name.From }
func (n *NumberExpr) Pos() Pos { return n.From }
func (n *StringExpr) Pos() Pos { return n.From }
func (n *FuncExpr) Pos() Pos   { return n.From }
func (n *IndexExpr) Pos() Pos  { return n.From }
func (n *CallExpr) Pos() Pos   { return n.From }
func (n *TableExpr) Pos() Pos  { return n.From }
func (n *UnaryExpr) Pos() Pos  { return n.From }
func (n *BinaryExpr) Pos() Pos { return n.From }
func (n *ParenExpr) Pos() Pos  { return n.From }

func (n *NilExpr) End() Pos    { return n.From.plus(len("nil")) }
func (n *TrueExpr) End() Pos   { return n.From.plus(len("true")) }
func (n *FalseExpr) End() Pos  { return n.From.plus(len("false")) }
func (n *VarargExpr) End() Pos { return n.From.plus(len("...")) }
func (n *NameExpr) End() Pos   { return n.Name.End() }
func (n *NumberExpr) End() Pos { return n.To }
func (n *StringExpr) End() Pos { return n.To }
func (n *FuncExpr) End() Pos   { return n.To }
func (n *IndexExpr) End() Pos  { return n.To }
func (n *CallExpr) End() Pos   { return n.To }
func (n *TableExpr) End() Pos  { return n.To }
func (n *UnaryExpr) End() Pos  { return n.To }
func (n *BinaryExpr) End() Pos { return n.To }
func (n *ParenExpr) End() Pos  { return n.To }

func (*NilExpr) expr()    {}
func (*TrueExpr) expr()   {}
func (*FalseExpr) expr()  {}
func (*VarargExpr) expr() {}
func (*NameExpr) expr()   {}
func (*NumberExpr) expr() {}
func (*StringExpr) expr() {}
func (*FuncExpr) expr()   {}
func (*IndexExpr) expr()  {}
func (*CallExpr) expr()   {}
func (*TableExpr) expr()  {}
func (*UnaryExpr) expr()  {}
func (*BinaryExpr) expr() {}
func (*ParenExpr) expr()  {}
