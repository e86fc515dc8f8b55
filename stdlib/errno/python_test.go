package errno_test

import (
	"context"
	"encoding/json"
	"os/exec"
	"testing"

	"wirelua/interp"
)

// TestPython compares every name that Python's errno has.
func TestPython(t *testing.T) {
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	out, err := exec.Command(path, "-c", "import errno, json; print(json.dumps({n: v for n, v in vars(errno).items() if n[0] == 'E'}))").Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string]float64{}
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	in, err := interp.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.RunString(context.Background(), "numbers", "numbers = {} for k, v in pairs(require 'errno') do if type(v) == 'number' then numbers[k] = v end end"); err != nil {
		t.Fatal(err)
	}
	v, err := in.Get("numbers")
	if err != nil {
		t.Fatal(err)
	}
	ours := v.(map[string]any)
	for name, n := range theirs {
		if ours[name] != n {
			t.Errorf("%s is %v, in Python %v", name, ours[name], n)
		}
	}
	t.Logf("%d names, Python has %d", len(ours), len(theirs))
}
