package interp

import (
	"math"
	"math/rand/v2"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/number"
)

// mathLib is the math library.
var mathLib = library{name: lua.MathLibName, constants: func() map[string]lua.LValue {
	return map[string]lua.LValue{"pi": lua.LNumber(math.Pi), "huge": lua.LNumber(math.Inf(1))}
}, funcs: []Function{
	{Name: "abs", Args: "x", Doc: "the absolute value", Manual: "x number: a number" + gives + `print(math.abs(-2.5)) --> 2.5`, Fn: func(s *State) int { return of1(s, math.Abs) }},
	{Name: "acos", Args: "x", Doc: "the arc cosine, in radians", Manual: "x number: from -1 to 1; nan of others" + gives + `print(math.deg(math.acos(0))) --> 90`, Fn: func(s *State) int { return of1(s, math.Acos) }},
	{Name: "asin", Args: "x", Doc: "the arc sine, in radians", Manual: "x number: from -1 to 1; nan of others" + gives + `print(math.deg(math.asin(1))) --> 90`, Fn: func(s *State) int { return of1(s, math.Asin) }},
	{Name: "atan", Args: "x", Doc: "the arc tangent, in radians", Manual: "x number: a number" + gives + `print(math.deg(math.atan(1))) --> 45`, Fn: func(s *State) int { return of1(s, math.Atan) }},
	{Name: "atan2", Args: "y, x", Doc: "the arc tangent of y/x, in the quadrant of the point", Manual: `
		y number: the point's height
		x number: how far right it is
		-> number: radians, -pi to pi
		> print(math.deg(math.atan2(1, -1))) --> 135
		`, Fn: func(s *State) int { return of2(s, math.Atan2) }},
	{Name: "ceil", Args: "x", Doc: "the least integer that is not less", Manual: "x number: a number" + gives + `print(math.ceil(2.1), math.ceil(-2.1)) --> 3	-2`, Fn: func(s *State) int { return of1(s, math.Ceil) }},
	{Name: "cos", Args: "x", Doc: "the cosine of an angle in radians", Manual: "x number: radians" + gives + `print(math.cos(0)) --> 1`, Fn: func(s *State) int { return of1(s, math.Cos) }},
	{Name: "cosh", Args: "x", Doc: "the hyperbolic cosine", Manual: "x number: a number" + gives + `print(math.cosh(0)) --> 1`, Fn: func(s *State) int { return of1(s, math.Cosh) }},
	{Name: "deg", Args: "x", Doc: "radians in degrees", Manual: "x number: radians" + gives + `print(math.deg(math.pi)) --> 180`, Fn: func(s *State) int { return of1(s, func(x float64) float64 { return x / (math.Pi / 180) }) }},
	{Name: "exp", Args: "x", Doc: "e^x", Manual: "x number: a number" + gives + `print(math.exp(0), math.exp(1)) --> 1	2.718281828459`, Fn: func(s *State) int { return of1(s, math.Exp) }},
	{Name: "floor", Args: "x", Doc: "the greatest integer that is not more", Manual: "x number: a number" + gives + `print(math.floor(2.9), math.floor(-2.1)) --> 2	-3`, Fn: func(s *State) int { return of1(s, math.Floor) }},
	{Name: "fmod", Args: "x, y", Doc: "the remainder of x/y, with the sign of x", Manual: `
		x number: a number
		y number: what divides it; nan when 0
		-> number
		> print(math.fmod(-7, 3), -7 % 3) --> -1	2
		`, Fn: func(s *State) int { return of2(s, math.Mod) }},
	{Name: "frexp", Args: "x", Doc: "m and e with x == m * 2^e, m from 0.5 up to 1", Manual: `
		x number: a number
		-> number m
		-> integer e
		> print(math.frexp(8)) --> 0.5	4
		`, Fn: mathFrexp},
	{Name: "ldexp", Args: "m, e", Doc: "m * 2^e", Manual: `
		m number: a number
		e integer: the exponent
		-> number
		> print(math.ldexp(0.5, 4)) --> 8
		`, Fn: mathLdexp},
	{Name: "log", Args: "x", Doc: "the natural logarithm", Manual: "x number: above 0; -inf of 0, nan below" + gives + `print(math.log(math.exp(2))) --> 2`, Fn: func(s *State) int { return of1(s, math.Log) }},
	{Name: "log10", Args: "x", Doc: "the logarithm to base 10", Manual: "x number: above 0; -inf of 0, nan below" + gives + `print(math.log10(1000)) --> 3`, Fn: func(s *State) int { return of1(s, log10) }},
	{Name: "max", Args: "x, ...", Doc: "the greatest of its arguments", Manual: `
		x number: a number
		... number: further ones
		-> number
		> print(math.max(3, 10, 2)) --> 10
		`, Fn: mathMax},
	{Name: "min", Args: "x, ...", Doc: "the least of its arguments", Manual: `
		x number: a number
		... number: further ones
		-> number
		> print(math.min(3, 10, 2)) --> 2
		`, Fn: mathMin},
	{Name: "mod", Args: "x, y", Doc: "the old name of fmod", Manual: `
		x number: a number
		y number: what divides it
		-> number
		> print(math.mod(7, 3)) --> 1
		`, Fn: func(s *State) int { return of2(s, math.Mod) }},
	{Name: "modf", Args: "x", Doc: "the integral part and the fraction, both with the sign of x", Manual: `
		x number: a number
		-> number: whole
		-> number: the rest
		> print(math.modf(-2.5)) --> -2	-0.5
		`, Fn: mathModf},
	{Name: "pow", Args: "x, y", Doc: "x^y", Manual: `
		x number: the base
		y number: the exponent
		-> number
		> print(math.pow(2, 10)) --> 1024
		`, Fn: func(s *State) int { return of2(s, math.Pow) }},
	{Name: "rad", Args: "x", Doc: "degrees in radians", Manual: "x number: degrees" + gives + `print(math.rad(180) == math.pi) --> true`, Fn: func(s *State) int { return of1(s, func(x float64) float64 { return x * (math.Pi / 180) }) }},
	{Name: "sin", Args: "x", Doc: "the sine of an angle in radians", Manual: "x number: radians" + gives + `print(math.sin(math.pi / 2)) --> 1`, Fn: func(s *State) int { return of1(s, math.Sin) }},
	{Name: "sinh", Args: "x", Doc: "the hyperbolic sine", Manual: "x number: a number" + gives + `print(math.sinh(0)) --> 0`, Fn: func(s *State) int { return of1(s, math.Sinh) }},
	{Name: "sqrt", Args: "x", Doc: "the square root", Manual: "x number: 0 or more; nan below" + gives + `print(math.sqrt(2)) --> 1.4142135623731`, Fn: func(s *State) int { return of1(s, math.Sqrt) }},
	{Name: "tan", Args: "x", Doc: "the tangent of an angle in radians", Manual: "x number: radians" + gives + `print(math.tan(0)) --> 0`, Fn: func(s *State) int { return of1(s, math.Tan) }},
	{Name: "tanh", Args: "x", Doc: "the hyperbolic tangent", Manual: "x number: a number" + gives + `print(math.tanh(0)) --> 0`, Fn: func(s *State) int { return of1(s, math.Tanh) }},
	{Name: "random", Args: "[[first, ]last]", Doc: "a random number from 0 up to 1; an integer from 1 to last, or from first to last", Manual: `
		Unseeded, no two scripts get the same. For keys and passwords there is random.bytes.
		first integer?: the least; 1 when left out
		last integer?: the greatest
		-> number
		! any: last is less than first
		> local n = math.random(6)
		> print(n >= 1 and n <= 6, n % 1) --> true	0
		`, Fn: mathRandom},
	{Name: "randomseed", Args: "seed", Doc: "starts random's sequence over: the same seed gives the same numbers", Manual: `
		seed number: any
		-> nothing
		> math.randomseed(42) local a = math.random()
		> math.randomseed(42) print(math.random() == a) --> true
		`, Fn: mathRandomseed},
}}

