// Package repl is the prompt: it reads Lua a line at a time, runs it, and prints what
// comes of it. It works over any reader and writer: a terminal, whose lines can be
// edited, a pipe, a connection.
//
//	p := repl.New(repl.Config{In: conn, Out: conn})
//	in, err := interp.New(interp.Config{Stdin: p.Stdin(), Stdout: p.Stdout(), Stderr: p.Stdout(), Modules: stdlib.Modules()})
//	if err != nil { ... }
//	defer in.Close()
//	err = p.Run(ctx, in)
//
// What is typed is run when it is complete, as far as syntax goes; until then the prompt
// asks for more. An expression prints its values, and so does "= expression". Local
// variables of a piece are there for the pieces that follow, so that a script can be typed, or pasted, a
// line at a time. Errors call a piece of one line by its number, "stdin:3:", and each line of
// a longer one by both, "stdin:3:2:". Threads that a piece started go on while the next line is typed.
//
// Whoever types may do what the interpreter's policy allows, and use as much as its
// limits do.
package repl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"wirelua/interp"
	"wirelua/interp/hint"
	"wirelua/interp/syntax"
)

// Config says where the prompt is, and how it looks.
type Config struct {
	// In is what is typed. Each Read is made on a goroutine of its own; one that
	// never returns outlives Run.
	In io.Reader

	// Out is where the prompt is shown, and the values of what was typed.
	Out io.Writer

	// Err is where errors are shown. Default: as Out.
	Err io.Writer

	// Terminal says that In and Out are a terminal as VT100 was: lines can be edited, Tab
	// completes names and tells arguments, the arrow keys and Ctrl-R bring back what was typed before, Ctrl-C
	// ends the line, and the prompt when there is none, twice. If In is a file, it
	// is in raw mode while a line is typed, and only then; else it is as if it always were.
	Terminal bool

	// History is the file in which what is typed on a terminal is kept for prompts that come, and those that run at
	// the same time. Its folder is made. Where it cannot be read or written, there is none. Default: none.
	History string

	// Banner is a line to begin with. Default: none.
	Banner string

	// Prompt and More ask for a piece of source, and for the rest of it. Default: "> "
	// and ">> ".
	Prompt, More string

	// Chunks are run before the first prompt, as Interpreter.RunChunks does, but that their threads live on, with
	// Name and Args. If one fails, that is reported, and the prompt comes all the same. Default: none; then
	// arg, and the folder of require, stay what they are.
	Chunks []interp.Chunk
	Name   string
	Args   []string
}

// Prompt is a prompt, which New makes; it serves one Run.
type Prompt struct {
	c      Config
	in     *interp.Interpreter
	input  *input
	pieces []string                                // that were typed so far, as they were compiled; who has the turn reads them, too
	stop   atomic.Pointer[context.CancelCauseFunc] // ends the piece that runs

	editor *editor // nil: lines are not edited
	fd     int     // In's, if its mode is to be switched; else -1

	mu      sync.Mutex // guards what follows, Out, and the editor: who reads the keys changes it, and others draw it
	typing  bool       // a line is being edited
	partial bool       // Out ends within a line
}

// New makes a prompt. It does nothing before Run.
func New(c Config) *Prompt {
	if c.Prompt == "" {
		c.Prompt = "> "
	}
	if c.More == "" {
		c.More = ">> "
	}
	p := &Prompt{c: c, input: newInput(c.In, c.Terminal), fd: -1}
	if c.Err == nil {
		p.c.Err = p.Stdout()
	}
	if c.Terminal {
		p.openTerminal()
	}
	return p
}

// Stdin returns what is typed as an interpreter's Stdin: of each line, either the
// prompt has all or the scripts. While the prompt asks, it is the prompt's.
func (p *Prompt) Stdin() io.Reader {
	in := (*stdin)(p.input)
	if _, err := rawConn(p.c.In); err == nil {
		return fileStdin{in}
	}
	return in
}

// Stdout returns Out as an interpreter's Stdout and Stderr: on a terminal, what is written
// while a line is typed appears above that line. Any goroutine may write to it.
func (p *Prompt) Stdout() io.Writer { return (*stdout)(p) }

// show writes text to Out.
func (p *Prompt) show(text string) error {
	_, err := p.write([]byte(text))
	return err
}

// chunkName is what errors call what was typed.
const chunkName = "stdin"

// piece counts one more piece, and returns it and what errors call it, so that they tell its number: one of a
// single line is that line of all that was typed.
func (p *Prompt) piece(source string) (name, _ string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pieces = append(p.pieces, source)
	if strings.Contains(strings.TrimSuffix(source, "\n"), "\n") {
		return fmt.Sprintf("%s:%d", chunkName, len(p.pieces)), source
	}
	return chunkName, strings.Repeat("\n", len(p.pieces)-1) + source
}

