package pack_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"wirelua/interp"
)

// python answers rows of JSON on its standard input, one process for all. Of a
// format it says the size, what the data say (each value as a letter for its
// type and text), and those values packed again; of a value, it packed.
const python = `
import json, struct, sys
def show(v):
    if isinstance(v, bytes): return "s" + v.hex()
    if isinstance(v, bool): return "b" + str(v).lower()
    if isinstance(v, int): return "i" + str(v)
    return "f" + repr(v)
for line in sys.stdin:
    row, out = json.loads(line), {}
    try:
        f = row["format"]
        if "arg" in row:
            out["packed"] = struct.pack(f, row["arg"]).hex()
        else:
            out["size"] = struct.calcsize(f)
            data = (bytes.fromhex(row["data"]) * (out["size"] // 8 + 1))[:out["size"]]
            values = struct.unpack(f, data)
            out["values"] = [show(v) for v in values]
            out["packed"] = struct.pack(f, *values).hex()
    except (struct.error, OverflowError, ValueError) as e:
        out["error"] = str(e)
    except SystemError: # a bug of older Pythons: they cannot unpack 0p, which is an empty string
        out["bug"] = True
    print(json.dumps(out))
`

type row struct {
	Format string `json:"format"`
	Data   string `json:"data,omitempty"` // hex, repeated up to the format's size
	Arg    any    `json:"arg,omitempty"`
}

type answer struct {
	Size   int
	Values []string
	Packed string
	Error  string
	Bug    bool
}

func askPython(t *testing.T, rows []row) []answer {
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	var in bytes.Buffer
	for _, r := range rows {
		line, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.Command(path, "-c", python)
	cmd.Stdin = &in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, stderr.String())
	}
	answers := make([]answer, 0, len(rows))
	for line := range bytes.Lines(out) {
		var a answer
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(rows) {
		t.Fatalf("python3 gave %d answers to %d rows", len(answers), len(rows))
	}
	return answers
}

func newInterp(t testing.TB) *interp.Interpreter {
	in, err := interp.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	const globals = "struct_pack, struct_unpack, struct_calcsize = struct.pack, struct.unpack, struct.calcsize"
	if err := in.RunString(context.Background(), "globals", globals); err != nil {
		t.Fatal(err)
	}
	return in
}

// formats are the rows with random data: each letter alone in each order, what
// the parser must refuse, and random ones.
func formats(r *rand.Rand) []string {
	const codes = "xcbB?hHiIlLqQnNefdspP"
	list := []string{"", "<", "@@", "<<", " <b", "12", "b12", "1 b", "<3", "y", "b\x00", "\x00", "b;", "-1b", "1.5b", "b=", "=n", "<P", ">N",
		"@nNP", "0n", "llh0l", "<llh0l", "0s", "0p", "1p", "0c", "0x", "b0q", "@b 0q", "  ", "\tb\nb\vb\fb\rb", "b\u00a0b", "é", "99999999999999999999b"}
	for _, order := range []string{"", "@", "=", "<", ">", "!"} {
		for _, c := range codes {
			list = append(list, order+string(c), order+"3"+string(c), order+"b"+string(c), order+"0"+string(c), order+string(c)+"b")
		}
	}
	for range 1500 {
		var b strings.Builder
		b.WriteString([]string{"", "", "@", "=", "<", ">", "!"}[r.IntN(7)])
		for range r.IntN(8) {
			if r.IntN(3) == 0 {
				fmt.Fprint(&b, r.IntN(12))
			}
			if r.IntN(40) == 0 {
				b.WriteByte(" \n\ty<@!"[r.IntN(7)])
			}
			b.WriteByte(codes[r.IntN(len(codes))])
		}
		list = append(list, b.String())
	}
	return list
}

func TestPythonFormats(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var rows []row
	for _, f := range formats(r) {
		data := make([]byte, 8)
		for i := range data {
			if r.IntN(3) == 0 { // mostly zeros, or no integer of 8 bytes would fit a Lua number
				data[i] = byte(r.Uint32())
			}
		}
		rows = append(rows, row{Format: f, Data: hex.EncodeToString(data)})
	}
	in := newInterp(t)
	refused, inexact := 0, 0
	for i, a := range askPython(t, rows) {
		exact, err := sameAsPython(in, rows[i], a)
		if err != nil {
			t.Errorf("%q with %s: %v", rows[i].Format, rows[i].Data, err)
		}
		if a.Error != "" {
			refused++
		} else if !exact {
			inexact++
		}
	}
	t.Logf("%d formats: Python refuses %d, %d have integers beyond Lua's numbers", len(rows), refused, inexact)
}

