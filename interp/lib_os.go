package interp

import (
	"errors"
	"math"
	"os"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/policy"
)

// openOS makes the library os, which is Lua 5.1's as far as the policy lets it.
func (in *Interpreter) openOS() {
	in.openLibrary("os", []Function{
		{Name: "clock", Args: "", Fn: func(s *State) int { return s.Return(lua.LNumber(cpuTime().Seconds())) }},
		{Name: "date", Args: `[format="%c"[, time]]`, Fn: luaDate},
		{Name: "difftime", Args: "t2[, t1]", Fn: luaDifftime},
		{Name: "execute", Args: "[command]", Fn: in.luaExecute},
		{Name: "exit", Args: "[code=0]", Fn: luaExit},
		{Name: "getenv", Args: "name", Fn: in.luaGetenv},
		{Name: "remove", Args: "name", Fn: in.luaRemove},
		{Name: "rename", Args: "from, to", Fn: in.luaRename},
		{Name: "setlocale", Args: "[locale[, category]]", Fn: luaSetlocale},
		{Name: "time", Args: "[table]", Fn: luaTime},
		{Name: "tmpname", Args: "", Fn: in.luaTmpname},
	})
}

func luaDifftime(s *State) int {
	t := s.Num(1)
	if !s.Absent(2) {
		t -= s.Num(2)
	}
	return s.Return(lua.LNumber(t))
}

// luaExecute runs a command and returns the status of wait(2), as Lua 5.1 does; or,
// without a command, 1 if there is a shell.
func (in *Interpreter) luaExecute(s *State) int {
	if s.Absent(1) {
		path, err := in.shellPath()
		if err == nil {
			_, err = os.Stat(path)
		}
		if err != nil {
			return s.Return(lua.LNumber(0))
		}
		return s.Return(lua.LNumber(1))
	}
	command := s.Str(1)
	p, err := in.startShell(s, command, nil, nil)
	if err != nil {
		return s.answerOpen(command, err)
	}
	if err := p.wait(s); err != nil {
		p.kill() // nobody could ever ask for it again
		return s.Raise(err)
	}
	_, _, status := exitStatus(p.cmd.ProcessState)
	return s.Return(lua.LNumber(status))
}

func luaExit(s *State) int {
	switch v := s.Get(1).(type) {
	case lua.LBool:
		if v {
			s.Exit(0)
		}
		s.Exit(1)
	default:
		s.Exit(s.OptInt(1, 0))
	}
	return 0
}

// maxVariable is how long the name of a variable may be: Linux takes 128 KB for name and value.
const maxVariable = 1 << 20

func (in *Interpreter) luaGetenv(s *State) int {
	name := s.Str(1)
	if len(name) > maxVariable || in.policy.Env(name) != nil {
		return s.Return(lua.LNil)
	}
	v, ok := os.LookupEnv(name)
	if !ok {
		return s.Return(lua.LNil)
	}
	return s.Return(lua.LString(v))
}

func (in *Interpreter) luaRemove(s *State) int {
	name := s.Str(1)
	if err := in.policy.Remove(name); err != nil {
		return s.answer(name, err)
	}
	return s.True()
}

func (in *Interpreter) luaRename(s *State) int {
	from, to := s.Str(1), s.Str(2)
	err := in.policy.Rename(from, to)
	if err == nil {
		return s.True()
	}
	about := from
	if denied := new(policy.Denied); errors.As(err, &denied) {
		about = denied.What
	}
	return s.answer(about, err)
}

// luaTmpname creates the file, too, so that nobody else can take the name.
func (in *Interpreter) luaTmpname(s *State) int {
	f, name, err := in.tempFile(os.O_WRONLY)
	if err != nil {
		return s.answer(name, err)
	}
	f.Close()
	return s.Return(lua.LString(name))
}

// luaSetlocale knows one locale: Go's functions do not look at it.
func luaSetlocale(s *State) int {
	locale := s.OptStr(1, "C")
	switch category := s.OptStr(2, "all"); category {
	case "all", "collate", "ctype", "monetary", "numeric", "time":
	default:
		s.ArgError(2, "invalid option '%s'", category)
	}
	switch locale {
	case "", "C", "POSIX":
		return s.Return(lua.LString("C"))
	}
	return s.Return(lua.LNil)
}

// luaTime returns the seconds since 1970 of now, or of a table of local time, whose
// fields may be out of range: the 32nd of January is the 1st of February.
func luaTime(s *State) int {
	if s.Absent(1) {
		return s.Return(lua.LNumber(time.Now().Unix()))
	}
	t := s.Table(1)
	day, month, year := dateField(s, t, "day", nil), dateField(s, t, "month", nil), dateField(s, t, "year", nil)
	hour, minute, second := dateField(s, t, "hour", new(12)), dateField(s, t, "min", new(0)), dateField(s, t, "sec", new(0))
	at := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.Local)
	if isdst := s.GetField(t, "isdst"); isdst != lua.LNil {
		at = at.Add(dstShift(at, lua.LVAsBool(isdst)))
	}
	return s.Return(lua.LNumber(at.Unix()))
}

// dateField returns a field of a date table, or what otherwise is when there is none.
func dateField(s *State, t *lua.LTable, name string, otherwise *int) int {
	var x float64
	ok := true
	switch v := s.GetField(t, name).(type) {
	case lua.LNumber:
		x = float64(v)
	case lua.LString:
		x, ok = ParseNumber(string(v))
	default:
		ok = false
	}
	switch {
	case !ok && otherwise == nil:
		s.RaiseError("field '%s' missing in date table", name)
	case !ok:
		return *otherwise
	case !(math.Abs(x) <= math.MaxInt32):
		s.RaiseError("field '%s' is out of bounds in date table", name)
	}
	return int(x)
}

// dstShift is how far off a time is that was read as local time, when the script
// says that it is summer time, or not, and it is the other: then the clock it was
// read from has the offset of the nearest time that is so.
func dstShift(at time.Time, summer bool) time.Duration {
	if at.IsDST() == summer {
		return 0
	}
	_, offset := at.Zone()
	start, end := at.ZoneBounds()
	for _, near := range []time.Time{start.Add(-time.Second), end} {
		if !near.IsZero() && near.Year() > 0 && near.IsDST() == summer {
			_, other := near.Zone()
			return time.Duration(offset-other) * time.Second
		}
	}
	if summer { // a zone without it: an hour is usual
		return -time.Hour
	}
	return time.Hour
}