// typed returns the piece that a message names, "" when it names none.
func (p *Prompt) typed(message string) (source string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name, line, _ := hint.Place(message)
	n, err := strconv.Atoi(strings.TrimPrefix(name, chunkName+":"))
	switch {
	case name == chunkName && line > 0 && line <= len(p.pieces):
		return strings.Repeat("\n", line-1) + p.pieces[line-1]
	case err == nil && name != "" && n > 0 && n <= len(p.pieces):
		return p.pieces[n-1]
	}
	return ""
}

// errInterrupted is how a piece ends that Interrupt stopped.
var errInterrupted = errors.New("interrupted!")

// Run asks for source and has in run it, until the input ends, or os.exit is called: then the
// error is nil, or an *interp.ExitError with the status, if that is not 0. When ctx ends, it
// is the context's cause. A piece that fails is reported, and the next asked for.
//
// in gets a global help, if it has none of that name. Threads that were started at the
// prompt live on, until Interpreter.Close. Run may be called once.
func (p *Prompt) Run(ctx context.Context, in *interp.Interpreter) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	exit := func(code int) { end(&interp.ExitError{Code: code}) }
	defer p.input.end(io.EOF)
	defer context.AfterFunc(ctx, func() { p.input.end(context.Cause(ctx)) })()
	p.in = in
	in.Engine().Prompt().Explain(p.mistake)
	if v, err := in.Get("help"); v == nil && err == nil {
		if err := in.Set("help", p.help); err != nil {
			return err
		}
	}
	err := p.begin(ctx, exit)
	for err == nil && ctx.Err() == nil {
		err = p.next(ctx, exit)
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	var exited *interp.ExitError
	if err == io.EOF || errors.As(err, &exited) && exited.Code == 0 {
		return nil
	}
	return err
}

// Interrupt stops the piece that runs, with the threads that it started, and reports
// whether there was one: what Ctrl-C does. The prompt goes on. Any goroutine may call it.
func (p *Prompt) Interrupt() bool {
	stop := p.stop.Load()
	if stop != nil {
		(*stop)(errInterrupted)
	}
	return stop != nil
}

// interruptible calls fn with a context that Interrupt ends.
func (p *Prompt) interruptible(ctx context.Context, fn func(context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	p.stop.Store(&stop)
	defer p.stop.Store(nil)
	return fn(ctx)
}

// begin runs what comes before the first prompt.
func (p *Prompt) begin(ctx context.Context, exit func(int)) error {
	if len(p.c.Chunks) > 0 {
		err := p.interruptible(ctx, func(ctx context.Context) error {
			return p.in.Engine().Prompt().StartChunks(ctx, exit, p.c.Name, p.c.Args, p.c.Chunks...)
		})
		if exited := new(interp.ExitError); ctx.Err() != nil || errors.As(err, &exited) || errors.Is(err, interp.ErrClosed) {
			return err
		}
		p.report(err)
	}
	if p.c.Banner != "" && ctx.Err() == nil {
		return p.show(p.c.Banner + "\n")
	}
	return nil
}

// next reads a piece of source and runs it. Its error is the prompt's end.
func (p *Prompt) next(ctx context.Context, exit func(int)) error {
	source, err := p.read()
	if err == errInterrupted {
		return p.hint()
	}
	if err != nil || strings.TrimSpace(source) == "" {
		return err
	}
	name, source := p.piece(source)
	var results []string
	err = p.interruptible(ctx, func(ctx context.Context) (err error) {
		results, err = p.in.Engine().Prompt().EvalText(ctx, exit, name, source)
		return err
	})
	switch {
	case ctx.Err() != nil || errors.Is(err, interp.ErrClosed):
		return err
	case err != nil:
		p.report(err)
	case len(results) > 0:
		return p.show(strings.Join(results, "\t") + "\n")
	}
	return nil
}

// hint says how one leaves, after Ctrl-C where nothing was typed.
func (p *Prompt) hint() error {
	if p.editor.leaving {
		return p.show("Ctrl-C again leaves\n")
	}
	return nil
}

// read asks for lines until they are a chunk, or can be none, and returns its source. At
// the end of the input, what there is of one is reported.
func (p *Prompt) read() (string, error) {
	if p.editor != nil {
		return p.edit()
	}
	typed, prompt := "", p.c.Prompt
	for {
		line, err := p.line(prompt)
		typed += line + "\n"
		switch more := p.needsMore(typed); {
		case err == nil && !more:
			return p.source(typed), nil
		case err != nil:
			if err == io.EOF && more {
				_, failure := interp.Compile(p.piece(p.source(typed)))
				p.report(failure)
			}
			return "", err
		}
		prompt = p.c.More
	}
}

// source returns the chunk that was typed.
func (p *Prompt) source(typed string) string {
	source, _ := chunk(p.meant(typed))
	return source
}

// needsMore reports whether what was typed could be a chunk with more lines, and not without.
func (p *Prompt) needsMore(typed string) bool {
	_, more := chunk(p.meant(typed))
	return more
}

// meant returns the source that was typed: "= expression" is Lua's own prompt's, and the
// words are what people try that know other prompts.
func (p *Prompt) meant(typed string) string {
	typed = strings.TrimSuffix(typed, "\n")
	if rest, ok := strings.CutPrefix(typed, "="); ok {
		return "return " + rest
	}
	word := strings.TrimSuffix(strings.TrimSpace(typed), "()")
	for _, asks := range []string{"help ", "?"} {
		if name, ok := strings.CutPrefix(word, asks); ok && name != "" && lastName(name) == name {
			return `help("` + name + `")`
		}
	}
	switch word {
	case "help":
		return "help()"
	case "exit", "quit":
		if v, err := p.in.Get(word); v == nil && err == nil {
			return `"os.exit() leaves, and so does Ctrl-D"`
		}
	}
	return typed
}

// chunk returns the chunk that was typed: as an expression, if it is one. more is
// whether it could be one with more lines. A chunk whose very first byte is '#' would be a file's.
func chunk(typed string) (source string, more bool) {
	typed = " " + typed + "\n" // without it, a string might go on
	expr := "return" + typed
	_, exprErr := interp.Compile(chunkName, expr)
	if exprErr == nil {
		return expr, false
	}
	_, err := interp.Compile(chunkName, typed)
	more = err != nil && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(exprErr, io.ErrUnexpectedEOF))
	if more && colon(typed, err) {
		return strings.TrimSuffix(typed, "\n"), false
	}
	return typed, more
}

