package interp

import (
	"io"
	"io/fs"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/chaos"
	"wirelua/interp/dump"
	"wirelua/interp/internal/glua"
	"wirelua/interp/internal/meter"
	"wirelua/interp/internal/structs"
	"wirelua/interp/internal/turn"
	"wirelua/interp/policy"
	"wirelua/interp/trace"
)

// Config says what an interpreter has and may do. The zero value is safe: no
// modules beside Lua's own, no network, files, processes or environment, empty
// input, output discarded, no limits. New copies it; what its fields refer to may
// be shared by any number of interpreters.
type Config struct {
	// Args are the script's: arg[1], arg[2]... and "...", for RunFile and
	// RunString. Default: none. Arguments given to RunFile replace them.
	Args []string

	// Before is what stood before the script on a command line, the program first: the last of it is
	// arg[-1]. Default: nothing.
	Before []string

	// Stdin is what io.read and io.stdin read. Default: empty. A Read waits on a
	// goroutine of its own while other threads run; one that never returns
	// outlives Close.
	Stdin io.Reader

	// Stdout and Stderr are what print, io.write and io.stderr write, and where the
	// traceback of a thread goes whose error nothing caught. Default: thrown away.
	// Each write of a script is one Write, at once, and made while other threads run:
	// one that blocks holds up the thread that wrote, and Close. If both are one
	// writer, it still gets one Write at a time. See Limits.Output.
	Stdout, Stderr io.Writer

	// FS is where require, dofile, loadfile and RunFile look for Lua files: an embed.FS,
	// an archive, os.DirFS. Its rules for names hold: "lib/x.lua", no leading
	// slash, no way out. Default: the host's files. Then RunFile reads any file, and
	// the script those in its own folder and below, and what Policy.Read allows. It
	// serves code only: io.open is about the host's files, as Policy allows.
	FS fs.FS

	// Loading hears of each file before require, dofile or loadfile opens it, by the path that it is opened by; so of
	// files, too, that require looks for and that are not there. It is called with the turn, and must not call the interpreter. Default:
	// nobody is told.
	Loading func(path string)

	// Policy is what the script may touch. Default: nothing. policy.All() is
	// everything; see there for rules:
	//
	//	Policy: policy.Policy{Connect: []string{"10.0.0.0/8:443"}, Read: []string{"/srv/data"}}
	//
	// What the host itself hands over, a net.Conn or a function, needs no rule.
	Policy policy.Policy

	// Remedy says what the texts of denials end with, for scripts to show to who runs them: the command has
	// the flag that would allow it, (*policy.Denied).Flag. Default: nothing.
	Remedy func(*policy.Denied) string

	// Audit, if not nil, notes what scripts touch: everything is allowed, whatever
	// Policy says, and Audit.Policy tells afterwards what would have sufficed.
	Audit *policy.Audit

	// Modules are what require finds, each also a global of its name. Default:
	// none, and require says so. stdlib.Modules() lists wirelua's own; take away what
	// scripts shall not have, and append your own. A module costs next to nothing
	// until a script uses it. Lua's own libraries are always there, but for io and os: these are
	// modules like the others, without which a script has neither. print, require, dofile and
	// loadfile it has in any case.
	Modules []*Module

	// Globals are the modules whose functions are globals, too, found when first read: proto's at a
	// prompt. Default: none, but for those that Module.Globals names.
	Globals []string

	// Observer sees every socket operation, when it has ended. Default: none, which
	// costs nothing. It is called with the turn, so it should be quick, and
	// must not call the interpreter. trace.Text(os.Stderr) writes a line for each. See
	// trace.Observer.
	Observer trace.Observer

	// Chaos is what is disturbed on purpose of what scripts do with sockets: see chaos.Parse. Default:
	// nothing, which costs nothing. When it has no seed one is chosen, and told on Stderr.
	Chaos chaos.Spec

	// TLSKeyLog gets the secrets of TLS connections, in the form of NSS's key log,
	// with which tools such as Wireshark decrypt what they captured; nil is none.
	// Whoever reads it can read the connections.
	TLSKeyLog io.Writer

	// FindDeadlocks has RunFile, RunString, Run and Call fail with ErrDeadlock, and the dump that Threads
	// makes as the traceback, when no thread can ever go on: all wait without a time
	// limit for locks, queues and the like, or for each other's end. It is for hosts that do nothing meanwhile
	// which could wake one: no Call from another goroutine, no Set. Channels, host functions,
	// descriptors, programs and handlers of signals are found by themselves. Default: they wait
	// until their context ends.
	FindDeadlocks bool

	// OnThreadError hears of threads that died of an error that nothing caught, those of os.exit and
	// of the end of a run apart. Default: the text goes to Stderr. It is called without the turn, on a
	// goroutine of the interpreter's, perhaps by several at once; it may call the Interpreter's methods, but Close and
	// Shutdown, which wait for it.
	OnThreadError func(*Error)

	// Cache keeps what require, dofile and RunFile compiled, for all interpreters that have it, so that
	// each file is compiled once. Default: none. See Cache.
	Cache *Cache

	// Leaks has the line noted that makes a socket, a pipe or a file, for Interpreter.Leaks to tell of those
	// that nothing closed. Default: nothing is noted.
	Leaks bool

	// Limits bound what a script can take. Default: nothing is bounded.
	Limits Limits
}

