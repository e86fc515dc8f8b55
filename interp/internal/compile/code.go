package compile

import (
	lua "github.com/yuin/gopher-lua"
)

// An instruction of the VM's is 32 bits: from the lowest on B and C with 9 bits each,
// A with 8, and 6 of the operation. Bx takes the place of B and C, and sBx is Bx less
// maxJump. In an operand that may be a register or a constant, called RK, bit 8 says that
// it is a constant.
const (
	maxRK       = 255       // the last constant that an RK can name
	maxBx       = 1<<18 - 1 // the last constant and the last function that a Bx can
	maxJump     = 1<<17 - 1
	maxC        = 1<<9 - 1
	constantBit = 1 << 8
)

func abc(op, a, b, c int) uint32 {
	return uint32(op)<<26 | uint32(a)<<18 | uint32(c)<<9 | uint32(b)
}

func abx(op, a, bx int) uint32 { return uint32(op)<<26 | uint32(a)<<18 | uint32(bx) }

func opOf(inst uint32) int { return int(inst >> 26) }

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
	pc := f.emit(line, abx(lua.OP_JMP, 0, 0))
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
	if distance > maxJump || distance < -maxJump {
		f.c.fail(f.at(pc), "control structure too long")
	}
	f.code[pc] = f.code[pc]&^maxBx | uint32(distance+maxJump)
}

// jumpTarget returns where the jump at pc leads.
func jumpTarget(code []uint32, pc int) int { return pc + 1 + int(code[pc]&maxBx) - maxJump }

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
			pc += int(f.proto.FunctionPrototypes[inst&maxBx].NumUpvalues)
		case lua.OP_SETLIST:
			if inst>>9&maxC == 0 {
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
	first := f.code[pc-n]
	f.code[pc-n] = abc(lua.OP_MOVEN, int(first>>18&0xff), int(first&maxC), min(n-1, maxC))
}

// shorten has the jump at pc lead where the jumps lead that it leads to.
func (f *function) shorten(pc int) {
	to := jumpTarget(f.code, pc)
	for range maxHops {
		if opOf(f.code[to]) != lua.OP_JMP {
			break
		}
		next := jumpTarget(f.code, to)
		if d := next - (pc + 1); d > maxJump || d < -maxJump {
			break
		}
		to = next
	}
	f.patch(pc, to)
}
