package compile

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/syntax"
)

// verify says what is wrong with a function's code, which the VM takes on trust: it does
// not look whether registers, constants and places to jump to are there.
func verify(p *lua.FunctionProto) error {
	v := verifier{p: p, n: len(p.Code)}
	if len(p.DbgSourcePositions) != v.n {
		return fmt.Errorf("%d lines for %d instructions", len(p.DbgSourcePositions), v.n)
	}
	if v.n == 0 || opOf(p.Code[v.n-1]) != lua.OP_RETURN && opOf(p.Code[v.n-1]) != lua.OP_JMP {
		return fmt.Errorf("it does not end")
	}
	for pc := 0; pc < v.n; pc++ {
		next := v.instruction(pc)
		if v.err != nil {
			return fmt.Errorf("%s:%d, instruction %d: %w\n%v", p.SourceName, p.LineDefined, pc+1, v.err, p)
		}
		pc = next
	}
	for i, l := range p.DbgLocals {
		if l.EndPc < l.StartPc || l.EndPc > v.n || i > 0 && l.StartPc < p.DbgLocals[i-1].StartPc {
			return fmt.Errorf("local %s from %d to %d", l.Name, l.StartPc, l.EndPc)
		}
	}
	for _, f := range p.FunctionPrototypes {
		if err := verify(f); err != nil {
			return err
		}
	}
	return nil
}

type verifier struct {
	p   *lua.FunctionProto
	n   int
	err error
}

func (v *verifier) check(ok bool, format string, args ...any) {
	if !ok && v.err == nil {
		v.err = fmt.Errorf(format, args...)
	}
}

func (v *verifier) register(r int) { v.check(r < int(v.p.NumUsedRegisters), "register %d", r) }

func (v *verifier) constant(k int) { v.check(k < len(v.p.Constants)-1, "constant %d", k) }

func (v *verifier) text(k int) {
	v.constant(k)
	if v.err == nil {
		_, ok := v.p.Constants[k].(lua.LString)
		v.check(ok, "constant %d is no string", k)
	}
}

func (v *verifier) rk(x int) {
	if x&glua.ConstantBit != 0 {
		v.constant(x &^ glua.ConstantBit)
	} else {
		v.register(x)
	}
}

func (v *verifier) target(pc int) {
	to := jumpTarget(v.p.Code, pc)
	v.check(to >= 0 && to < v.n, "a jump to %d", to+1)
}

func (v *verifier) followed(pc, op int) {
	v.check(pc+1 < v.n && opOf(v.p.Code[pc+1]) == op, "what comes next")
}

// instruction looks at the one at pc, and returns the place of its last word.
func (v *verifier) instruction(pc int) int {
	inst := v.p.Code[pc]
	a, b, c, bx := int(inst>>18&0xff), int(inst&glua.MaxC), int(inst>>9&glua.MaxC), int(inst&glua.MaxBx)
	switch op := opOf(inst); op {
	case lua.OP_MOVE, lua.OP_NOT, lua.OP_TESTSET, lua.OP_LOADNIL:
		v.register(a)
		v.register(b)
		if op == lua.OP_TESTSET {
			v.followed(pc, lua.OP_JMP)
		}
	case lua.OP_MOVEN:
		v.register(a)
		v.register(b)
		for i := 1; i <= c; i++ {
			v.check(pc+i < v.n && opOf(v.p.Code[pc+i]) == lua.OP_MOVE, "MOVEN")
		}
	case lua.OP_LOADK:
		v.register(a)
		v.constant(bx)
	case lua.OP_GETGLOBAL, lua.OP_SETGLOBAL:
		v.register(a)
		v.text(bx)
	case lua.OP_GETUPVAL, lua.OP_SETUPVAL:
		v.register(a)
		v.check(b < int(v.p.NumUpvalues), "upvalue %d", b)
	case lua.OP_GETTABLE, lua.OP_GETTABLEKS, lua.OP_SELF:
		v.register(a)
		v.register(b)
		v.rk(c)
		if op != lua.OP_GETTABLE && c&glua.ConstantBit != 0 {
			v.text(c &^ glua.ConstantBit)
		}
		if op == lua.OP_SELF {
			v.register(a + 1)
		}
	case lua.OP_SETTABLE, lua.OP_SETTABLEKS, lua.OP_ADD, lua.OP_SUB, lua.OP_MUL, lua.OP_DIV, lua.OP_MOD, lua.OP_POW:
		v.register(a)
		v.rk(b)
		v.rk(c)
	case lua.OP_EQ, lua.OP_LT, lua.OP_LE:
		v.rk(b)
		v.rk(c)
		v.followed(pc, lua.OP_JMP)
	case lua.OP_UNM, lua.OP_LEN:
		v.register(a)
		v.rk(b)
	case lua.OP_JMP:
		v.target(pc)
	case lua.OP_FORPREP, lua.OP_FORLOOP:
		v.register(a + 3)
		v.target(pc)
	case lua.OP_TFORLOOP:
		v.register(a + 5)
		v.register(a + 2 + c)
		v.followed(pc, lua.OP_JMP)
	case lua.OP_TEST:
		v.register(a)
		v.followed(pc, lua.OP_JMP)
	case lua.OP_CALL, lua.OP_TAILCALL:
		v.register(a + max(b-1, 0))
		v.register(a + max(c-2, 0))
		if op == lua.OP_TAILCALL {
			v.followed(pc, lua.OP_RETURN)
		}
	case lua.OP_RETURN:
		v.check(b < 2 || a+b-2 < int(v.p.NumUsedRegisters), "values up to register %d", a+b-2)
	case lua.OP_SETLIST:
		v.register(a + b)
		if c == 0 {
			return pc + 1
		}
	case lua.OP_CLOSURE:
		v.register(a)
		v.check(bx < len(v.p.FunctionPrototypes), "function %d", bx)
		return v.upvalues(pc, bx)
	case lua.OP_LOADBOOL, lua.OP_NEWTABLE, lua.OP_VARARG:
		v.register(a)
	case lua.OP_CLOSE:
	default:
		v.check(false, "operation %d", op)
	}
	return pc
}