// colon reports whether a piece ends in a colon that no string and no comment has, as Python's blocks begin: Lua
// could go on with a method's name, which nobody writes in another line.
func colon(typed string, err error) bool {
	return strings.HasSuffix(strings.TrimRight(typed, " \n"), ":") && strings.Contains(err.Error(), "expected near '<eof>'")
}

// report shows an error, and what is known of the mistake.
func (p *Prompt) report(err error) {
	if err == nil {
		return
	}
	text := err.Error() + "\n"
	var failure *interp.Error
	if errors.As(err, &failure) {
		text += p.mistake(failure)
		if failure.Traceback != "" {
			text += failure.Traceback + "\n"
		}
	}
	if p.editor != nil && errors.Is(err, errInterrupted) {
		text = "\n" + text // the terminal has shown "^C"
	}
	_, _ = io.WriteString(p.c.Err, text)
}

// mistake returns, on a terminal, where in its line an error is, and what to write instead, if that is known.
func (p *Prompt) mistake(failure *interp.Error) (text string) {
	source := p.typed(failure.Message)
	var wrong *syntax.Error
	switch _, line, _ := hint.Place(failure.Message); {
	case p.editor == nil || source == "":
	case errors.As(failure, &wrong):
		text = hint.Caret(source, int(wrong.Pos.Line), int(wrong.Pos.Col))
	default:
		text = hint.Caret(source, line, hint.Column(failure.Message, source))
	}
	if expr := "return "; strings.HasPrefix(strings.TrimLeft(source, "\n"), expr) { // which nobody has typed
		text = strings.Replace(text, expr, strings.Repeat(" ", len(expr)), 1)
	}
	if say := hint.Of(failure.Message, source); say != "" {
		text += "hint: " + say + "\n"
	}
	return text
}

// maxLine is how long a line may be.
const maxLine = 1 << 20

// line shows a prompt and returns the line that is typed. io.EOF comes without one.
func (p *Prompt) line(prompt string) (string, error) {
	p.input.ask(true)
	defer p.input.ask(false)
	if err := p.show(prompt); err != nil {
		return "", err
	}
	var line []byte
	piece := make([]byte, 4096)
	for {
		n, err := p.input.read(piece, true)
		line = append(line, piece[:n]...)
		text, whole := strings.CutSuffix(string(line), "\n")
		switch {
		case whole || err == io.EOF && len(line) > 0:
			return strings.TrimSuffix(text, "\r"), nil
		case err == io.EOF:
			_ = p.show("\n")
			return "", err
		case err != nil:
			return "", err
		case len(line) > maxLine:
			return "", errors.New("the line is too long")
		}
	}
}
