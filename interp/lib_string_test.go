package interp_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
)

// TestLibrariesStop has library functions do work without end, and cancels.
func TestLibrariesStop(t *testing.T) {
	for _, source := range []string{
		`string.find(("a"):rep(30) .. "b", ("a*"):rep(20) .. "c")`,
		`string.match(("a"):rep(40), ("a?"):rep(40) .. ("a"):rep(41))`,
		`string.gsub(("a"):rep(40), ("a-"):rep(20) .. "b", "x")`,
		`for _ in string.gmatch(("a"):rep(40), ("(a*)"):rep(20) .. "b") do end`,
		`string.find(("("):rep(1e7), "%b()")`,
		`string.find(("ab"):rep(1e6), "(.*)%1x")`,
		`string.find(("a"):rep(1e8), ".-.-.-b")`,
		`string.find(("a"):rep(1e6), (("[" .. ("b"):rep(1e6) .. "]-"):rep(5)) .. "b")`,
		`pcall(string.find, ("a"):rep(30) .. "b", ("a*"):rep(20) .. "c") while true do end`,
		`table.insert({}, -1e15, 1)`,
		`table.sort({3, 1, 2}, function() while true do end end)`,
		`local t = {} for i = 1, 1e6 do t[i] = i % 2 == 0 and 0/0 or 1 end while true do table.sort(t) end`,
		`while true do string.gsub("x", "x", function() end) end`,
		`table.foreach(_G, function() while true do end end)`,
	} {
		in, err := interp.New(interp.Config{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		start := time.Now()
		err = in.RunString(ctx, "endless", source)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s\n\t%v", source, err)
		}
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("%s\n\ttook %v to stop", source, d)
		}
		cancel()
		in.Close()
	}
}

// TestLibrariesRefuse has them make more than fits.
func TestLibrariesRefuse(t *testing.T) {
	in, err := interp.New(interp.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for source, want := range map[string]string{
		`("x"):rep(1e9)`: "too large",
		`("x"):rep(1/0)`: "too large",
		`table.concat({"a", "b", "c"}, ("x"):rep(2^28))`:                                 "too large",
		`local t, s = {}, ("x"):rep(1e4) for i = 1, 1e5 do t[i] = s end table.concat(t)`: "too large",
		`string.gsub("xx", "x", ("y"):rep(2^28))`:                                        "too large",
		`string.format("%s%s", ("x"):rep(2^28), "y")`:                                    "too large",
		`string.format("%99999d", 1)`:                                                    "too long",
		`string.format("%.99999f", 1)`:                                                   "too long",
		`unpack({}, 1, 1e8)`:                                                             "too many results",
		`unpack({}, -1e300, 1e300)`:                                                      "too many results",
		`(("x"):rep(1e7)):byte(1, -1)`:                                                   "too long",
		`string.find("x", ("("):rep(40))`:                                                "too many captures",
		`string.find(("x"):rep(1e5), ("x?"):rep(1e5))`:                                   "too complex",
		`string.find(("x"):rep(1e5), ("x-"):rep(1e5))`:                                   "too complex",
		`string.gsub("x", "x", "%")`:                                                     "invalid use of '%'",
		`string.dump(print)`:                                                             "unable to dump",
		`local t = setmetatable({}, {}) getmetatable(t).__tostring = function() return t end string.format("%s", t)`: "must return a string",
		`local t = setmetatable({}, {}) getmetatable(t).__tostring = tostring tostring(t)`:                           "stack overflow",
		`local function less() table.sort({1, 2}, less) end less()`:                                                  "stack overflow",
		`local function f() string.gsub("x", "x", f) end f()`:                                                        "stack overflow",
		`math.random(1, 1e300)`: "interval too large",
		`math.random(0/0)`:      "interval is empty",
	} {
		err := in.RunString(context.Background(), "refused", source)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n\tis   %v\n\twant %s", source, err, want)
		}
	}
}
