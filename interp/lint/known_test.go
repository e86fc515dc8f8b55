package lint

import (
	"math"
	"testing"
)

// TestCounts: how many arguments the ways allow in which manuals write them.
func TestCounts(t *testing.T) {
	for args, want := range map[string][2]int{
		"":                                       {0, 0},
		"n":                                      {1, 1},
		"a, b":                                   {2, 2},
		"...":                                    {0, math.MaxInt},
		"fn, ...":                                {1, math.MaxInt},
		"[timeout]":                              {0, 1},
		"level, option[, buflen]":                {2, 3},
		"[family=AF_INET[, type=X[, proto=0]]]":  {0, 3},
		"[[first, ]last]":                        {0, 2},
		"[thread,] level, n":                     {2, 3},
		"[thread,] [fn, mask[, count]]":          {0, 4},
		"list[, position], value":                {2, 3},
		"[host=\"127.0.0.1\",] port, fn":         {2, 3},
		"[names={\"localhost\", \"127.0.0.1\"}]": {0, 1},
		"boolean, or 0 or 1":                     {1, 1},
		"address":                                {1, 2},
		"data[, flags], address":                 {2, 4},
		"addresses, delay[, timeout]":            {2, 3},
		"host, port[, {timeout=, source={host, port}}]": {1, 3},
		"{name=, size=, create=}":                       {1, 1},
		"fn or level, env":                              {2, 2},
		"data, ...[, flags]":                            {1, math.MaxInt},
	} {
		if least, most := counts(args); least != want[0] || most != want[1] {
			t.Errorf("%q: %d to %d, not %d to %d", args, least, most, want[0], want[1])
		}
	}
}
