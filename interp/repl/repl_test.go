package repl_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wirelua/interp"
	"wirelua/interp/repl"
	"wirelua/stdlib"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come at once.
const patience = 20 * time.Second

func newInterp(t *testing.T, p *repl.Prompt) *interp.Interpreter {
	t.Helper()
	in, err := interp.New(interp.Config{Stdin: p.Stdin(), Stdout: p.Stdout(), Stderr: p.Stdout(), Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

// transcript returns what is shown when input is typed, but for the prompts' last end of line.
func transcript(t *testing.T, input string, c repl.Config) (string, error) {
	t.Helper()
	var out bytes.Buffer
	c.In, c.Out = strings.NewReader(input), &out
	p := repl.New(c)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	in := newInterp(t, p)
	err := p.Run(ctx, in)
	in.Close() // what threads write is written
	return strings.TrimSuffix(out.String(), "\n"), err
}

func TestTranscripts(t *testing.T) {
	for _, c := range []struct{ name, typed, shown string }{
		{"nothing", "", "> "},
		{"blank lines", "\n  \n-- a comment\n", "> > > > "},
		{"an expression", "1 + 1\n", "> 2\n> "},
		{"several values", `1, nil, "a"` + "\n", "> 1\tnil\t\"a\"\n> "},
		{"nil", "nil\n", "> nil\n> "},
		{"no value", "print('x')\n", "> x\n> "},
		{"a call with values", "select(2, 'a', 'b', 'c')\n", "> \"b\"\t\"c\"\n> "},
		{"as in Lua 5.1", "= 6 * 7\n=type(\n1)\n", "> 42\n> >> \"number\"\n> "},
		{"return", "return 1, 2\n", "> 1\t2\n> "},
		{"a statement", "x = 5\nx\n", "> > 5\n> "},
		{"a local variable stays", "local x = 5\nx\nx = x + 1\nx, _G.x\n", "> > 5\n> > 6\tnil\n> "},
		{"and a local function", "local function f(n) return n == 0 and 'end' or f(n - 1) end\nf(3)\n", "> > \"end\"\n> "},
		{"before a global, even when it is nil", "local print\nprint\nlocal print = type\nprint(1)\n", "> > nil\n> > \"number\"\n> "},
		{"declared by its own name", "local type, x = type\ntype(x)\n", "> > \"nil\"\n> "},
		{"a new variable is another", "local x = 1 local function f() x = x + 1 return x end\nlocal x = 10\nf(), x\nf(), x\n", "> > > 2\t10\n> 3\t10\n> "},
		{"not one of a block within", "do local x = 5 end\nx\nfor x = 1, 1 do end\nx\n", "> > nil\n> > nil\n> "},
		{"what was declared before an error", "local x = 1 error('no', 0) local y = 2\nx, y\n", "> no\nstack traceback:\n\t[Go]: in function 'error'\n\tstdin:1: in main chunk\n> 1\tnil\n> "},
		{"an error leaves what there was", "local x = 1\nlocal x = nil + 1\nx\n", "> > stdin:2: attempt to perform arithmetic on a nil value\nstack traceback:\n\tstdin:2: in main chunk\n> 1\n> "},
		{"in a line of several", "for i = 1, 2 do\nlocal x = x.y end\n", "> >> stdin:1:2: attempt to index global 'x' (a nil value)\nstack traceback:\n\tstdin:1:2: in main chunk\n> "},
		{"_ is the last value still", "local _, x = 1, 2\nx\n_\n", "> > 2\n> 2\n> "},
		{"a mistake that is known", "x = 1\nx += 1\nif x then\nx += 1 end\n", "> > stdin:2: '=' expected near '+'\nhint: there is no \"+=\": \"x = x + ...\"\n" +
			"> >> stdin:3:2: '=' expected near '+'\nhint: there is no \"+=\": \"x = x + ...\"\n> "},
		{"an error in an earlier piece", "function f() return x.y end\nif true then\nf() end\n", "> > >> stdin:1: attempt to index global 'x' (a nil value)\n" +
			"stack traceback:\n\tstdin:1: in function 'f'\n\tstdin:2:2: in main chunk\n> "},
		{"locals beside labels", "local x = 1 goto on ::on::\nx\n", "> > nil\n> "},
		{"several lines", "for i = 1, 2 do\nprint(i)\nend\n", "> >> >> 1\n2\n> "},
		{"an expression of several lines", "#{\n1,\n2}\n", "> >> >> 2\n> "},
		{"a function call of several lines", "math.max(1,\n2)\n", "> >> 2\n> "},
		{"a long string", "[[a\nb]]\n", "> >> \"a\\nb\"\n> "},
		{"a long comment", "--[[ a\nb ]] 1\n", "> >> 1\n> "},
		{"a string that goes on", "'a\\\nb'\n", "> >> \"a\\nb\"\n> "},
		{"a wrong expression", "1 +* 2\n", "> stdin:1: unexpected symbol near '1'\n> "},
		{"a wrong statement", "x = = 1\n1\n", "> stdin:1: unexpected symbol near '='\n> 1\n> "},
		{"wrong in a later line", "if x then\n)\n1\n", "> >> stdin:1:2: unexpected symbol near ')'\n> 1\n> "},
		{"the end comes too early", "if x then\n", "> >> \nstdin:1:3: 'end' expected (to close 'if' at line 1) near '<eof>'"},
		{"no end of line", "1", "> 1\n> "},
		{"ends of lines as in telnet", "1\r\nif true then\r\nprint(2) end\r\n", "> 1\n> >> 2\n> "},
		{"how one leaves", "exit\nquit()\n", "> \"os.exit() leaves, and so does Ctrl-D\"\n> \"os.exit() leaves, and so does Ctrl-D\"\n> "},
		{"a global called so", "quit = 5\nquit\n", "> > 5\n> "},
		{"tostring", "setmetatable({}, {__tostring = function() return 'me' end})\n", "> me\n> "},
		{"an error", "local function f() error('boom') end f() print(1)\n", "> stdin:1: boom\nstack traceback:\n" +
			"\t[Go]: in function 'error'\n\tstdin:1: in function 'f'\n\tstdin:1: in main chunk\n> "},
		{"an error object", "local s = socket.socket() s:close() s:recv()\n", "> stdin:1: recv: socket is closed\nstack traceback:\n" +
			"\t[Go]: in function 'recv'\n\tstdin:1: in main chunk\n> "},
		{"an error of any kind", "error({})\n", "> (error object is a table value)\nstack traceback:\n" +
			"\t[Go]: in function 'error'\n\tstdin:1: in main chunk\n> "},
		{"scripts read the lines that follow", "x = io.read()\nhello\nx, io.read(2)\nabc\nio.read('*a')\n1\n2", "> > \"hello\"\t\"ab\"\n> \"c\\n1\\n2\"\n> "},
		{"a thread goes on", "q = thread.queue() t = thread.start(function() print('got', q:get()) end)\nq:put(1) t:join()\n", "> > got\t1\n> "},
		{"an error in a thread", "t = thread.start(function() error('boom') end) pcall(t.join, t)\nt:alive()\n", "> thread-1: stdin:1: boom\n" +
			"stack traceback:\n\t[Go]: in function 'error'\n\tstdin:1: in function <stdin:1>\n> false\n> "},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := transcript(t, c.typed, repl.Config{})
			if err != nil {
				t.Error(err)
			}
			if got != c.shown {
				t.Errorf("shown:\n%s\nwant:\n%s", got, c.shown)
			}
		})
	}
}

func TestErr(t *testing.T) {
	var errs bytes.Buffer
	got, err := transcript(t, "error('boom', 0)\n1\n", repl.Config{Err: &errs, Banner: "Hello", Prompt: "lua> ", More: "...> "})
	if want := "Hello\nlua> lua> 1\nlua> "; got != want || err != nil {
		t.Errorf("shown %q, %v, want %q", got, err, want)
	}
	if !strings.HasPrefix(errs.String(), "boom\nstack traceback:\n") {
		t.Errorf("errors: %q", errs.String())
	}
}

func TestChunks(t *testing.T) {
	script := interp.Chunk{Name: "script.lua", Source: "local a = ... print(a, arg[0], #arg) q = thread.queue() t = thread.start(function() print(q:get()) end)"}
	c := repl.Config{Chunks: []interp.Chunk{script}, Name: "script.lua", Args: []string{"x"}, Banner: "ready"}
	got, err := transcript(t, "q:put('thread') t:join()\n#arg, ...\n", c)
	if want := "x\tscript.lua\t1\nready\n> thread\n> 1\n> "; got != want || err != nil {
		t.Errorf("shown %q, %v, want %q", got, err, want)
	}
	c.Chunks[0].Source = "error('boom')"
	got, err = transcript(t, "1\n", c)
	want := "script.lua:1: boom\nstack traceback:\n\t[Go]: in function 'error'\n\tscript.lua:1: in main chunk\nready\n> 1\n> "
	if err != nil || got != want {
		t.Errorf("a script that fails: shown %q, %v", got, err)
	}
}

func TestExit(t *testing.T) {
	for typed, code := range map[string]int{
		"os.exit()\nprint('not reached')\n": 0,
		"os.exit(3)\n":                      3,
		"pcall(os.exit, 4)\n":               4,
		"thread.start(function() os.exit(5) end) thread.sleep(60)\n": 5,
	} {
		got, err := transcript(t, typed, repl.Config{})
		var exit *interp.ExitError
		if code == 0 && err != nil || code != 0 && (!errors.As(err, &exit) || exit.Code != code) || got != "> " {
			t.Errorf("%s: shown %q, %v", typed, got, err)
		}
	}
	_, err := transcript(t, "", repl.Config{Chunks: []interp.Chunk{{Source: "os.exit(6)"}}})
	var exit *interp.ExitError
	if !errors.As(err, &exit) || exit.Code != 6 {
		t.Errorf("os.exit in a chunk: %v", err)
	}
}

// console is who types at a prompt, and sees what it shows.
type console struct {
	t      *testing.T
	p      *repl.Prompt
	in     *interp.Interpreter
	keys   io.Writer
	ended  chan error // gets what Run returns
	cancel context.CancelCauseFunc

	mu      sync.Mutex
	shown   []byte
	seen    int // of shown
	changed chan struct{}
}

// pasteModes is for what is of no interest: that the terminal is to say what is pasted.
var pasteModes = strings.NewReplacer("\x1b[?2004h", "", "\x1b[?2004l", "")

func (c *console) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown = append(c.shown, pasteModes.Replace(string(b))...)
	select {
	case c.changed <- struct{}{}:
	default:
	}
	return len(b), nil
}

