package interp

import (
	"reflect"
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// fixConcats has chains of ".." call concatenation, which adds up before it makes
// a string. gopher-lua's compiler knows no constants but strings and numbers, so
// until it is done a string stands for the function: one longer than any of the
// chunk's, so that it is none of these. It is returned, for putConcats.
func fixConcats(chunk []ast.Stmt, longest int) (standIn string) {
	standIn = strings.Repeat(" ", longest+1)
	fixNode(reflect.ValueOf(chunk), standIn)
	return standIn
}

// fixNode replaces the chains in a part of the tree.
func fixNode(v reflect.Value, standIn string) {
	switch v.Kind() {
	case reflect.Interface:
		if e, ok := v.Interface().(*ast.StringConcatOpExpr); ok {
			if call := concatCall(e, standIn); call != nil {
				v.Set(reflect.ValueOf(call))
			}
		}
		fixNode(v.Elem(), standIn)
	case reflect.Pointer:
		fixNode(v.Elem(), standIn)
	case reflect.Slice:
		for i := range v.Len() {
			fixNode(v.Index(i), standIn)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fixNode(v.Field(i), standIn)
		}
	}
}

// concatCall returns a chain as a call, or nil for one with at most one operand that
// is no literal.
func concatCall(e *ast.StringConcatOpExpr, standIn string) ast.Expr {
	call := at(&ast.FuncCallExpr{AdjustRet: true}, e)
	call.Func = at(&ast.StringExpr{Value: standIn}, e)
	for chain, more := e, true; more; {
		call.Args = append(call.Args, chain.Lhs)
		rest := chain.Rhs
		if chain, more = rest.(*ast.StringConcatOpExpr); !more {
			call.Args = append(call.Args, rest)
		}
	}
	unknown := 0
	for _, operand := range call.Args {
		if !isLiteral(operand) {
			unknown++
		}
	}
	if unknown < 2 {
		return nil
	}
	switch last := call.Args[len(call.Args)-1].(type) { // one value of it
	case *ast.FuncCallExpr:
		last.AdjustRet = true
	case *ast.Comma3Expr:
		last.AdjustRet = true
	}
	return call
}

func isLiteral(e ast.Expr) bool {
	switch e.(type) {
	case *ast.StringExpr, *ast.NumberExpr:
		return true
	}
	return false
}

// putConcats puts the function where its stand-in is.
func putConcats(p *lua.FunctionProto, standIn string) {
	for i, c := range p.Constants {
		if c == lua.LString(standIn) {
			p.Constants[i] = concatenation
		}
	}
	for _, f := range p.FunctionPrototypes {
		putConcats(f, standIn)
	}
}
