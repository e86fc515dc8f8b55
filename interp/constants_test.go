package interp_test

import (
	"context"
	"fmt"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// many is a module of so many constants that they come into its table when they are read.
var many = &interp.Module{
	Name: "many",
	Funcs: []interp.Function{
		{Name: "answer", Fn: func(s *interp.State) int { return s.Return(lua.LNumber(42)) }},
	},
	Constants: func() map[string]lua.LValue {
		all := map[string]lua.LValue{}
		for i := range 200 {
			all[fmt.Sprintf("C%d", i)] = lua.LNumber(i)
		}
		return all
	},
}

// A module's constants are there, whatever way a script looks for them: as if they had been in its table from the
// beginning.
func TestConstants(t *testing.T) {
	for _, script := range []string{
		`assert(many.C7 == 7 and many.C7 == 7 and rawget(many, "C8") == 8)`,
		`local n = 0 for k, v in pairs(many) do n = n + (k == "C" .. tostring(v) and 1 or 0) end assert(n == 200)`,
		`local n = 0 for k in next, many do n = n + 1 end assert(n == 201)`,
		`many.C1 = nil assert(not pcall(function() return many.C1 end)) assert(many.C2 == 2)`,
		`many.C1 = "mine" assert(many.C1 == "mine" and many.C2 == 2) many.other = 1 assert(many.other == 1)`,
		`rawset(many, "C1", nil) for k in pairs(many) do assert(k ~= "C1") end`,
		`local _, err = pcall(function() return many.C1999 end) assert(err:find("did you mean 'C199'", 1, true), err)`,
		`debug.setmetatable(many, nil) assert(many.C3 == 3 and many.none == nil)`,
		`assert(not pcall(setmetatable, many, {})) assert(many.C3 == 3)`,
		`local sub = setmetatable({}, {__index = many}) assert(sub.C4 == 4 and sub.answer() == 42)`,
		`setfenv(function() assert = C5 end, setmetatable({}, {__index = many}))()`,
	} {
		in, _ := embed(t, interp.Config{Modules: []*interp.Module{many}})
		if err := in.RunString(context.Background(), "x", script); err != nil {
			t.Errorf("%s: %v", script, err)
		}
	}
}

// The host finds them, too, by name and in the whole.
func TestConstantsForHosts(t *testing.T) {
	embedded := func() *interp.Interpreter {
		in, _ := embed(t, interp.Config{Modules: []*interp.Module{many}})
		return in
	}
	if v, err := embedded().Get("many.C9"); v != 9.0 || err != nil {
		t.Error(v, err)
	}
	if names := embedded().Engine().Prompt().Complete(context.Background(), "many.C19"); len(names) != 11 {
		t.Error(names)
	}
	v, err := embedded().Get("many")
	if all, _ := v.(map[string]any); len(all) != 201 || err != nil {
		t.Error(len(all), err)
	}
	var some struct {
		C1, C100 int
		Rest     map[string]any `json:",any"`
	}
	if err := embedded().GetInto("many", &some); err != nil || some.C100 != 100 || len(some.Rest) != 199 {
		t.Error(err, some.C100, len(some.Rest))
	}
	var many *interp.Object
	if err := embedded().GetInto("many", &many); err != nil {
		t.Fatal(err)
	}
	if v, err := many.Get(context.Background(), "C11"); v != 11.0 || err != nil {
		t.Error(v, err)
	}
}
