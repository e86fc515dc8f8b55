// Package interp runs Lua scripts that may use sockets, files and processes as
// far as their host allows. It is what the wirelua command runs, and what a Go
// program embeds:
//
//	in, err := interp.New(interp.Config{Stdout: os.Stdout, Modules: stdlib.Modules(), Policy: policy.All()})
//	if err != nil { ... }
//	defer in.Close()
//	err = in.RunFile(ctx, "server.lua")
//	out, err := in.Call(ctx, "handle", "x", 42, conn)
//
// # For hosts
//
// New, with a [Config], makes an [Interpreter], whose methods are all that most programs need. Scripts that many
// interpreters run are compiled once: see [Compile], [Interpreter.Run] and [Cache]. What they have is
// called, read and set by name ([Interpreter.Call], Get, Set, CallInto, GetInto) or by a handle
// ([Object]); [Interpreter.Start] runs one beside the host, and Close, Shutdown and CloseContext end
// all. How values cross the border is told at [Interpreter.Set] and [Interpreter.Get], and how
// functions of Go's do at Set. Scripts fail with an [*Error], or an [*ExitError]; what is inside is
// found by errors.Is, and by errors.As an [*OpError], a [*PanicError] or a policy.Denied. Hosts need
// nothing else of this package: [Limits], [Program], [Run], [Func], [Results] and [Chunk] are what these
// have as arguments and results. Whole programs that embed it are in scripts/hosts.
//
// Any goroutine may call the methods of these types, at any time; each says whether it waits.
//
// # Turns
//
// Lua threads take turns: one of an interpreter's threads has the turn and runs Lua, and
// gives the turn up whenever it waits. So scripts are written in the blocking style and
// need no locks around their tables, while their waiting goes on side by side. One
// goroutine of the interpreter's runs all threads, and ends with the last of them. What
// Call runs, it runs on its caller's goroutine.
//
// # Trust
//
// Config.Policy says what a script may touch, Config.Limits how much of it, and the
// context that it runs with for how long. A script cannot end its host, nor outlive Close.
// Memory is the one thing that no engine in Go can bound exactly: Go counts it for the
// whole process, and what an interpreter holds can be found only afterwards, by looking.
// Limits.Memory stops the script that holds too much, and no other. Who runs scripts of
// strangers should set a limit of the system's as well (RLIMIT_AS, a cgroup), well above
// all interpreters together.
//
// # For authors of modules
//
// All else in this package is for modules: Go code that scripts call, which may wait, make objects, and
// ask the policy. A function that needs none of that is a host function: see [Interpreter.Set]. Where
// nothing else is said, a function of the package may be called by any goroutine and does not wait, while
// methods belong to who has the turn (every Go function called by Lua has it), and do not wait either.
//
// A [Module] is a value, and holds [Function] values; what a function is given is a [State]:
//
//	var Module = &interp.Module{Name: "counter", Doc: "Counts.",
//		Funcs: []interp.Function{{Name: "new", Args: "[from=0]", Doc: "returns a counter", Fn: create}},
//		Types: []*interp.Type{counterType},
//	}
//
//	var counterType = &interp.Type{Name: "counter", Doc: "a number that grows", Strict: true,
//		Methods: []interp.Function{{Name: "add", Args: "[n=1]", Doc: "adds n and returns the sum", Fn: add}},
//	}
//
//	type counter struct{ n int }
//
//	func create(s *interp.State) int {
//		return s.Return(s.NewObject(counterType, &counter{s.OptInt(1, 0)}))
//	}
//
//	func add(s *interp.State) int { // counter:add(5)
//		c := interp.ObjectArg[*counter](s, 1, "counter")
//		c.n += s.OptInt(2, 1)
//		return s.Return(lua.LNumber(c.n))
//	}
//
// The host lists it: Config.Modules = append(stdlib.Modules(), counter.Module). The example named Module
// is a whole one, for connections, in some hundred lines. Lua's values are gopher-lua's:
//
//	import lua "github.com/yuin/gopher-lua" // LNil, LTrue, LFalse, LNumber, LString, *LTable, *LFunction
//
// Arguments. The first is 1, and of a method the object is. State.Str, Num, Int, IntRange, Bool, Table, Callable,
// Seconds and Deadline return one, and [ObjectArg] what an object holds; each raises Lua's own kind of error, which counts
// as scripts do. OptStr, OptInt and OptTable have a default; Absent asks. A table of named arguments is
// State.Options. [Engine.Assign] fills a struct, [Engine.FromLua] makes a Go value of any.
//
// Results. State.Return pushes values, State.ReturnBytes a string; True is for what has nothing else to
// return. [Engine.ToLua] makes Lua's of any Go value. A table is s.NewTable(), filled by its own RawSetString, RawSetInt and
// Append.
//
// Errors. State.Raise raises any Go error as an error object, with the script's line, the function's name, and a code: an
// errno's name, ETIMEDOUT, EACCES of a denial, EOF, or else EOTHER. Codes of one's own are an
// &OpError{Code: "ENOTREADY", Message: "not ready"}; [About] adds an address or a path. State.ArgError is
// for a wrong argument. None of them returns: they unwind the function as a panic does, so that deferred calls run.
//
// Waiting. Nothing else runs in the interpreter while a function has the turn: what may take longer than a
// millisecond gives it up. [Thread.Wait] calls a Go function that waits, for a net.Conn or a program; [Thread.Block]
// does so on another goroutine, for what cannot be made to return early; [Thread.Sleep] waits for a time.
// For what other threads do there are [Mutex] and [WaitList], for descriptors [Desc]. All of them end early
// when the thread is cancelled or its run stopped, with the error to raise: raise it, and never wait on.
// What computes long counts its steps by State.Work, or asks State.CheckStop.
//
// State. A module has no variables: what belongs to one interpreter is kept by [Engine.Local], and
// ended by [Engine.OnClose]. An object that scripts drop is told of by [OnDrop]. A goroutine
// that a module starts touches nothing of Lua's but within [Engine.WithTurn]; it ends by OnClose.
//
// The fence. What a function touches it asks for, just before: Engine.Policy has a method for each door, and
// its error is raised as it is. A file is opened by the policy's OpenFile, or by the path that ReadPath and WritePath return.
// For a connection Lookup is asked before a name is resolved, and ConnectContext for each address, with the name; what is
// connected to is policy.Destination of it. ConnectContext may wait, where rules have names: it belongs in what Thread.Wait
// calls. What a function opens it asks room for ([Engine.DescriptorRoom]) and counts at once,
// before it waits ([Engine.CountDescriptors]); what a script can make large it counts for Limits.Memory by being
// a [Holder]. A string's size is asked for by State.Fits.
//
// Calling Lua. Push the function and its arguments, then State.Call. A function that is kept, a callback, is called
// later by a thread: State.NewThread and Thread.Start. It must be held where Engine.Local or an
// object has it, and counts by Holder.
//
// Of gopher-lua's LState modules use what State has of the same names (Get, GetTop, SetTop, Push, Pop, Replace, Call, Error,
// NewTable, CreateTable, GetField, GetMetaField), and nothing else: its Check functions have other errors,
// its channels and Yield keep or lose the turn. A table's own methods are safe: RawGetString,
// RawSetString, RawGetInt, RawSetInt, Append, Len, ForEach, Next.
//
// Package interptest runs tests written in Lua; package manual says what Function.Manual may contain, and
// makes a manual of it. Objects that are files are package file's.
package interp
