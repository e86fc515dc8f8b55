package interp

import (
	"reflect"
	"strings"
)

// field is a field of a struct as scripts see it.
type field struct {
	name                string
	index               []int
	tagged              bool
	omitempty, omitzero bool
}

// fields returns the fields of a struct type by encoding/json's rules. They are
// kept with the interpreter: finding them costs more than the conversion.
func (in *Interpreter) fields(t reflect.Type) []field {
	if list, ok := in.structs[t]; ok {
		return list
	}
	if in.structs == nil {
		in.structs = map[reflect.Type][]field{}
	}
	list := dominant(collectFields(t, nil, map[reflect.Type]bool{}))
	in.structs[t] = list
	return list
}

// collectFields lists all fields, and those of embedded structs with the way to them.
func collectFields(t reflect.Type, index []int, above map[reflect.Type]bool) (list []field) {
	if above[t] {
		return nil // embeds itself, by a pointer
	}
	above[t] = true
	defer delete(above, t)
	for i := range t.NumField() {
		sf := t.Field(i)
		f, use := parseTag(sf)
		f.index = append(append([]int{}, index...), i)
		inner := sf.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case !use:
		case sf.Anonymous && !f.tagged && inner.Kind() == reflect.Struct:
			if sf.IsExported() || sf.Type.Kind() != reflect.Pointer { // else Assign could not make it
				list = append(list, collectFields(inner, f.index, above)...)
			}
		case sf.IsExported():
			list = append(list, f)
		}
	}
	return list
}

// parseTag reads a field's json tag; use is false if it hides the field.
func parseTag(sf reflect.StructField) (f field, use bool) {
	tag := sf.Tag.Get("json")
	if tag == "-" {
		return f, false
	}
	name, options, _ := strings.Cut(tag, ",")
	f = field{name: name, tagged: name != ""}
	if name == "" {
		f.name = sf.Name
	}
	for o := range strings.SplitSeq(options, ",") {
		f.omitempty = f.omitempty || o == "omitempty"
		f.omitzero = f.omitzero || o == "omitzero"
	}
	return f, true
}

// dominant keeps, of the fields with one name, the least nested, and of these the
// tagged one. Where that leaves several, nobody could say which is meant: none.
func dominant(all []field) (list []field) {
	for i, f := range all {
		best := true
		for k, g := range all {
			best = best && (i == k || f.name != g.name || f.over(g))
		}
		if best {
			list = append(list, f)
		}
	}
	return list
}

func (f field) over(g field) bool {
	if len(f.index) != len(g.index) {
		return len(f.index) < len(g.index)
	}
	return f.tagged && !g.tagged
}

// fieldAt returns a field of r, making the embedded structs on the way to it.
func fieldAt(r reflect.Value, index []int) reflect.Value {
	for i, n := range index {
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
