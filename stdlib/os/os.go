//go:build unix

// Package os holds the module os: Lua 5.1's, as far as the policy lets it.
package os

import (
	"errors"
	"math"
	"os"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
	"wirelua/interp/file"
	"wirelua/interp/policy"
	"wirelua/stdlib/internal/child"
)

// Module is the module os: time and dates, the environment, files by their names, the shell.
//
//	print(os.date("%Y-%m-%d", os.time() + 86400))
//	print(os.getenv("HOME"))
//	assert(os.rename("new.txt", "old.txt"))
//	os.exit(3)
//
// Failures of functions about files are answers, as in Lua 5.1: nil, a message and an errno. Files
// are the policy's read and write doors', execute the run door's, and of the environment a script
// sees what the env door lets it: the rest is nil. exit ends the script, after clean-up, and never
// the host. There is one locale, C's.
var Module = &interp.Module{
	Name:  "os",
	Doc:   "time and dates, the environment, files by their names, the shell; failures are answers: nil, a message and an errno",
	Early: true,
	Foreign: map[string]string{
		"lfs": `lfs is LuaFileSystem's; here: os.rename, os.remove, io.open, and for the rest programs: io.popen("ls"), process.spawn`,
	},
	Funcs: []interp.Function{
		{Name: "clock", Args: "", Doc: "seconds that the process has been computing", Manual: `
		-> number: seconds, of all threads together
		> local before = os.clock()
		> print(os.clock() >= before) --> true
		`, Fn: func(s *interp.State) int { return s.Return(lua.LNumber(cpuTime().Seconds())) }},
		{Name: "date", Args: `[format="%c"[, time]]`, Doc: `a time (now) as text, by strftime's format; "*t" gives a table; with "!" before the format in UTC`, Manual: `
		format string?: "%Y-%m-%d %H:%M:%S" and the like
		time number?: as os.time has it
		-> string|table: the text, or a table of year, month, day, hour, min, sec, wday, yday, isdst
		> print(os.date("!%Y-%m-%d %H:%M:%S", 0)) --> 1970-01-01 00:00:00
		`, Fn: date},
		{Name: "difftime", Args: "t2[, t1]", Doc: "the seconds from t1 (0) to t2", Manual: `
		t2 number: as os.time has it
		t1 number?: as os.time has it
		-> number: seconds
		> print(os.difftime(10, 4)) --> 6
		`, Fn: difftime},
		{Name: "execute", Args: "[command]", Doc: "has the shell run a command; its status as of wait(2): 256 times the exit status; without a command, 1 if there is a shell and 0 if not. Waits", Manual: `
		command string?: for sh -c
		-> integer: the status
		> print(os.execute("exit 3") / 256) --> 3
		`, Fn: execute},
		{Name: "exit", Args: "[code=0]", Doc: "ends the script and its threads, with an exit status: a number, true (0) or false (1)", Manual: `
		code integer|boolean?: the exit status
		-> nothing
		> local ok = true
		> os.exit(ok) -- what follows does not run
		`, Fn: exit},
		{Name: "getenv", Args: "name", Doc: "the value of an environment variable, nil when there is none", Manual: `
		name string: a variable
		-> string?: its value; nil, too, when the policy does not show it
		> print(os.getenv("NO_SUCH_VARIABLE")) --> nil
		`, Fn: getenv},
		{Name: "remove", Args: "name", Doc: "deletes a file or an empty folder; returns true", Manual: `
		name string: a path
		-> true: it is gone
		or nil, message, errno: it failed
		> print(os.remove("no such file")) --> nil	no such file: No such file or directory	2
		`, Fn: remove},
		{Name: "rename", Args: "from, to", Doc: "gives a file another name; returns true", Manual: `
		from string: a path
		to string: a path; what is there is replaced
		-> true: it has that name
		or nil, message, errno: it failed
		> io.open("new.txt", "w"):close()
		> print(os.rename("new.txt", "old.txt")) --> true
		`, Fn: rename},
		{Name: "setlocale", Args: "[locale[, category]]", Doc: `"C", the only locale there is; nil for another`, Manual: `
		locale string|nil: "", "C" and "POSIX" are that one; nil only asks
		category "all"|"collate"|"ctype"|"monetary"|"numeric"|"time"?: which part
		-> "C"|nil
		> print(os.setlocale(), os.setlocale("de_DE")) --> C	nil
		`, Fn: setlocale},
		{Name: "time", Args: "[table]", Doc: "seconds since the beginning of 1970, UTC: now, or of the local time that the fields year, month, day, hour, min, sec, isdst say", Manual: `
		table table?: year, month, day, and perhaps hour (12), min (0), sec (0), isdst
		-> number: whole seconds
		> print(os.time() > 1700000000) --> true
		`, Fn: timeOf},
		{Name: "tmpname", Args: "", Doc: "the name of a new, empty file", Manual: `
		-> string: its path
		! any: the policy does not allow it
		> local name = os.tmpname()
		> print(os.remove(name)) --> true
		`, Fn: tmpname},
	},
}