// newConsole runs a prompt whose input does not end before the test.
func newConsole(t *testing.T, terminal bool) *console {
	r, w := io.Pipe()
	t.Cleanup(func() { w.Close() })
	c := &console{t: t, keys: w, ended: make(chan error, 1), changed: make(chan struct{}, 1)}
	c.p = repl.New(repl.Config{In: r, Out: c, Terminal: terminal})
	c.in = newInterp(t, c.p)
	ctx, cancel := context.WithCancelCause(t.Context())
	c.cancel = cancel
	go func() { c.ended <- c.p.Run(ctx, c.in) }()
	return c
}

// see waits until text is shown.
func (c *console) see(text string) {
	c.t.Helper()
	late := time.After(patience)
	for {
		c.mu.Lock()
		at := bytes.Index(c.shown[c.seen:], []byte(text))
		if at >= 0 {
			c.seen += at + len(text)
		}
		rest := string(c.shown[c.seen:])
		c.mu.Unlock()
		if at >= 0 {
			return
		}
		select {
		case <-c.changed:
		case <-late:
			c.t.Fatalf("%q is not shown; what is: %q", text, rest)
		}
	}
}

func (c *console) typed(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.keys, text); err != nil {
		c.t.Fatal(err)
	}
}

func (c *console) end() error {
	c.t.Helper()
	select {
	case err := <-c.ended:
		return err
	case <-time.After(patience):
		c.t.Fatal("the prompt does not end")
		return nil
	}
}