func (v *verifier) upvalues(pc, fn int) int {
	if v.err != nil {
		return pc
	}
	for range v.p.FunctionPrototypes[fn].NumUpvalues {
		pc++
		v.check(pc < v.n && (opOf(v.p.Code[pc]) == lua.OP_MOVE || opOf(v.p.Code[pc]) == lua.OP_GETUPVAL), "an upvalue's word")
	}
	return pc
}

// luaSources returns the Lua files of the project.
func luaSources(t *testing.T) (all []string) {
	err := filepath.WalkDir("../../..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".lua") {
			var data []byte
			data, err = os.ReadFile(path)
			all = append(all, string(data))
		}
		return err
	})
	if err != nil || len(all) < 20 {
		t.Fatal(len(all), err)
	}
	return all
}

func TestVerify(t *testing.T) {
	for _, source := range luaSources(t) {
		compileAndVerify(t, source)
	}
}

// TestVerifyMutants does the same with files in which words are put at other places:
// what is still Lua after that is seldom what a person would write.
func TestVerifyMutants(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	valid := 0
	var lines []string
	for _, source := range luaSources(t) {
		for _, line := range strings.Split(source, "\n") {
			if _, err := syntax.Parse("t", line); err == nil && len(line) < 400 {
				lines = append(lines, line)
			}
		}
	}
	for range 20000 {
		words := strings.Fields(lines[r.IntN(len(lines))] + " " + lines[r.IntN(len(lines))])
		if len(words) == 0 {
			continue
		}
		for range 1 + r.IntN(3) {
			i, j := r.IntN(len(words)), r.IntN(len(words))
			words[i] = words[j]
		}
		if compileAndVerify(t, strings.Join(words, " ")) {
			valid++
		}
	}
	if valid < 1000 {
		t.Errorf("only %d were Lua", valid)
	}
}

func compileAndVerify(t *testing.T, source string) bool {
	chunk, err := syntax.Parse("t", source)
	if err != nil {
		return false
	}
	p, err := Compile(chunk, Options{Concat: joining, Pop: joining})
	if err != nil {
		return false
	}
	if err := verify(p); err != nil {
		t.Errorf("%.2000s\n%v", source, err)
	}
	return true
}

// TestVerifierFinds tries the verifier itself.
func TestVerifierFinds(t *testing.T) {
	for _, bad := range []uint32{
		glua.ABC(lua.OP_MOVE, 200, 0, 0), glua.ABx(lua.OP_LOADK, 0, 1000), glua.ABx(lua.OP_JMP, 0, glua.MaxJump+1000), glua.ABC(lua.OP_ADD, 0, 0, 200), glua.ABC(lua.OP_TEST, 0, 0, 0),
		glua.ABx(lua.OP_CLOSURE, 0, 7), glua.ABC(lua.OP_CALL, 0, 100, 1), glua.ABC(lua.OP_GETUPVAL, 0, 0, 0), glua.ABC(lua.OP_GETTABLEKS, 0, 0, glua.ConstantBit|1), glua.ABC(lua.OP_CONCAT, 0, 0, 1),
	} {
		p, err := compiled(t, "local a = 'x' a = 5 a = 6")
		if err != nil {
			t.Fatal(err)
		}
		p.Code[0] = bad
		if verify(p) == nil {
			t.Errorf("nothing is wrong with\n%v", p)
		}
	}
}
