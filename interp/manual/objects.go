package manual

import (
	"strings"

	"wirelua/interp"
)

// Object returns the objects' type that the type of an argument, a result or a field names ("socket?"), or nil: of
// other values, and of what may be of several types.
func (b *Book) Object(typ string) *interp.Type {
	typ = strings.TrimSuffix(typ, "?")
	for _, name := range []string{typ, strings.ReplaceAll(typ, "_", " ")} {
		if s := b.typed(name); s != nil {
			return s.Type
		}
	}
	return nil
}

// Parts takes the type of a function apart, "fun(a:string,b:socket):number?": into the types of its
// arguments and of its results.
func Parts(typ string) (params, results []string) {
	inside, ok := strings.CutPrefix(strings.TrimSuffix(typ, "?"), "fun(")
	if !ok {
		return nil, nil
	}
	inside, after, _ := strings.Cut(inside, ")")
	for _, param := range strings.Split(inside, ",") {
		_, typ, _ := strings.Cut(param, ":")
		params = append(params, typ)
	}
	if after, ok = strings.CutPrefix(after, ":"); ok {
		results = strings.Split(after, ",")
	}
	return params, results
}

// Said returns the entry that says what there is to say of e: it itself, or the method that it is.
func (b *Book) Said(e *Entry) *Entry { return b.said(e) }