// generator makes random numbers. It is the interpreter's own; unseeded, no two are alike.
type generator struct {
	source *rand.PCG
	*rand.Rand
}

func (in *Interpreter) random() *generator {
	if in.randoms == nil {
		source := rand.NewPCG(rand.Uint64(), rand.Uint64())
		in.randoms = &generator{source, rand.New(source)}
	}
	return in.randoms
}

func mathRandomseed(s *State) int {
	s.in.random().source.Seed(math.Float64bits(s.Num(1)), 0)
	return 0
}

// gives is what the manuals of functions of one number have between what that is and the example.
const gives = "\n-> number\n> "

// of1 is a function of one number, called by a script.
func of1(s *State, f func(float64) float64) int { return s.number(f(s.Num(1))) }

// of2 is a function of two numbers, called by a script.
func of2(s *State, f func(x, y float64) float64) int { return s.number(f(s.Num(1), s.Num(2))) }

// number returns x.
func (s *State) number(x float64) int {
	if n := int(x); float64(n) == x && n != 0 { // there is a zero with a sign, too
		s.Push(integer(n))
	} else {
		s.Push(lua.LNumber(x))
	}
	return 1
}

// log10 is exact for powers of ten, which math.Log10 is not.
func log10(x float64) float64 {
	y := math.Log10(x)
	if n := math.Round(y); math.Abs(y-n) < 1e-12 && math.Pow10(int(n)) == x {
		return n
	}
	return y
}