func TestEnds(t *testing.T) {
	cause := errors.New("enough")
	for _, terminal := range []bool{false, true} {
		c := newConsole(t, terminal)
		c.see("> ")
		c.cancel(cause)
		if err := c.end(); err != cause {
			t.Errorf("the context ended while the prompt waited: %v", err)
		}
		c = newConsole(t, terminal)
		c.typed("print('begun') while true do end\r\n")
		c.see("begun")
		c.cancel(cause)
		if err := c.end(); err != cause {
			t.Errorf("the context ended while a piece ran: %v", err)
		}
		c = newConsole(t, terminal)
		c.typed("thread.start(function() thread.sleep(0.01) os.exit(3) end)\r\n")
		var exit *interp.ExitError
		if err := c.end(); !errors.As(err, &exit) || exit.Code != 3 {
			t.Errorf("os.exit in a thread while the prompt waited: %v", err)
		}
		c = newConsole(t, terminal)
		c.see("> ")
		c.in.Close()
		c.typed("1\r\n")
		if err := c.end(); err != interp.ErrClosed {
			t.Errorf("a closed interpreter: %v", err)
		}
	}
}

func TestInterrupt(t *testing.T) {
	c := newConsole(t, false)
	c.see("> ")
	if c.p.Interrupt() {
		t.Error("Interrupt found something to stop")
	}
	c.typed("print('begun') while true do pcall(error) end\n")
	c.see("begun\n")
	if !c.p.Interrupt() {
		t.Error("Interrupt found nothing to stop")
	}
	c.see("interrupted!\nstack traceback:\n")
	c.see("> ")
	// A read that was stopped takes nothing from the prompt.
	c.typed("print('reading') io.read()\n")
	c.see("reading\n")
	c.p.Interrupt()
	c.see("interrupted!\n")
	c.see("> ")
	c.typed("'still ' .. 'here'\n")
	c.see("\"still here\"\n> ")
	c.typed("io.read()\n")
	c.typed("for a script\n")
	c.see("\"for a script\"\n> ")
	// What earlier lines have left goes on.
	c.typed("q = thread.queue() thread.start(function() print('got', q:get()) end) nil\n")
	c.see("near 'nil'")
	c.typed("q = thread.queue() x = thread.start(function() print('got', q:get()) end)\n")
	c.see("> ")
	c.typed("print('begun') thread.sleep(60)\n")
	c.see("begun\n")
	c.p.Interrupt()
	c.see("> ")
	c.typed("q:put(1)\n")
	c.see("got\t1\n")
}

