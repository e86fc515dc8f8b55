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
	of1("abs", "the absolute value", math.Abs),
	of1("acos", "the arc cosine, in radians", math.Acos),
	of1("asin", "the arc sine, in radians", math.Asin),
	of1("atan", "the arc tangent, in radians", math.Atan),
	of2("atan2", "y, x", "the arc tangent of y/x, in the quadrant of the point", math.Atan2),
	of1("ceil", "the least integer that is not less", math.Ceil),
	of1("cos", "the cosine of an angle in radians", math.Cos),
	of1("cosh", "the hyperbolic cosine", math.Cosh),
	of1("deg", "radians in degrees", func(x float64) float64 { return x / (math.Pi / 180) }),
	of1("exp", "e^x", math.Exp),
	of1("floor", "the greatest integer that is not more", math.Floor),
	of2("fmod", "x, y", "the remainder of x/y, with the sign of x", math.Mod),
	{Name: "frexp", Args: "x", Doc: "m and e with x == m * 2^e, m from 0.5 up to 1", Fn: mathFrexp},
	{Name: "ldexp", Args: "m, e", Doc: "m * 2^e", Fn: mathLdexp},
	of1("log", "the natural logarithm", math.Log),
	of1("log10", "the logarithm to base 10", log10),
	{Name: "max", Args: "x, ...", Doc: "the greatest of its arguments", Fn: mathMax},
	{Name: "min", Args: "x, ...", Doc: "the least of its arguments", Fn: mathMin},
	of2("mod", "x, y", "the old name of fmod", math.Mod),
	{Name: "modf", Args: "x", Doc: "the integral part and the fraction, both with the sign of x", Fn: mathModf},
	of2("pow", "x, y", "x^y", math.Pow),
	of1("rad", "degrees in radians", func(x float64) float64 { return x * (math.Pi / 180) }),
	of1("sin", "the sine of an angle in radians", math.Sin),
	of1("sinh", "the hyperbolic sine", math.Sinh),
	of1("sqrt", "the square root", math.Sqrt),
	of1("tan", "the tangent of an angle in radians", math.Tan),
	of1("tanh", "the hyperbolic tangent", math.Tanh),
	{Name: "random", Args: "[[first, ]last]", Doc: "a random number from 0 up to 1; an integer from 1 to last, or from first to last", Fn: mathRandom},
	{Name: "randomseed", Args: "seed", Doc: "starts random's sequence over: the same seed gives the same numbers", Fn: mathRandomseed},
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

// of1 makes a Lua function out of a function of one number.
func of1(name, doc string, f func(float64) float64) Function {
	return Function{Name: name, Args: "x", Doc: doc, Fn: func(s *State) int { return s.number(f(s.Num(1))) }}
}

// of2 makes a Lua function out of a function of two numbers.
func of2(name, args, doc string, f func(x, y float64) float64) Function {
	return Function{Name: name, Args: args, Doc: doc, Fn: func(s *State) int { return s.number(f(s.Num(1), s.Num(2))) }}
}

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
