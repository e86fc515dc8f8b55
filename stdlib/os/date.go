//go:build unix

package os

import (
	"fmt"
	"math"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// maxTime is the last second of the year 2147483647, beyond which C's struct tm
// cannot go.
const maxTime = 67767976233532799

// date formats a time as strftime does in the C locale, or gives a table for the
// format "*t". A leading "!" means UTC.
func date(s *interp.State) int {
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
	d := dates{Work: s.Work(), s: s, at: at}
	d.strftime(format)
	return s.ReturnBytes(d.out)
}

// gmt is UTC under the name that C has for it.
var gmt = time.FixedZone("GMT", 0)

func dateTable(s *interp.State, at time.Time) *lua.LTable {
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

// dates is a time being formatted.
type dates struct {
	interp.Work
	s   *interp.State
	at  time.Time
	out []byte
}

// strftime is C99's, without its modifiers E and O. What is no conversion stays as
// it is.
func (d *dates) strftime(format string) {
	for i := 0; i < len(format); i++ {
		d.Spend(5)
		d.s.Fits(len(d.out) + 1)
		if format[i] != '%' || i+1 == len(format) {
			d.out = append(d.out, format[i])
			continue
		}
		i++
		if !d.conversion(format[i]) {
			d.out = append(d.out, format[i-1:i+1]...)
		}
	}
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

func (d *dates) conversion(c byte) bool {
	if format, ok := composed[c]; ok {
		d.strftime(format)
		return true
	}
	d.Spend(10)
	if layout, ok := layouts[c]; ok {
		d.out = d.at.AppendFormat(d.out, layout)
		return true
	}
	text, ok := dateNumber(d.at, c)
	d.out = append(d.out, text...)
	return ok
}

// dateNumber returns the conversions that Go has no layout for.
func dateNumber(at time.Time, c byte) (text string, ok bool) {
	isoYear, isoWeek := at.ISOWeek()
	weekday, yearDay := int(at.Weekday()), at.YearDay()-1
	century := int(math.Floor(float64(at.Year()) / 100))
	switch c {
	case '%', 'n', 't':
		return map[byte]string{'%': "%", 'n': "\n", 't': "\t"}[c], true
	case 'C':
		text = fmt.Sprintf("%02d", century)
	case 'g':
		text = fmt.Sprintf("%02d", ((isoYear%100)+100)%100)
	case 'G':
		text = fmt.Sprintf("%d", isoYear)
	case 'k':
		text = fmt.Sprintf("%2d", at.Hour())
	case 'l':
		text = fmt.Sprintf("%2d", (at.Hour()+11)%12+1)
	case 's':
		text = fmt.Sprintf("%d", at.Unix())
	case 'u':
		text = fmt.Sprintf("%d", (weekday+6)%7+1)
	case 'U': // weeks begin on Sunday
		text = fmt.Sprintf("%02d", (yearDay+7-weekday)/7)
	case 'V':
		text = fmt.Sprintf("%02d", isoWeek)
	case 'w':
		text = fmt.Sprintf("%d", weekday)
	case 'W': // weeks begin on Monday
		text = fmt.Sprintf("%02d", (yearDay+7-(weekday+6)%7)/7)
	case 'y':
		text = fmt.Sprintf("%02d", at.Year()-100*century)
	case 'Y':
		text = fmt.Sprintf("%d", at.Year())
	default:
		return "", false
	}
	return text, true
}
