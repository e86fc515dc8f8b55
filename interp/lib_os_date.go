package interp

import (
	"fmt"
	"math"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// maxTime is the last second of the year 2147483647, beyond which C's struct tm
// cannot go.
const maxTime = 67767976233532799

// luaDate formats a time as strftime does in the C locale, or gives a table for the
// format "*t". A leading "!" means UTC.
func luaDate(s *State) int {
	format := s.OptStr(1, "%c")
	at := time.Now()
	if !s.Absent(2) {
		seconds := s.Num(2)
		if !(math.Abs(seconds) <= maxTime) {
			return s.Return(lua.LNil)
		}
		at = time.Unix(int64(seconds), 0)
	}
	if strings.HasPrefix(format, "!") {
		format = format[1:]
		at = at.In(gmt)
	}
	if format == "*t" {
		return s.Return(dateTable(s, at))
	}
	return s.Return(lua.LString(strftime(format, at)))
}

// gmt is UTC under the name that C has for it.
var gmt = time.FixedZone("GMT", 0)

func dateTable(s *State, at time.Time) *lua.LTable {
	t := s.CreateTable(0, 9)
	for name, v := range map[string]int{
		"year": at.Year(), "month": int(at.Month()), "day": at.Day(),
		"hour": at.Hour(), "min": at.Minute(), "sec": at.Second(),
		"wday": int(at.Weekday()) + 1, "yday": at.YearDay(),
	} {
		t.RawSetString(name, lua.LNumber(v))
	}
	t.RawSetString("isdst", lua.LBool(at.IsDST()))
	return t
}

// strftime is C99's, without its modifiers E and O. What is no conversion stays as
// it is.
func strftime(format string, at time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		if !conversion(&b, format[i], at) {
			b.WriteString(format[i-1 : i+1])
		}
	}
	return b.String()
}

// composed are the conversions that stand for others.
var composed = map[byte]string{
	'c': "%a %b %e %H:%M:%S %Y", 'x': "%m/%d/%y", 'X': "%H:%M:%S", 'D': "%m/%d/%y",
	'F': "%Y-%m-%d", 'R': "%H:%M", 'r': "%I:%M:%S %p", 'T': "%H:%M:%S",
}

// layouts are the conversions that Go's own formatting has.
var layouts = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'h': "Jan", 'B': "January", 'd': "02", 'e': "_2", 'H': "15", 'I': "03",
	'j': "002", 'm': "01", 'M': "04", 'p': "PM", 'P': "pm", 'S': "05", 'z': "-0700", 'Z': "MST",
}

func conversion(b *strings.Builder, c byte, at time.Time) bool {
	if format, ok := composed[c]; ok {
		b.WriteString(strftime(format, at))
		return true
	}
	if layout, ok := layouts[c]; ok {
		b.WriteString(at.Format(layout))
		return true
	}
	isoYear, isoWeek := at.ISOWeek()
	weekday, yearDay := int(at.Weekday()), at.YearDay()-1
	century := int(math.Floor(float64(at.Year()) / 100))
	switch c {
	case '%', 'n', 't':
		b.WriteByte(map[byte]byte{'%': '%', 'n': '\n', 't': '\t'}[c])
	case 'C':
		fmt.Fprintf(b, "%02d", century)
	case 'g':
		fmt.Fprintf(b, "%02d", ((isoYear%100)+100)%100)
	case 'G':
		fmt.Fprintf(b, "%d", isoYear)
	case 'k':
		fmt.Fprintf(b, "%2d", at.Hour())
	case 'l':
		fmt.Fprintf(b, "%2d", (at.Hour()+11)%12+1)
	case 's':
		fmt.Fprintf(b, "%d", at.Unix())
	case 'u':
		fmt.Fprintf(b, "%d", (weekday+6)%7+1)
	case 'U': // weeks begin on Sunday
		fmt.Fprintf(b, "%02d", (yearDay+7-weekday)/7)
	case 'V':
		fmt.Fprintf(b, "%02d", isoWeek)
	case 'w':
		fmt.Fprintf(b, "%d", weekday)
	case 'W': // weeks begin on Monday
		fmt.Fprintf(b, "%02d", (yearDay+7-(weekday+6)%7)/7)
	case 'y':
		fmt.Fprintf(b, "%02d", at.Year()-100*century)
	case 'Y':
		fmt.Fprintf(b, "%d", at.Year())
	default:
		return false
	}
	return true
}