// Limits bound what a script can take. Zero is no limit. What is raised at a limit a
// script can catch; the end of Time it cannot.
type Limits struct {
	// Threads is how many there may be at once in the interpreter, beside those of
	// RunFile, RunString and Call themselves. Starting one more raises EAGAIN.
	Threads int

	// Sockets is how many may be open at once in the interpreter: sockets, those that the
	// host handed over included if they have a descriptor, pipes, selectors, and descriptors
	// that scripts have by their number only (detach, recv_fds). Opening one more raises
	// EMFILE; Set and Call fail with it.
	Sockets int

	// Descriptors is how many the interpreter may hold open at once, whatever they are:
	// those that Sockets counts, two that it takes to wait for all of these, files, shared
	// memory, the streams of programs and what the system needs to wait for each (two), and two for
	// each way that relay or sendfrom moves much. Opening one more raises
	// EMFILE; io.open and its like answer nil and a message, as they do for any failure. What
	// came with a message and is beyond is closed, and told by MSG_CTRUNC. An
	// object that scripts have dropped counts until the collector has found it.
	Descriptors int

	// Output is how many bytes one run may write to Stdout and Stderr together:
	// one RunFile, RunString or Call, with all threads it started. Writing more
	// raises EFBIG (io.write answers nil and a message, as it does for any failure), and
	// nothing of that goes out. What programs print that the script starts does not count.
	Output int

	// Time is how long one run may last: RunFile, RunString or Call, with all
	// threads it started, those too that a Call leaves behind. Then they stop, and
	// what still waits for them returns context.DeadlineExceeded. Waiting counts as
	// computing does; see RunFile's ctx for a limit of one's own for each run.
	Time time.Duration

	// Memory is how many bytes the interpreter may hold, by the account that
	// Interpreter.Memory gives, which tells what is counted. One that holds more is
	// stopped, whatever others do: the run that computes at that moment returns
	// syscall.ENOMEM, or all its runs do when all wait. What globals hold stays held, and
	// counts, until they let go of it, or nobody holds the interpreter, closed, any more.
	//
	// Go does not count by script, so that the account is made by a walk through what
	// the interpreter holds, when the process has come to hold so much more that it may
	// have too much: it takes a tenth of the time at most, and nothing while the process
	// is smaller than the limit. So a script gets beyond its limit before it is stopped,
	// by what it makes in some 10 ms, and by what a single operation makes: leave
	// as much again free. As what no account sees is bounded by nothing else, there is
	// a second line: when the process itself, after a collection, has a quarter more
	// in use than the limits of all interpreters that are not closed and what it had when
	// the first of them began to run, the one is stopped that computes and holds most.
	//
	// Interpreters with this limit that compute on and on take turns, each for some
	// milliseconds, of which so many go on at a time as there are processors but one: so
	// those that wait now and then are not kept waiting. What begins meanwhile, in an
	// interpreter that has not run before, waits for its first turn.
	Memory int
}