func TestHelp(t *testing.T) {
	for typed, want := range map[string]string{
		"help()":                             "\n  socket      sockets as in Python",
		"help(socket)":                       "\n  socket.bind(s, address)  binds the socket; returns true\n",
		"help(socket) ":                      "\n  :bind(address)  binds the socket; returns true\n",
		"help(socket.bind)":                  "socket.bind(s, address)\n  binds the socket; returns true\n",
		"help 'socket.bind'":                 "socket.bind(s, address)\n  binds the socket; returns true\n",
		"s = socket.socket() help(s)":        "> socket: ",
		"help socket.bind":                   "socket.bind(s, address)\n  binds the socket; returns true\n",
		"?recv":                              "> socket:recv([n=4096[, flags]])\n",
		"help(socket.socket())":              "> socket: a socket",
		"help(socket.socket()) ":             "\n  .timeout  as settimeout has it: seconds for each call, nil for none\n  :accept()  client, address; waits\n",
		"help(socket.socket().bind)":         "socket:bind(address)\n  binds the socket; returns true\n",
		"help(print)":                        "print(...)\n  writes its arguments",
		"help(string)":                       "\n  string.rep(s, n)  n copies of s\n",
		"help 'socket:recv'":                 "> socket:recv([n=4096[, flags]])\n  up to n bytes",
		"s = socket.socket(); help 's:recv'": "> socket:recv([n=4096[, flags]])\n  up to n bytes",
		"help 'SETTIMEOUT'":                  "  socket:settimeout(seconds or nil)",
		"help 'settimeout'":                  "\nhosted socket:settimeout(seconds or nil)\n",
		"help(pcall)":                        "> pcall(fn, ...)\n  true and what",
		"help 'scope_id'":                    "  address.scope_id  IPv6's",
		"help(help)":                         "a function; nothing more is known of it\n",
		"help(loadstring('return 1'))":       "a function, defined at [string \"return 1\"]:0\n",
		"help(1)":                            "a number; nothing more",
		"help(nil)":                          "a nil; nothing more",
		"help 'socket.nope'":                 "there is no 'socket.nope'",
		"help {f = print, n = 1}":            "  .f(...)  writes its arguments",
		"help = 1 help":                      "near",
		"function help() return 7 end;":      "> ",
	} {
		if got, err := transcript(t, typed+"\n", repl.Config{}); err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %v, shown:\n%s", typed, err, got)
		}
	}
	chunk := interp.Chunk{Source: "function help() return 'mine' end"}
	if got, _ := transcript(t, "help()\n", repl.Config{Chunks: []interp.Chunk{chunk}}); got != "> \"mine\"\n> " {
		t.Errorf("a script's own help: %q", got)
	}
}