// frexp(x) returns m and e with x == m * 2^e.
func mathFrexp(s *State) int {
	m, e := math.Frexp(s.Num(1))
	return s.Return(lua.LNumber(m), lua.LNumber(e))
}

// ldexp(m, e) returns m * 2^e.
func mathLdexp(s *State) int { return s.number(math.Ldexp(s.Num(1), s.whole(2))) }

// max(x, ...) returns the greatest of its arguments.
func mathMax(s *State) int {
	x := s.Num(1)
	for i, n := 2, s.GetTop(); i <= n; i++ {
		if y := s.Num(i); y > x {
			x = y
		}
	}
	return s.number(x)
}

// min(x, ...) returns the least of its arguments.
func mathMin(s *State) int {
	x := s.Num(1)
	for i, n := 2, s.GetTop(); i <= n; i++ {
		if y := s.Num(i); y < x {
			x = y
		}
	}
	return s.number(x)
}

// modf(x) returns the integral part and the fraction.
func mathModf(s *State) int {
	x := s.Num(1)
	if math.IsInf(x, 0) {
		return s.Return(lua.LNumber(x), lua.LNumber(math.Copysign(0, x)))
	}
	whole, fraction := math.Modf(x)
	return s.Return(lua.LNumber(whole), lua.LNumber(fraction))
}

// random([[first,] last]) returns x, which is from 0 up to 1, or an integer made
// of it: from 1 to last, or from first to last.
func mathRandom(s *State) int {
	x := s.in.random().Float64()
	first, last, n := 1.0, 0.0, s.GetTop()
	switch n {
	case 0:
		return s.Return(lua.LNumber(x))
	case 1:
		last = math.Trunc(s.Num(1))
	case 2:
		first, last = math.Trunc(s.Num(1)), math.Trunc(s.Num(2))
	default:
		s.RaiseError("wrong number of arguments")
	}
	if !(first <= last) {
		s.ArgError(n, "interval is empty")
	}
	if last-first >= number.Exact || math.Abs(first) > number.Exact || math.Abs(last) > number.Exact {
		s.ArgError(n, "interval too large")
	}
	return s.number(first + math.Floor(x*(last-first+1)))
}
