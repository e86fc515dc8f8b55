package syntax_test

import (
	"errors"
	"fmt"
	"strings"

	"wirelua/interp/syntax"
)

// Where a script assigns to what it never declared. (Names of other scopes count as
// declared here; a checker would keep a stack of them.)
func Example() {
	const source = `
local count = 0
local function inc(by)
  count = count + by
  totl = count -- a slip
end
for i = 1, 3 do inc(i) end
`
	chunk, err := syntax.Parse("count.lua", source)
	if err != nil {
		fmt.Println(err)
		return
	}
	declared := map[string]bool{}
	syntax.Walk(chunk, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Name: // of a local, a parameter, or a loop's variable
			declared[n.Value] = true
		case *syntax.AssignStmt:
			for _, target := range n.Targets {
				if name, ok := target.(*syntax.NameExpr); ok && !declared[name.Name.Value] {
					at := name.Pos()
					fmt.Printf("%s:%d:%d: global '%s'\n", chunk.Name, at.Line, at.Col, name.Name.Value)
				}
			}
		}
		return true
	})
	for _, c := range chunk.Comments {
		fmt.Printf("line %d: %s\n", c.Pos().Line, c.Text)
	}
	// Output:
	// count.lua:5:3: global 'totl'
	// line 5: -- a slip
}

// An error says what lacks its end, and a prompt learns whether to ask for more.
func ExampleError() {
	_, err := syntax.Parse("=stdin", "while true do\n  print('x')\n")
	fmt.Println(err)
	var e *syntax.Error
	if errors.As(err, &e) {
		fmt.Printf("opened at line %d, column %d; more to come: %v\n", e.Opening.Line, e.Opening.Col, e.Incomplete)
	}
	// Output:
	// =stdin:3: 'end' expected (to close 'while' at line 1) near '<eof>'
	// opened at line 1, column 1; more to come: true
}

// Every node knows its text.
func ExampleNode() {
	const source = "return a + b * c .. '!'"
	chunk, _ := syntax.Parse("t", source)
	depth := 0
	syntax.Walk(chunk.Body.Stmts[0], func(n syntax.Node) bool {
		if n == nil {
			depth--
			return false
		}
		fmt.Printf("%s%s\n", strings.Repeat("  ", depth), source[n.Pos().Offset:n.End().Offset])
		depth++
		return true
	})
	// Output:
	// return a + b * c .. '!'
	//   a + b * c .. '!'
	//     a + b * c
	//       a
	//       b * c
	//         b
	//         c
	//     '!'
}