func difftime(s *interp.State) int {
	t := s.Num(1)
	if !s.Absent(2) {
		t -= s.Num(2)
	}
	return s.Return(lua.LNumber(t))
}

// execute runs a command and returns the status of wait(2), as Lua 5.1 does; or,
// without a command, 1 if there is a shell.
func execute(s *interp.State) int {
	if s.Absent(1) {
		path, err := child.ShellPath(s.Interp())
		if err == nil {
			_, err = os.Stat(path)
		}
		if err != nil {
			s.NoteRefusal(err)
			return s.Return(lua.LNumber(0))
		}
		return s.Return(lua.LNumber(1))
	}
	command := s.Str(1)
	status, err := child.Execute(s, command)
	if err != nil {
		return file.Answer(s, command, err)
	}
	return s.Return(lua.LNumber(status))
}

func exit(s *interp.State) int {
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

func getenv(s *interp.State) int {
	name := s.Str(1)
	if len(name) > maxVariable {
		return s.Return(lua.LNil)
	}
	if err := s.Interp().Policy().Env(name); err != nil {
		s.NoteRefusal(err)
		return s.Return(lua.LNil)
	}
	v, ok := os.LookupEnv(name)
	if !ok {
		return s.Return(lua.LNil)
	}
	return s.Return(lua.LString(v))
}

func remove(s *interp.State) int {
	name := s.Str(1)
	if err := s.Interp().Policy().Remove(name); err != nil {
		return file.Answer(s, name, err)
	}
	return s.True()
}

func rename(s *interp.State) int {
	from, to := s.Str(1), s.Str(2)
	err := s.Interp().Policy().Rename(from, to)
	if err == nil {
		return s.True()
	}
	about := from
	if denied := new(policy.Denied); errors.As(err, &denied) {
		about = denied.What
	}
	return file.Answer(s, about, err)
}

// tmpname creates the file, too, so that nobody else can take the name.
func tmpname(s *interp.State) int {
	f, name, err := file.CreateTemp(s.Interp(), os.O_WRONLY)
	if err != nil {
		return file.Answer(s, name, err)
	}
	f.Close()
	return s.Return(lua.LString(name))
}

// setlocale knows one locale: Go's functions do not look at it.
func setlocale(s *interp.State) int {
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

// timeOf returns the seconds since 1970 of now, or of a table of local time, whose
// fields may be out of range: the 32nd of January is the 1st of February.
func timeOf(s *interp.State) int {
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
func dateField(s *interp.State, t *lua.LTable, name string, otherwise *int) int {
	var x float64
	ok := true
	switch v := s.GetField(t, name).(type) {
	case lua.LNumber:
		x = float64(v)
	case lua.LString:
		x, ok = interp.ParseNumber(string(v))
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
