package number

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestString(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 1: "1", -1: "-1", 0.1: "0.1", 1.0 / 3: "0.33333333333333", 1e15: "1000000000000000", 1 << 53: "9007199254740992",
		1 << 54: "1.8014398509482e+16", 1e100: "1e+100", 1e-5: "1e-05", 1795846869.99: "1795846869.99", -2.5: "-2.5",
		math.Inf(1): "inf", math.Inf(-1): "-inf", math.MaxFloat64: "1.7976931348623e+308",
	} {
		if got := String(x); got != want {
			t.Errorf("String(%v) = %s, want %s", x, got, want)
		}
		if got := string(Append([]byte("x"), x)); got != "x"+want {
			t.Errorf("Append(x, %v) = %s, want x%s", x, got, want)
		}
	}
	if got := String(math.Copysign(0, -1)); got != "-0" {
		t.Errorf("-0 is %s", got)
	}
	if got := String(math.NaN()); got != "nan" {
		t.Errorf("nan is %s", got)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, " 12\t\n": 12, "\v\f-3": -3, "+4": 4, "1e3": 1000, "1E+3": 1000, "1e-2": 0.01, ".5": 0.5, "5.": 5, "010": 10,
		"0x10": 16, "-0X1f": -31, "0x.8": 0.5, "0x1p4": 16, "0xAp-1": 5, "1e999": math.Inf(1), "-1e999": math.Inf(-1),
		"123456789012345678": 123456789012345678, "0xffffffffffffffffff": 0xffffffffffffffffff, "4.9e-324": math.SmallestNonzeroFloat64,
	} {
		if got, ok := Parse(text); !ok || got != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", " ", "-", "+-1", "- 1", "--1", ".", "0x", "0x.", "0xg", "1e", "1e+", "0x1p", "1_000", "inf", "nan", "Infinity", "0b1",
		"1 2", "1,5", "1e1.5", "0xe+1", "1..2", "a", "1\x00", "١", strings.Repeat("1", MaxDigits+1)} {
		if got, ok := Parse(text); ok {
			t.Errorf("Parse(%.30q) = %v, want none", text, got)
		}
	}
	if got, ok := Parse("-0"); !ok || got != 0 || !math.Signbit(got) {
		t.Errorf("Parse(-0) = %v", got)
	}
}

func TestParseBase(t *testing.T) {
	for _, c := range []struct {
		text string
		base int
		want float64
	}{
		{"ff", 16, 255}, {" FF ", 16, 255}, {"0xff", 16, 255}, {"-0xff", 16, -255}, {"1010", 2, 10}, {"zz", 36, 1295}, {"-z", 36, -35}, {"777", 8, 511},
		{"ffffffffffffffff", 16, math.MaxUint64}, {"10000000000000000000000", 16, math.Exp2(88)},
	} {
		if got, ok := ParseBase(c.text, c.base); !ok || got != c.want {
			t.Errorf("ParseBase(%q, %d) = %v, %v; want %v", c.text, c.base, got, ok, c.want)
		}
	}
	for _, c := range []struct {
		text string
		base int
	}{{"", 16}, {"0x", 16}, {"0xff", 10}, {"2", 2}, {"1.5", 16}, {"1 1", 2}, {"g", 16}, {"-", 2}} {
		if got, ok := ParseBase(c.text, c.base); ok {
			t.Errorf("ParseBase(%q, %d) = %v, want none", c.text, c.base, got)
		}
	}
}

