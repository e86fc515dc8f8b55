// Package structs is Go's structs as scripts see them.
package structs

import (
	"reflect"
	"strings"
)

// Field is a field of a struct.
type Field struct {
	Name                string
	Index               []int // as reflect's FieldByIndex takes it
	OmitEmpty, OmitZero bool
	Rest                bool // a map, tagged `json:",any"`: it takes what the others do not
	tagged              bool
}

// Fields returns the fields of a struct type, those of embedded structs among them, by
// encoding/json's rules. Finding them costs more than converting a struct: keep them.
func Fields(t reflect.Type) []Field { return dominant(collect(t, nil, map[reflect.Type]bool{})) }

// collect lists all fields, and those of embedded structs with the way to them.
func collect(t reflect.Type, index []int, above map[reflect.Type]bool) (list []Field) {
	if above[t] {
		return nil // embeds itself, by a pointer
	}
	above[t] = true
	defer delete(above, t)
	for i := range t.NumField() {
		sf := t.Field(i)
		f, use := parseTag(sf)
		f.Index = append(append([]int{}, index...), i)
		inner := sf.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case !use:
		case sf.Anonymous && !f.tagged && inner.Kind() == reflect.Struct:
			if sf.IsExported() || sf.Type.Kind() != reflect.Pointer { // else Assign could not make it
				list = append(list, collect(inner, f.Index, above)...)
			}
		case sf.IsExported():
			list = append(list, f)
		}
	}
	return list
}

// parseTag reads a field's json tag; use is false if it hides the field.
func parseTag(sf reflect.StructField) (f Field, use bool) {
	tag := sf.Tag.Get("json")
	if tag == "-" {
		return f, false
	}
	name, options, _ := strings.Cut(tag, ",")
	f = Field{Name: name, tagged: name != ""}
	if name == "" {
		f.Name = sf.Name
	}
	for o := range strings.SplitSeq(options, ",") {
		f.OmitEmpty = f.OmitEmpty || o == "omitempty"
		f.OmitZero = f.OmitZero || o == "omitzero"
		f.Rest = f.Rest || o == "any" && sf.Type.Kind() == reflect.Map
	}
	return f, true
}

// dominant keeps, of the fields with one name, the least nested, and of these the
// tagged one. Where that leaves several, nobody could say which is meant: none.
func dominant(all []Field) (list []Field) {
	for i, f := range all {
		best := true
		for k, g := range all {
			best = best && (i == k || f.Name != g.Name || f.over(g))
		}
		if best {
			list = append(list, f)
		}
	}
	return list
}

func (f Field) over(g Field) bool {
	if len(f.Index) != len(g.Index) {
		return len(f.Index) < len(g.Index)
	}
	return f.tagged && !g.tagged
}

// At returns the field of the struct r, which can be set, making the embedded structs on
// the way to it.
func (f Field) At(r reflect.Value) reflect.Value {
	for i, n := range f.Index {
		if i > 0 && r.Kind() == reflect.Pointer {
			if r.IsNil() {
				r.Set(reflect.New(r.Type().Elem()))
			}
			r = r.Elem()
		}
		r = r.Field(n)
	}
	return r
}
