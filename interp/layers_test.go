package interp_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The files of interp stand on each other. An arrow leads from a file to another one that
// declares what it uses: a function, a method, a field, a type, a constant or a variable of
// the package's. Had the files a perfect order, all arrows would lead down; those that lead
// up in the best order that is found are where files know of each other in circles.
const maxUp = 40

// TestLayers holds the number of those down. An arrow more is no fault by itself: move what
// is used to where it belongs, so that the file below has it, or another arrow goes.
func TestLayers(t *testing.T) {
	names, uses := fileArrows(t, ".")
	order := layers(uses)
	arrows, up := 0, []string{}
	for at, i := range order {
		for j, what := range uses[i] {
			if what == nil {
				continue
			}
			arrows++
			if slices.Index(order, j) > at {
				up = append(up, fmt.Sprintf("%s uses %s of %s", names[i], strings.Join(what, ", "), names[j]))
			}
		}
	}
	t.Logf("%d files, %d arrows, %d of them up", len(names), arrows, len(up))
	if len(up) > maxUp {
		slices.Sort(up)
		t.Errorf("%d arrows lead up, at most %d may:\n\t%s", len(up), maxUp, strings.Join(up, "\n\t"))
	}
}

// fileArrows returns the files of the package in a folder, and what each uses of each: nil is
// nothing. Tests, and files for other systems, do not count.
func fileArrows(t *testing.T, dir string) (names []string, uses [][][]string) {
	t.Helper()
	set := token.NewFileSet()
	var files []*ast.File
	all, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		if fits, _ := build.Default.MatchFile(filepath.Split(path)); !fits || strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files, names = append(files, f), append(names, filepath.Base(path))
	}
	// The types of other packages are not looked at: errors about these are expected.
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: noImports{}, Error: func(error) {}}
	pkg, _ := conf.Check(module+"/interp", set, files, info)
	uses = make([][][]string, len(names))
	for i := range uses {
		uses[i] = make([][]string, len(names))
	}
	file := func(p token.Pos) int { return slices.Index(names, filepath.Base(set.Position(p).Filename)) }
	for id, object := range info.Uses {
		if object.Pkg() != pkg || !object.Pos().IsValid() || !shared(pkg, object) {
			continue
		}
		i, j := file(id.Pos()), file(object.Pos())
		if i != j && !slices.Contains(uses[i][j], object.Name()) {
			uses[i][j] = append(uses[i][j], object.Name())
		}
	}
	return names, uses
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not looked at") }

// shared reports whether an object belongs to the package, or to a type of it, and not to a
// function.
func shared(pkg *types.Package, object types.Object) bool {
	v, isVar := object.(*types.Var)
	_, isFunc := object.(*types.Func)
	return isFunc || isVar && v.IsField() || object.Parent() == pkg.Scope()
}

// layers returns an order of the files, the lowest first, in which few arrows lead up: moving
// any one file would make no fewer. The best of several beginnings is taken.
func layers(uses [][][]string) (best []int) {
	least := -1
	for start := range uses {
		order := make([]int, len(uses))
		for i := range order {
			order[i] = (start + i) % len(uses)
		}
		if start%2 == 1 {
			slices.Reverse(order)
		}
		for improve(order, uses) {
		}
		if n := countUp(order, uses); least < 0 || n < least {
			best, least = order, n
		}
	}
	return best
}

// improve moves each file to where fewest arrows lead up, and reports whether that helped.
func improve(order []int, uses [][][]string) (helped bool) {
	for i := range order {
		v, to, gain := order[i], i, 0
		for _, step := range []int{-1, 1} {
			for j, sum := i+step, 0; j >= 0 && j < len(order); j += step {
				if u := order[j]; uses[v][u] != nil { // from v to u: up, once v is below
					sum -= step
				}
				if u := order[j]; uses[u][v] != nil {
					sum += step
				}
				if sum < gain {
					gain, to = sum, j
				}
			}
		}
		if gain < 0 {
			helped = true
			copy(order[i:], order[i+1:])
			order = slices.Insert(order[:len(order)-1], to, v)
		}
	}
	return helped
}

func countUp(order []int, uses [][][]string) (n int) {
	for i, lower := range order {
		for _, higher := range order[i+1:] {
			if uses[lower][higher] != nil {
				n++
			}
		}
	}
	return n
}

// TestLayersRules tries the search, and the counting.
func TestLayersRules(t *testing.T) {
	chain := make([][][]string, 6) // each uses the next, and the last the third
	for i := range chain {
		chain[i] = make([][]string, 6)
		chain[i][(i+1)%6] = []string{"x"}
	}
	chain[5][0], chain[5][2] = nil, []string{"x"}
	order := layers(chain)
	if n := countUp(order, chain); n != 1 || len(order) != 6 {
		t.Errorf("%d arrows lead up in %v, where one circle is", n, order)
	}
	if n := countUp([]int{0, 1, 2, 3, 4, 5}, chain); n != 5 {
		t.Errorf("%d arrows lead up where all but one do", n)
	}
}
