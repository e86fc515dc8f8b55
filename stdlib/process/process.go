//go:build unix

// Package process holds the module process: other programs, pipes, and memory
// shared with other processes.
package process

import (
	"os"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp"
)

// Module is the module process.
//
//	local p = process.spawn({"sort", "-r"}, {stdin = "pipe", stdout = "pipe"})
//	p.stdin:write("a\nb\n") p.stdin:close()
//	print(p.stdout:read("*a"), p:wait())
//
// A child gets three streams, and the files named in files as descriptors 3, 4...,
// and nothing else. A stream is "inherit" (the default), "null", "pipe", or a
// socket, pipe or file that is handed over; closing one's own copy is another
// matter, and up to the script. A socket handed over blocks in the child, as
// programs expect, and goes on keeping to its timeout here:
//
//	process.spawn({"cat"}, {stdin = client, stdout = client}) -- an echo service
//
// stderr = "stdout" sends both to one place, in order. input is text for the child's standard
// input, in the place of stdin: it is written while the script goes on, and what the child does
// not read is lost.
//
// What is inherited are the interpreter's own streams. When a host's stream is no
// open file, the child reads nothing, and what it writes is copied to the stream;
// wait() then waits for the copying, too.
//
// argv[1] is a name to be looked for on PATH, which is that of env if it has one, or a
// path, which begins at cwd if it is relative. cwd is the folder the
// child begins in; env, a table of names and values, is its whole environment,
// which otherwise is what the script itself may read. Inside the fence the program
// is the run door's, cwd the read door's, and the names in env are the env door's.
//
// No child stays as a zombie, whether or not anybody waits for it. Children that
// still run when the interpreter closes, which for the command is when the script
// has ended, get SIGTERM, and SIGKILL half a second later; those that read from a pipe of the
// script's get a second before that to read the rest. So wait for those that
// shall come to their end.
//
// A pipe is a file whose writes go out at once, with timeouts, for select, too.
// shared_memory is a piece of memory that several processes can open by its name,
// also those that use POSIX's shm_open or Python's multiprocessing.shared_memory.
// It stays until it is unlinked; what was made without a name is unlinked when the
// interpreter closes, at the latest. Positions in it begin with 1.
var Module = &interp.Module{
	Name: "process",
	Doc:  "other programs, pipes, and shared memory",
	Funcs: []interp.Function{
		{Name: "spawn", Args: "argv[, {stdin=, stdout=, stderr=, files=, cwd=, env=, input=}]", Doc: "starts a program; returns the process; waits until the program is loaded", Manual: `
		Each stream is "inherit", "null", "pipe", or a socket, pipe or file that is handed over; a socket handed over blocks in the child and goes on not blocking here.
		argv string[]: the program and its arguments; a bare name is sought on the PATH that env gives, a relative path in cwd
		options.stdin "inherit"|"null"|"pipe"|socket|file?: "inherit"; "null" is none, "pipe" a pipe to us; a socket, pipe or file is handed over
		options.stdout "inherit"|"null"|"pipe"|socket|file?: as stdin
		options.stderr "inherit"|"null"|"pipe"|"stdout"|socket|file?: as stdin; "stdout" joins it to stdout
		options.files any[]?: what become the child's descriptors 3, 4...
		options.cwd string?: the folder it runs in
		options.env table<string,string>?: its environment, in place of the script's: name to value
		options.input string?: text for its standard input
		-> process: running
		! ENOENT: there is no such program or folder
		! EACCES: the system or the policy does not allow it
		> local p = process.spawn({"cat"}, {input = "hello", stdout = "pipe"})
		> print(p.stdout:read("*a"), p:wait()) --> hello	0
		`, Fn: spawn},
		{Name: "pipe", Args: "", Doc: "reader, writer: the two ends of a new pipe", Manual: `
		-> file reader: for reading
		-> file writer: for writing, at once
		> local reader, writer = process.pipe()
		> writer:write("line\n")
		> print(reader:read()) --> line
		`, Fn: newPipe},
		{Name: "fdopen", Args: "fd[, mode]", Doc: "a file for a descriptor's number, which it takes over if that is the script's by its number only, else of a copy; mode is r, w or rw", Manual: `
		fd integer: a descriptor's number; in a fence one that the script came by itself
		mode "r"|"w"|"rw"?: what is to be done with it
		-> file: writes go out at once
		! EBADF: there is no such descriptor
		! EACCES: the descriptor is not the script's
		> local s = socket.create_server("127.0.0.1", 0)
		> local f = process.fdopen(s:fileno())
		> print(f:fileno() ~= s:fileno()) --> true
		`, Fn: fdopen},
		{Name: "shared_memory", Args: "{name=, size=, create=}", Doc: "makes (create, or no name) or opens memory that processes share; without a name it is unlinked when the interpreter closes", Manual: `
		options.name string?: by which others open it; without one it is made with a new one
		options.size integer?: bytes, of one that is made
		options.create boolean?: makes it; else it must be there
		-> shared_memory: opened
		! EEXIST: there is one of that name
		! ENOENT: there is none
		! EACCES: the policy does not allow it
		> local m = process.shared_memory{size = 4096}
		> m:write(1, "hello")
		> print(m:read(1, 5), m.size) --> hello	4096
		> m:unlink()
		`, Fn: sharedMemory},
	},
	Types: []*interp.Type{processType, memoryType},
	Groups: []interp.Group{{Doc: "Of this process:", Fields: []interp.Field{
		{Name: "pid", Type: "integer", Doc: "its number"},
		{Name: "executable", Type: "string?", Doc: "the path of the program that runs the script, for spawn; nil when the system does not say"},
	}}},
	Open: func(_ *interp.Engine, table *lua.LTable) {
		table.RawSetString("pid", lua.LNumber(os.Getpid()))
		if path, err := os.Executable(); err == nil {
			table.RawSetString("executable", lua.LString(path))
		}
	},
}