// sameAsPython compares our answer to a row with Python's; exact is false when a
// value in it is an integer that Lua cannot hold, and refused for that.
func sameAsPython(in *interp.Interpreter, r row, a answer) (exact bool, err error) {
	ctx := context.Background()
	size, err := in.Call(ctx, "struct_calcsize", r.Format)
	if a.Error != "" && a.Size == 0 {
		if err == nil {
			return true, fmt.Errorf("size %v, but Python says: %s", size, a.Error)
		}
		return true, nil
	}
	if err != nil || size[0] != float64(a.Size) {
		return true, fmt.Errorf("size %v (%v), Python %d", size, err, a.Size)
	}
	if a.Bug {
		return true, nil
	}
	data, _ := hex.DecodeString(strings.Repeat(r.Data, a.Size/8+1))
	values, err := in.Call(ctx, "struct_unpack", r.Format, data[:a.Size])
	if !allExact(a.Values) {
		if err == nil || !strings.Contains(err.Error(), "more than a Lua number can hold exactly") {
			return false, fmt.Errorf("unpacked %v (%v), Python %v", values, err, a.Values)
		}
		return false, nil
	}
	if err != nil || show(values) != strings.Join(a.Values, " ") {
		return true, fmt.Errorf("unpacked %s (%v), Python %v", show(values), err, a.Values)
	}
	packed, err := in.Call(ctx, "struct_pack", append([]any{r.Format}, values...)...)
	if err != nil || hex.EncodeToString([]byte(packed[0].(string))) != a.Packed {
		return true, fmt.Errorf("packed %x (%v), Python %s", packed, err, a.Packed)
	}
	return true, nil
}

// allExact reports whether Lua numbers hold all of Python's values, and brings
// their text into the form that show gives.
func allExact(values []string) bool {
	for i, v := range values {
		if v[0] != 'i' && v[0] != 'f' {
			continue
		}
		x, _ := strconv.ParseFloat(v[1:], 64)
		if v[0] == 'i' && strconv.FormatFloat(x, 'f', 0, 64) != v[1:] {
			return false
		}
		values[i] = show([]any{x})
	}
	return true
}

func show(values []any) string {
	list := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case string:
			list[i] = "s" + hex.EncodeToString([]byte(v))
		case bool:
			list[i] = "b" + strconv.FormatBool(v)
		case float64:
			list[i] = "n" + strconv.FormatFloat(v, 'x', -1, 64)
		}
	}
	return strings.Join(list, " ")
}

// TestPythonValues packs values at the ends of each letter's range, and beyond.
func TestPythonValues(t *testing.T) {
	var rows []row
	for _, order := range []string{"@", "=", "<", ">"} {
		for _, c := range "bBhHiIlLqQnNefd" {
			if order != "@" && strings.ContainsRune("nN", c) {
				continue
			}
			for _, x := range []float64{0, 1, 127, 128, 129, 255, 256, 32767, 32768, 32769, 65503.99, 65504, 65519, 65520, 65535, 65536,
				math.MaxInt32, 1 << 31, 1<<31 + 1, math.MaxUint32, 1 << 32, 1 << 53, 1 << 63, 1<<63 - 1024, 1<<63 + 2048, 1 << 64, 1<<64 - 2048,
				0.1, 1.5, 2049, 2051, 0x1p-14, 0x1.ffcp-15, 0x1p-24, 0x1p-25, 0x1.8p-25, 5e-324, 1e-40, math.MaxFloat32, 3.4028235677973366e38, 1e39, 1e300} {
				rows = append(rows, row{Format: order + string(c), Arg: number(x, c)}, row{Format: order + string(c), Arg: number(-x, c)})
			}
		}
	}
	in := newInterp(t)
	for i, a := range askPython(t, rows) {
		x, _ := strconv.ParseFloat(string(rows[i].Arg.(json.Number)), 64)
		if rows[i].Format == "@f" && math.Abs(x) > math.MaxFloat32 {
			a.Error = "as with <f" // only here Python packs infinity silently
		}
		packed, err := in.Call(context.Background(), "struct_pack", rows[i].Format, x)
		if (err != nil) != (a.Error != "") || err == nil && hex.EncodeToString([]byte(packed[0].(string))) != a.Packed {
			t.Errorf("pack(%q, %s): %x (%v), Python %s %s", rows[i].Format, rows[i].Arg, packed, err, a.Packed, a.Error)
		}
	}
	t.Logf("%d values", len(rows))
}

// number spells x as Python wants it for a letter: integers without a point.
func number(x float64, code rune) json.Number {
	if x == math.Trunc(x) && !strings.ContainsRune("efd", code) {
		return json.Number(strconv.FormatFloat(x, 'f', 0, 64))
	}
	if x == 0 {
		return json.Number(strconv.FormatFloat(x, 'f', 1, 64)) // -0.0; to Python -0 is an integer
	}
	return json.Number(strconv.FormatFloat(x, 'g', -1, 64))
}
