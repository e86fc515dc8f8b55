package compile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
)

// The binary form of a function is for the process that made it: the VM trusts its code,
// so whoever takes a text for one must know that it is. It has no versions.

// Kinds of constants.
const (
	constNil = iota
	constFalse
	constTrue
	constNumber
	constText
	constFunction // one of Options
	constInfo
)

// functions are those that code may have as constants.
func (o *Options) functions() []*lua.LFunction { return []*lua.LFunction{o.Concat, o.Pop} }

// AppendBinary appends the binary form of p, code that Compile made with the same
// functions in o, to b.
func (o *Options) AppendBinary(b []byte, p *lua.FunctionProto) []byte {
	b = appendText(b, p.SourceName)
	b = binary.AppendUvarint(b, uint64(p.LineDefined))
	b = binary.AppendUvarint(b, uint64(p.LastLineDefined))
	b = append(b, p.NumUpvalues, p.NumParameters, p.IsVarArg, p.NumUsedRegisters)
	b = binary.AppendUvarint(b, uint64(len(p.Code)))
	for i, c := range p.Code {
		b = binary.LittleEndian.AppendUint32(b, c)
		b = binary.AppendUvarint(b, uint64(p.DbgSourcePositions[i]))
	}
	b = binary.AppendUvarint(b, uint64(len(p.Constants)))
	for _, v := range p.Constants {
		b = o.appendConstant(b, v)
	}
	b = binary.AppendUvarint(b, uint64(len(p.DbgLocals)))
	for _, l := range p.DbgLocals {
		b = appendText(b, l.Name)
		b = binary.AppendVarint(b, int64(l.StartPc))
		b = binary.AppendVarint(b, int64(l.EndPc))
	}
	for _, name := range p.DbgUpvalues {
		b = appendText(b, name)
	}
	b = binary.AppendUvarint(b, uint64(len(p.FunctionPrototypes)))
	for _, f := range p.FunctionPrototypes {
		b = o.AppendBinary(b, f)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func (o *Options) appendConstant(b []byte, v lua.LValue) []byte {
	switch v := v.(type) {
	case lua.LBool:
		if v {
			return append(b, constTrue)
		}
		return append(b, constFalse)
	case lua.LNumber:
		return binary.LittleEndian.AppendUint64(append(b, constNumber), math.Float64bits(float64(v)))
	case lua.LString:
		return appendText(append(b, constText), string(v))
	case *lua.LFunction:
		return append(b, constFunction, byte(slices.Index(o.functions(), v)))
	case *Info:
		b = appendText(append(b, constInfo), v.Source)
		b = binary.AppendUvarint(b, uint64(len(v.Mentions)))
		for _, m := range v.Mentions {
			b = binary.LittleEndian.AppendUint64(b, m)
		}
		return b
	}
	return append(b, constNil)
}

var errBinary = errors.New("no binary form of a function")

// FromBinary returns the function that AppendBinary made b of.
func (o *Options) FromBinary(b []byte) (p *lua.FunctionProto, err error) {
	defer func() {
		if v := recover(); v != nil { // b ended early
			p, err = nil, fmt.Errorf("%w: %v", errBinary, v)
		}
	}()
	r := &binaryReader{b, o.functions()}
	return r.proto(), nil
}

type binaryReader struct {
	b         []byte
	functions []*lua.LFunction
}

func (r *binaryReader) proto() *lua.FunctionProto {
	p := &lua.FunctionProto{SourceName: r.text(), LineDefined: r.count(), LastLineDefined: r.count()}
	p.NumUpvalues, p.NumParameters, p.IsVarArg, p.NumUsedRegisters = r.byte(), r.byte(), r.byte(), r.byte()
	n := r.count()
	p.Code, p.DbgSourcePositions = make([]uint32, n), make([]int, n)
	for i := range n {
		p.Code[i] = binary.LittleEndian.Uint32(r.take(4))
		p.DbgSourcePositions[i] = r.count()
	}
	texts := make([]string, r.count())
	for i := range texts {
		v := r.constant()
		if s, ok := v.(lua.LString); ok {
			texts[i] = string(s)
		}
		p.Constants = append(p.Constants, v)
	}
	glua.SetStringConstants(p, texts)
	for range r.count() {
		p.DbgLocals = append(p.DbgLocals, &lua.DbgLocalInfo{Name: r.text(), StartPc: r.signed(), EndPc: r.signed()})
	}
	for range p.NumUpvalues {
		p.DbgUpvalues = append(p.DbgUpvalues, r.text())
	}
	for range r.count() {
		p.FunctionPrototypes = append(p.FunctionPrototypes, r.proto())
	}
	return p
}

func (r *binaryReader) take(n int) []byte {
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *binaryReader) byte() byte   { return r.take(1)[0] }
func (r *binaryReader) text() string { return string(r.take(r.count())) }

func (r *binaryReader) count() int {
	v, n := binary.Uvarint(r.b)
	r.take(n)
	return int(v)
}

func (r *binaryReader) signed() int {
	v, n := binary.Varint(r.b)
	r.take(n)
	return int(v)
}

func (r *binaryReader) constant() lua.LValue {
	switch r.byte() {
	case constFalse:
		return lua.LFalse
	case constTrue:
		return lua.LTrue
	case constNumber:
		return lua.LNumber(math.Float64frombits(binary.LittleEndian.Uint64(r.take(8))))
	case constText:
		return lua.LString(r.text())
	case constFunction:
		return r.functions[r.byte()]
	case constInfo:
		info := &Info{Source: r.text(), Mentions: make([]uint64, r.count())}
		for i := range info.Mentions {
			info.Mentions[i] = binary.LittleEndian.Uint64(r.take(8))
		}
		return info
	}
	return lua.LNil
}
