//go:build unix

package process

import (
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/file"
	"wirelua/stdlib/internal/child"
	"wirelua/stdlib/internal/signame"
)

// process is what a Lua process holds. It keeps its pipes, and nothing keeps it:
// one that the script drops loses them.
type process struct {
	*child.Child
	streams [3]lua.LValue
}

// Hold makes a process an interp.Holder.
func (p *process) Hold(a *interp.Account) {
	a.Bytes(1024)
	for _, v := range p.streams {
		a.Value(v)
	}
}

var processType = &interp.Type{
	Name: "process",
	Doc:  "a program that spawn has started; stdin, stdout and stderr are our ends of its pipes",
	Methods: []interp.Function{
		{Name: "wait", Args: "[timeout]", Doc: "its exit status, negative for a signal; nil and \"timeout\" when it goes on running; waits", Manual: `
		timeout number?: seconds; for ever when left out
		-> integer: the exit status, or a signal's number below 0
		or nil, "timeout": it goes on running
		> local p = process.spawn({"sh", "-c", "exit 3"})
		> print(p:wait()) --> 3
		`, Fn: wait},
		{Name: "poll", Args: "", Doc: "its exit status, negative for a signal; nil while it runs", Manual: `
		-> integer?: the exit status, or a signal's number below 0
		> local p = process.spawn{"sleep", "60"}
		> print(p:poll()) --> nil
		> p:kill()
		`, Fn: poll},
		{Name: "kill", Args: `[signal="SIGTERM"]`, Doc: "sends a signal, by name or number, unless it has ended; returns true", Manual: `
		signal string|integer?: a name, with or without SIG, or a number
		-> true: always
		> local p = process.spawn{"sleep", "60"}
		> p:kill()
		> print(p:wait()) --> -15
		`, Fn: kill},
		{Name: "with", Args: "fn, ...", Doc: "calls fn(process, ...), then closes its pipes and waits for its end; gives fn's results or error", Manual: `
		fn fun(process:process,...:any):...: called with it
		... any: further arguments
		-> any ...: fn's results
		> local p = process.spawn({"cat"}, {stdin = "pipe", stdout = "pipe"})
		> print(p:with(function(p)
		>   p.stdin:write("meow") p.stdin:close()
		>   return p.stdout:read("*a")
		> end)) --> meow
		`, Fn: with},
	},
	Fields: []interp.Field{
		{Name: "pid", Type: "integer", Doc: "the process's number"},
		{Name: "stdin", Type: "file?", Doc: "our end of the pipe that it reads from, or nil"},
		{Name: "stdout", Type: "file?", Doc: "our end of the pipe that it writes to, or nil"},
		{Name: "stderr", Type: "file?", Doc: "our end of the pipe that it writes errors to, or nil"},
	},
	Index: func(_ *interp.State, v any, key string) lua.LValue {
		p := v.(*process)
		if key == "pid" {
			return lua.LNumber(p.PID)
		}
		for i, name := range streamNames {
			if key == name {
				return p.streams[i]
			}
		}
		return nil
	},
	String: func(v any) string {
		p := v.(*process)
		if !p.Ended() {
			return fmt.Sprintf("process(pid=%d, running)", p.PID)
		}
		status, err := p.status()
		if err != nil {
			return fmt.Sprintf("process(pid=%d, %v)", p.PID, err)
		}
		return fmt.Sprintf("process(pid=%d, status=%d)", p.PID, status)
	},
	Strict: true,
}

func self(s *interp.State) *process { return interp.ObjectArg[*process](s, 1, "process") }

// pushStatus pushes how the process ended.
func (p *process) pushStatus(s *interp.State) int {
	status, err := p.status()
	if err != nil {
		return s.Raise(err)
	}
	return s.Return(lua.LNumber(status))
}

// status is the exit status, or minus a signal, as in Python.
func (p *process) status() (int, error) {
	status, err := p.Status()
	if status.Signaled() {
		return -int(status.Signal()), err
	}
	return status.ExitStatus(), err
}

func wait(s *interp.State) int {
	p := self(s)
	switch err := p.Await(s, s.Deadline(2)); {
	case err == interp.ErrTimeout:
		return s.Return(lua.LNil, lua.LString("timeout"))
	case err != nil:
		return s.Raise(err)
	}
	return p.pushStatus(s)
}

func poll(s *interp.State) int {
	p := self(s)
	if !p.Ended() {
		s.GiveWay() // a loop that asks for it lets others run
		return s.Return(lua.LNil)
	}
	return p.pushStatus(s)
}

func kill(s *interp.State) int {
	p := self(s)
	switch s.Get(2).(type) {
	case lua.LString, lua.LNumber, *lua.LNilType:
	default:
		s.TypeError(2, "signal's name or number")
	}
	sig := signame.Arg(s, 2, unix.SIGTERM)
	if p.Ended() {
		return s.True() // also when another's wait took the status away
	}
	if err := p.Signal(sig); err != nil && interp.AsOpError(err).Code != "ESRCH" { // it may be just ending
		return s.Raise(err)
	}
	return s.True()
}

func with(s *interp.State) int {
	p := self(s)
	return interp.With(s, func() error {
		var first error
		for _, v := range p.streams {
			ud, ok := v.(*lua.LUserData)
			if !ok {
				continue
			}
			if err := ud.Value.(*file.File).Close(s); err != nil && first == nil {
				first = err
			}
		}
		if err := p.Await(s, time.Time{}); err != nil {
			return err
		}
		return first
	})
}
