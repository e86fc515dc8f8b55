//go:build unix

package tls

import (
	"crypto/x509/pkix"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// attributes are the short names of what a certificate's subject consists of.
var attributes = map[string]string{
	"2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
	"2.5.4.9": "STREET", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.17": "postalCode", "2.5.4.42": "GN",
	"1.2.840.113549.1.9.1": "emailAddress", "0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC",
}

// nameType is whom a certificate is for, or who has signed it.
var nameType = &interp.Type{
	Name: "name",
	Doc:  "whom a certificate is for, or who has signed it; tostring gives it as one line; fields that it lacks are nil, of several it is the first",
	Fields: []interp.Field{
		{Name: "CN", Type: "string?", Doc: "the common name"},
		{Name: "O", Type: "string?", Doc: "the organization"},
		{Name: "OU", Type: "string?", Doc: "its unit"},
		{Name: "C", Type: "string?", Doc: "the country, in two letters"},
		{Name: "ST", Type: "string?", Doc: "the state or province"},
		{Name: "L", Type: "string?", Doc: "the town"},
		{Name: "STREET", Type: "string?", Doc: "the street"},
		{Name: "postalCode", Type: "string?", Doc: "the postal code"},
		{Name: "DC", Type: "string?", Doc: "a part of a domain's name"},
		{Name: "UID", Type: "string?", Doc: "a user's name"},
		{Name: "GN", Type: "string?", Doc: "the given name"},
		{Name: "SN", Type: "string?", Doc: "the surname"},
		{Name: "title", Type: "string?", Doc: "a title"},
		{Name: "serialNumber", Type: "string?", Doc: "a number of whom it is for"},
		{Name: "emailAddress", Type: "string?", Doc: "an address for mail"},
	},
	Index: func(_ *interp.State, self any, key string) lua.LValue {
		for _, a := range self.(*pkix.Name).Names {
			if text, ok := a.Value.(string); ok && attributes[a.Type.String()] == key {
				return lua.LString(text)
			}
		}
		return lua.LNil
	},
	String: func(self any) string { return self.(*pkix.Name).String() },
	Meta: map[string]func(*interp.State) int{
		"__eq": func(s *interp.State) int {
			a, ok1 := s.Get(1).(*lua.LUserData).Value.(*pkix.Name)
			b, ok2 := s.Get(2).(*lua.LUserData).Value.(*pkix.Name)
			return s.Return(lua.LBool(ok1 && ok2 && a.String() == b.String()))
		},
	},
}
