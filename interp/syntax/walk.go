package syntax

import "slices"

// Walk calls visit(node), and if that says true, walks each of node's children in the
// order of the source, and then calls visit(nil). It needs no stack for a deep tree.
// Comments are not in the tree: see Chunk. visit must not change the tree at or above
// the node that it is given.
func Walk(node Node, visit func(Node) bool) {
	todo := []Node{node}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !visit(n) || n == nil {
			continue
		}
		todo = append(todo, nil)
		first := len(todo)
		todo = appendChildren(todo, n)
		slices.Reverse(todo[first:])
	}
}

// appendChildren appends n's children in the order of the source.
func appendChildren(to []Node, n Node) []Node {
	switch n := n.(type) {
	case *Chunk:
		return append(to, n.Body)
	case *Block:
		return appendNodes(to, n.Stmts)
	case *Clause:
		return append(to, n.Cond, n.Body)
	case *Field:
		if n.Key != nil {
			to = append(to, n.Key)
		}
		return append(to, n.Value)
	case Stmt:
		return appendStmt(to, n)
	case Expr:
		return appendExpr(to, n)
	}
	return to
}

func appendStmt(to []Node, n Stmt) []Node {
	switch n := n.(type) {
	case *LocalStmt:
		return appendNodes(appendNodes(to, n.Names), n.Values)
	case *AssignStmt:
		return appendNodes(appendNodes(to, n.Targets), n.Values)
	case *CallStmt:
		return append(to, n.Call)
	case *DoStmt:
		return append(to, n.Body)
	case *WhileStmt:
		return append(to, n.Cond, n.Body)
	case *RepeatStmt:
		return append(to, n.Body, n.Cond)
	case *IfStmt:
		to = appendNodes(to, n.Clauses)
		if n.Else != nil {
			to = append(to, n.Else)
		}
	case *ForStmt:
		to = append(to, n.Var, n.Start, n.Limit)
		if n.Step != nil {
			to = append(to, n.Step)
		}
		return append(to, n.Body)
	case *ForInStmt:
		return append(appendNodes(appendNodes(to, n.Names), n.Values), n.Body)
	case *FuncStmt:
		return append(to, n.Target, n.Func)
	case *LocalFuncStmt:
		return append(to, n.Name, n.Func)
	case *ReturnStmt:
		return appendNodes(to, n.Values)
	case *GotoStmt:
		return append(to, n.Label)
	case *LabelStmt:
		return append(to, n.Name)
	}
	return to
}

func appendExpr(to []Node, n Expr) []Node {
	switch n := n.(type) {
	case *FuncExpr:
		return append(appendNodes(to, n.Params), n.Body)
	case *IndexExpr:
		return append(to, n.X, n.Key)
	case *CallExpr:
		to = append(to, n.Func)
		if n.Method != nil {
			to = append(to, n.Method)
		}
		return appendNodes(to, n.Args)
	case *TableExpr:
		return appendNodes(to, n.Fields)
	case *UnaryExpr:
		return append(to, n.X)
	case *BinaryExpr:
		return append(to, n.X, n.Y)
	case *ParenExpr:
		return append(to, n.X)
	}
	return to
}

func appendNodes[N Node](to []Node, nodes []N) []Node {
	for _, n := range nodes {
		to = append(to, n)
	}
	return to
}
