package compile

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

func opOf(inst uint32) int { return glua.Code(inst).Op() }

// emit appends an instruction that belongs to a line, and returns its place.
func (f *function) emit(line int32, inst uint32) int {
	f.code = append(f.code, inst)
	f.lines = append(f.lines, int(line))
	return len(f.code) - 1
}

// label is a place in the code that jumps lead to: before it is known, too.
type label struct {
	pc    int
	known bool
	jumps []int // that wait for it
}

// jump emits JMP sBx: go on sBx instructions after the next one.
func (f *function) jump(line int32, to *label) {
	pc := f.emit(line, glua.ABx(lua.OP_JMP, 0, 0))
	f.lead(pc, to)
}

// lead makes the jump at pc one to a label.
func (f *function) lead(pc int, to *label) {
	if to.known {
		f.patch(pc, to.pc)
	} else {
		to.jumps = append(to.jumps, pc)
	}
}

// bind says that a label is here.
func (f *function) bind(l *label) { f.bindAt(l, len(f.code)) }

// bindAt says where a label is.
func (f *function) bindAt(l *label, pc int) {
	l.pc, l.known = pc, true
	for _, j := range l.jumps {
		f.patch(j, pc)
	}
	l.jumps = nil
}

// patch sets where the jump at pc leads.
func (f *function) patch(pc, to int) {
	distance := to - (pc + 1)
	if distance > glua.MaxJump || distance < -glua.MaxJump {
		f.c.fail(f.at(pc), "control structure too long")
	}
	f.code[pc] = f.code[pc]&^glua.MaxBx | uint32(distance+glua.MaxJump)
}

// jumpTarget returns where the jump at pc leads.
func jumpTarget(code []uint32, pc int) int { return pc + 1 + int(code[pc]&glua.MaxBx) - glua.MaxJump }

// maxHops bounds how many jumps are followed that lead to each other.
const maxHops = 8

// polish makes code quicker that is otherwise done.
//
// A jump to a jump leads where that one leads. MOVEN A B C is a MOVE that has the C
// instructions behind it done at once, which are MOVEs and stay so, for who jumps among
// them. Words that are no instructions are left alone: those behind a CLOSURE, one for
// each upvalue, and behind a SETLIST with C = 0.
func (f *function) polish() {
	moves := 0
	for pc := 0; pc < len(f.code); pc++ {
		inst := f.code[pc]
		if opOf(inst) == lua.OP_MOVE {
			moves++
			continue
		}
		f.fuse(pc, moves)
		moves = 0
		switch opOf(inst) {
		case lua.OP_JMP:
			f.shorten(pc)
		case lua.OP_CLOSURE:
			pc += int(f.proto.FunctionPrototypes[glua.Code(inst).Bx()].NumUpvalues)
		case lua.OP_SETLIST:
			if glua.Code(inst).C() == 0 {
				pc++
			}
		}
	}
}

// fuse makes n MOVEs before pc one MOVEN.
func (f *function) fuse(pc, n int) {
	if n < 2 {
		return
	}
	first := glua.Code(f.code[pc-n])
	f.code[pc-n] = glua.ABC(lua.OP_MOVEN, first.A(), first.B(), min(n-1, glua.MaxC))
}

// shorten has the jump at pc lead where the jumps lead that it leads to.
func (f *function) shorten(pc int) {
	to := jumpTarget(f.code, pc)
	for range maxHops {
		if opOf(f.code[to]) != lua.OP_JMP {
			break
		}
		next := jumpTarget(f.code, to)
		if d := next - (pc + 1); d > glua.MaxJump || d < -glua.MaxJump {
			break
		}
		to = next
	}
	f.patch(pc, to)
}
