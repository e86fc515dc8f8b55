package compile

import (
	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/syntax"
)

// table computes a constructor: in the first free register, since what is in dst may be
// among its fields.
//
// NEWTABLE A B C makes register A a new table with room for B items and C fields; the
// numbers are what they are, not floating ones as in Lua 5.1's code.
func (f *function) table(e *syntax.TableExpr, dst int) {
	mark, line := f.free, e.From.Line
	f.use(e.From, 1)
	items, fields := sizes(e.Fields)
	f.emit(line, glua.ABC(lua.OP_NEWTABLE, mark, min(items, glua.MaxC), min(fields, glua.MaxC)))
	f.free = mark + 1
	b := builder{f: f, table: mark}
	for i, field := range e.Fields {
		b.field(field, i == len(e.Fields)-1)
	}
	if f.free > mark+1 {
		b.flush(e.To.Line, false)
	}
	f.free = mark
	f.move(line, dst, mark)
}

// sizes returns how many items a constructor has, and how many fields with strings as
// keys, for which the VM has a part of its own.
func sizes(fields []*syntax.Field) (items, named int) {
	for _, field := range fields {
		switch unparenKey(field.Key).(type) {
		case nil:
			items++
		case *syntax.StringExpr:
			named++
		}
	}
	return items, named
}

func unparenKey(e syntax.Expr) syntax.Expr {
	if e == nil {
		return nil
	}
	return unparen(e)
}

// builder fills a table.
type builder struct {
	f       *function
	table   int
	batches int // of items that are in it
}

func (b *builder) field(field *syntax.Field, last bool) {
	f := b.f
	if field.Key == nil {
		b.item(field.Value, last)
		return
	}
	mark := f.free
	t := target{kind: targetField, reg: b.table}
	t.key, t.constant = f.key(field.Key)
	f.store(&t, f.rk(f.operand(field.Value), field.Value), field.Value.End().Line)
	f.free = mark
}

// item computes an item, which waits in its register until there are enough of them.
func (b *builder) item(e syntax.Expr, last bool) {
	f := b.f
	if f.free-b.table-1 == lua.FieldsPerFlush {
		b.flush(e.Pos().Line, false)
	}
	if last && isMulti(e) {
		f.several(e, open)
		b.flush(e.End().Line, true)
		return
	}
	f.push(e)
}

// flush emits SETLIST A B C: the B registers behind A, with B = 0 those up to the top,
// are items of the table in register A, those of its batch C, which counts from 1 and
// has 50. If C is 0, that is the word behind the instruction.
func (b *builder) flush(line int32, isOpen bool) {
	f := b.f
	n := f.free - b.table - 1
	if isOpen {
		n = 0
	}
	b.batches++
	if b.batches <= glua.MaxC {
		f.emit(line, glua.ABC(lua.OP_SETLIST, b.table, n, b.batches))
	} else {
		f.emit(line, glua.ABC(lua.OP_SETLIST, b.table, n, 0))
		f.emit(line, uint32(b.batches))
	}
	f.free = b.table + 1
}
