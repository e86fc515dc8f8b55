// Package front is what an interpreter has for those who show it to a person, a prompt for
// example, and for no host and no module.
package front

import "context"

// Prompt is what package repl has of an interpreter; a Chunk is interp.Chunk, an Error *interp.Error. Any goroutine may
// call it that has not the turn.
type Prompt[Chunk, Error any] interface {
	// StartChunks is RunChunks for who goes on with the script: it returns when the last piece has, and
	// threads live on as those of a Call. exit, if it is not nil, is called when os.exit is, by
	// the pieces or, at any time, by a thread that they left: with the status, on any goroutine, which has
	// the turn, so that it must not call the interpreter.
	StartChunks(ctx context.Context, exit func(code int), arg0 string, args []string, chunks ...Chunk) error

	// EvalText runs one more piece of source; name is what errors call it. It returns what the
	// piece did, each value as Inspect has it. The local variables of its outermost block are there
	// for the pieces that follow, but for "_", and for those of a piece with labels in that
	// block; the last value is the global "_". Waiting, errors and the end of ctx are as for Call,
	// exit is as for StartChunks; arg, and the folder of require, stay what they are.
	EvalText(ctx context.Context, exit func(code int), name, source string) ([]string, error)

	// Complete returns the names that the last name in word may be the beginning of, in order:
	// globals and what EvalText keeps ("pri"), fields ("socket.cr"), or, after a colon, methods
	// ("s:re"). It waits for the turn; when ctx ends first, it returns none.
	Complete(ctx context.Context, word string) []string

	// Signature returns how a function is called, "socket.bind(address)", by its name as
	// Lookup takes it; "" if there is no such function. It waits for the turn; when ctx ends
	// first, it returns none.
	Signature(ctx context.Context, name string) string

	// Explain has more said of threads that died than their messages, in lines that follow those. about is called by
	// who has the turn, and must not wait. It is to be called before anything runs.
	Explain(about func(Error) string)
}
