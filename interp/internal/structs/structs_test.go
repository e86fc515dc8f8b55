package structs

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
)

type inner struct {
	A, B int
	C    int `json:"c"`
}

type Outer struct {
	inner
	*Pointer
	B    string
	Skip int `json:"-"`
	Dash int `json:"-,"`
	priv int
	D    int `json:"d,omitempty"`
	E    int `json:",omitzero"`
}

type Pointer struct {
	P int
	*Pointer
	A int // as deep as inner's: nobody could say which is meant
}

// The fields are those that encoding/json writes.
func TestFields(t *testing.T) {
	v := Outer{Pointer: &Pointer{}, priv: 1, D: 1, E: 1}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for name := range object {
		want = append(want, name)
	}
	fields := Fields(reflect.TypeFor[Outer]())
	for _, f := range fields {
		got = append(got, f.Name)
		if f.OmitEmpty != (f.Name == "d") || f.OmitZero != (f.Name == "E") {
			t.Errorf("%+v", f)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%v, encoding/json has %v", got, want)
	}
	var empty Outer
	for _, f := range fields {
		if f.Name == "P" {
			f.At(reflect.ValueOf(&empty).Elem()).SetInt(7)
		}
	}
	if empty.Pointer == nil || empty.P != 7 {
		t.Errorf("an embedded pointer's field was not set: %+v", empty)
	}
}