// Interpreter runs Lua. Its methods may be called by many goroutines at once:
// calls take turns, and a call that waits lets others in. All calls share its
// globals; scripts that shall not see each other get an interpreter each, which
// takes some 50 microseconds and 30 KB. What modules need of one is
// its Engine.
type Interpreter struct {
	config Config
	policy *policy.Checker
	stdout *Output
	stderr *Output

	streams Streams
	explain func(*Error) string // what else is printed of a thread's error; or nil

	turn   *turn.Scheduler // whoever has the turn may run Lua
	wg     sync.WaitGroup
	closed bool

	visits   int           // of the host's, under way
	draining bool          // no new ones are let in
	drained  chan struct{} // closed, and nil, when none is left; nil before that is asked

	root      *lua.LState                    // makes stacks and functions; never runs
	parent    *lua.LState                    // of the stacks of threads that run in steps: what these yield goes there
	chunk     *lua.LFunction                 // makes a Lua function out of a Go function
	free      [2][]*State                    // idle stacks: ordinary ones, and those of main threads
	idle      []*run                         // that are over, for calls to come
	funcs     map[*lua.LFunction]*Function   // of its own; see shared
	envs      map[*lua.LFunction]*lua.LTable // that scripts have given to shared functions
	manuals   map[*lua.LFunction]*Function   // of functions of modules that are written in Lua
	defined   map[*lua.FunctionProto]bool    // their code
	types     map[*Type]*lua.LTable
	classes   map[classKey]*lua.LTable
	typeOf    map[lua.LValue]*Type                  // by metatable
	opened    map[string]lua.LValue                 // the modules and Lua's libraries, out of scripts' reach
	loaded    *lua.LTable                           // package.loaded
	pkg       *lua.LTable                           // package, whatever scripts set that to
	constants map[*lua.LTable]map[string]lua.LValue // of modules, that are not in their tables yet
	loading   map[string]*loading                   // what require is about, by name

	kept    map[string]*lua.Upvalue    // the local variables of pieces that EvalText ran
	members map[lua.LValue]*lua.LTable // of functions that are modules, too

	locals  map[any]any
	randoms *generator // of math.random; nil until it is used
	onClose []func()

	questions     questions[*State]
	describeWaits func() func(fd int) dump.Thread // see DescribeWaits
	mayWake       []func() bool                   // see MayWake

	findLeaks []func() []dump.Leak
	refused   refusals

	descriptors []func() int // see CountDescriptors
	reading     int          // files of code that are open

	handling, raises *lua.LFunction // handlingFunction and raisingFunction
	functions        *lua.LTable    // the metatable of functions, if some are modules, too

	meter        meter.Meter
	reported     reportedUse
	worked       atomic.Uint64 // how often a thread has run until it waited or ended
	measured     uint64        // worked, when it was measured
	workedBefore uint64        // worked, when the watch looked last; the watch's own
	toMeasure    atomic.Bool   // by its own goroutine
	toQueue      atomic.Bool   // see crowd
	queued       atomic.Bool
	ticks        atomic.Int32 // that it had since its last wait

	runs    runs
	turns   turns
	structs map[reflect.Type][]structs.Field
	lent    lent
	threads int // alive, beside those of Run and Call
	hosted  int // host functions under way
	lastID  int
	folder  codeFolder // of the script that began last, for calls
}

// Sizes of stacks. A thread's grows as it needs; these are the beginning and
// the end. 16 bytes a slot.
const (
	registryStart    = 16
	registryGrow     = 64
	mainRegistryGrow = 1024 // each step copies all
	registryMax      = 1 << 18
	threadDepth      = 400  // calls in calls; one byte each per thread, used or not
	callDepth        = 1000 // of a coroutine
	mainCallDepth    = 16000
)

// constant returns a module's constant that is not in its table yet, having put it there; nil if there is none of that
// name.
func (in *Interpreter) constant(t *lua.LTable, name string) lua.LValue {
	v := in.constants[t][name]
	if v != nil {
		t.RawSetString(name, v)
	}
	return v
}

// fill puts all that a module's table shall have in it, for who does not ask by name.
func (in *Interpreter) fill(t *lua.LTable) {
	if glua.Complete(t); in.constants != nil {
		in.fillConstants(t)
	}
}

func (in *Interpreter) fillConstants(t *lua.LTable) {
	rest := in.constants[t]
	if rest == nil {
		return
	}
	delete(in.constants, t)
	for name, v := range rest {
		if t.RawGetString(name) == lua.LNil {
			t.RawSetString(name, v)
		}
	}
}