// What C's printf writes.
func TestDirective(t *testing.T) {
	for _, c := range []struct {
		format string
		x      float64
		want   string
	}{
		{"d", 42, "42"}, {"5d", 42, "   42"}, {"-5d", 42, "42   "}, {"05d", -42, "-0042"}, {"+d", 42, "+42"}, {" d", 42, " 42"}, {".5d", 42, "00042"},
		{"08.5d", 42, "   00042"}, {"d", 3.9, "3"}, {"d", -0.5, "0"}, {".0d", 0, ""}, {"+.0d", 0, "+"}, {"d", 1e20, "100000000000000000000"},
		{"i", -7, "-7"}, {"d", math.Inf(1), "inf"}, {"5d", math.Inf(-1), " -inf"},
		{"u", -1, "18446744073709551615"}, {"x", 255, "ff"}, {"X", 255, "FF"}, {"#x", 255, "0xff"}, {"#X", 255, "0XFF"}, {"#o", 8, "010"}, {"o", 8, "10"},
		{"#x", 0, "0"}, {"08x", 255, "000000ff"}, {"#08x", 255, "0x0000ff"}, {"x", -1, "ffffffffffffffff"},
		{"f", 1.5, "1.500000"}, {".2f", 3.14159, "3.14"}, {"8.2f", 3.14159, "    3.14"}, {"08.2f", -3.14159, "-0003.14"}, {".0f", 2.5, "2"}, {"#.0f", 2, "2."},
		{"e", 12345.678, "1.234568e+04"}, {"E", 12345.678, "1.234568E+04"}, {"g", 1e20, "1e+20"}, {"g", 0.0001, "0.0001"}, {"g", 100000, "100000"}, {"g", 1e6, "1e+06"},
		{"#g", 1, "1.00000"}, {"G", math.Inf(1), "INF"}, {"+f", math.Inf(1), "+inf"}, {".14g", 1.0 / 3, "0.33333333333333"}, {"f", math.Copysign(0, -1), "-0.000000"},
	} {
		var d Directive
		rest, flaw := d.Read(c.format + " rest")
		if rest != " rest" || flaw != "" {
			t.Errorf("Read(%q): %q, %q", c.format, rest, flaw)
		}
		if got := string(d.Append(nil, c.x)); got != c.want {
			t.Errorf("%%%s of %v: %q, want %q", c.format, c.x, got, c.want)
		}
	}
	for format, want := range map[string]string{"------d": "repeated flags", "100d": "width or precision too long", ".100d": "width or precision too long"} {
		if _, got := new(Directive).Read(format); got != want {
			t.Errorf("Read(%q): %q, want %q", format, got, want)
		}
	}
	for _, format := range []string{"", "5", "-", "5.", "5.2"} {
		d := Directive{}
		if _, flaw := d.Read(format); d.Verb != 0 || flaw != "" {
			t.Errorf("Read(%q): verb %q, %q", format, d.Verb, flaw)
		}
	}
}

// FuzzParse holds that a number is read as Go does, where Go reads no more than Lua; that what
// String writes is read as nearly the same number; and that a directive writes what Go's does.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"1", "0x1p4", " -1.5e3 ", "1e400", "0x", "1_0", "inf", "9007199254740993", "0xffffffffffffffffff", "-.5"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := Parse(text)
		plain := strings.Trim(text, " \t\n\v\f\r")
		want, err := strconv.ParseFloat(plain, 64)
		if err != nil && err.(*strconv.NumError).Err == strconv.ErrSyntax {
			want, err = strconv.ParseFloat(plain+"p0", 64)
		}
		goes := err == nil || err.(*strconv.NumError).Err == strconv.ErrRange
		if strings.ContainsAny(plain, "_iInN") || len(text) > MaxDigits {
			goes = false
		}
		if ok != goes || ok && math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("Parse(%q) = %v, %v; Go reads %v, %v", text, got, ok, want, goes)
		}
		if !ok || math.IsInf(got, 0) {
			return
		}
		if back, ok := Parse(String(got)); !ok || math.Abs(back-got) > math.Abs(got)*1e-13 && !(math.Abs(got) < 1e-300) && !math.IsInf(back, 0) {
			t.Errorf("%v is written %s, read %v, %v", got, String(got), back, ok)
		}
		for _, format := range []string{"+12.3f", "-10.2e", ".6g", "#.3g", "08.1f"} {
			var d Directive
			d.Read(format)
			if got, want := string(d.Append(nil, got)), fmt.Sprintf("%"+format, got); got != want {
				t.Errorf("%%%s: %q, Go has %q", format, got, want)
			}
		}
	})
}
