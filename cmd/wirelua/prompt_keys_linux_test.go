package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A session as it is typed: each step's keys, and what is shown then, in order.
func (c *terminal) session(steps ...[2]string) {
	c.t.Helper()
	for _, s := range steps {
		c.typed(s[0])
		c.see(s[1])
	}
}

func TestPromptValues(t *testing.T) {
	c := newTerminal(t)
	c.see("> ")
	c.session([][2]string{
		{"1 / 4\r", "\r\n0.25\r\n> "},
		{"\"\"\r", "\r\n\"\"\r\n> "},
		{"nil, true, 'it\\'s'\r", "\r\nnil\ttrue\t\"it's\"\r\n> "},
		{"'\\27[2J\\r\\7' .. '\\0001'\r", "\r\n\"\\27[2J\\r\\7\\0001\"\r\n> "},
		{"{3, {x = 'y', ['two words'] = {}}, n = 1}\r", "\r\n{3, {[\"two words\"] = {}, x = \"y\"}, n = 1}\r\n> "},
		{"local t = {name = 'me'} t.self = t\r", "\r\n> "},
		{"t\r", "\r\n{name = \"me\", self = <table 1>}\r\n> "},
		{"local l = {} for i = 1, 100 do l[i] = i end\r", "\r\n> "},
		{"l\r", "\r\n{\r\n  1, 2, 3, 4, "},
		{"", ",\r\n  ... (60 more)\r\n}\r\n> "},
		{"#_\r", "\r\n100\r\n> "},
		{"socket.socketpair()\r", "\r\nsocket(fd="},
		{"\x15error('where')\r", "stdin:12: where\r\n"},
		{"\x15function f()\r", "\r\n>> "},
		{"error('there') end f()\r", "stdin:13:2: there\r\n"},
	}...)
	c.session([][2]string{
		{"\x15nothing.x\r", "(a nil value)\r\n           nothing.x\r\n           ^\r\n"}, // no "return", which was not typed
		{"", "> "},
		{"x != 1\r", "near '!'\r\n     x != 1\r\n       ^\r\nhint: \"not equal\" is \"~=\"\r\n> "},
	}...)
	c.typed("\x04")
	c.end("0")
}

func TestPromptHistory(t *testing.T) {
	state := t.TempDir()
	c := newTerminalWith(t, state)
	c.see("> ")
	c.session([][2]string{
		{"first = 'of all'\r", "\r\n> "},
		{"for i = 1, 2 do\r", "\r\n>> "},
		{"\tprint('many', i)\r", "\r\n>> "},
		{"end\r", "\r\nmany\t1\r\nmany\t2\r\n> "},
		{"print 'more'\r", "\r\nmore\r\n> "},
	}...)
	other := newTerminalWith(t, state) // at the same time
	other.see("> ")
	other.session([2]string{"print 'beside'\r", "\r\nbeside\r\n> "})
	c.session([2]string{"print 'last'\r", "\r\nlast\r\n> "})
	for _, end := range []*terminal{c, other} {
		end.typed("\x04")
		end.end("0")
	}
	file := filepath.Join(state, "wirelua", "history")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the history: %v, %v", info, err)
	}

	c = newTerminalWith(t, state)
	c.see("> ")
	c.session([][2]string{
		{"\x1b[A\x0c", "\x1b[2J> print 'last'"}, // Ctrl-L has all of the line shown
		{"\x1b[A\x0c", "\x1b[2J> print 'beside'"},
		{"\x10\x10\x0c", "\x1b[2J> for i = 1, 2 do\r\n>>   print('many', i)\r\n>> end"}, // as one
		{"\x1b[D\x1b[A\x01\x1bf\x0b", "\x1b[K"},                                         // into it: the line above, changed
		{"('changed')\r", "changed\r\nchanged\r\n> "},
		{"unsent\x1b[A\x1b[B\x0c", "\x1b[2J> unsent"}, // what was typed comes back
		{"\x15\x12al", "(search: "},
		{"l\x0c", "\x1b[2J> first = 'of all'"},
		{"\x05 )\r", "near ')'"},
		{"", "^\r\n> "}, // it reads keys again
		{"\x12print\x0c", "\x1b[2J> for i = 1, 2 do\r\n>>   print('changed')\r\n>> end"},
		{"\x12print\x12\x0c", "\x1b[2J> print 'last'"},
		{"\x12print\x12\x12\r", "\r\nbeside\r\n> "},
		{"\x12nowhere", "not found: nowhere) "},
		{"\x07ok = 1\x0c", "\x1b[2J> ok = 1"},
	}...)
	c.typed("\x15\x04")
	c.end("0")
}

// Where a history cannot be kept, nothing is said of it.
func TestPromptHistoryUnwritable(t *testing.T) {
	state := t.TempDir()
	if err := os.WriteFile(filepath.Join(state, "wirelua"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := newTerminalWith(t, state)
	c.see("leaves\r\n> ")
	c.session([2]string{"1\r", "1\r\n1\r\n> "}, [2]string{"\x1b[A + 1\r", "1 + 1\r\n2\r\n> "})
	c.typed("\x04")
	c.end("0")
}

func TestPromptKeys(t *testing.T) {
	c := newTerminal(t)
	c.see("> ")
	c.session([][2]string{
		{"'a漢e\u0301b'\x1b[D\x1b[D\x7f\r", "\r\n\"a漢b\"\r\n> "}, // a letter with its mark is one
		{"'漢字'\x1b[D\x1b[D\x7f\r", "\r\n\"字\"\r\n> "},
		{"one two three\x17\x17\x1bb\x1bd\x01'x' --\x0b\r", "\r\n\"x\"\r\n> "},
		{"'tail'\x01\x0b'head' .. \x19\r", "\r\n\"headtail\"\r\n> "},
		{"1\x1b[1;5D\x1b[3~2\x1b[Z\x1bx\r", "\r\n2\r\n> "},                                                           // what is unknown does nothing
		{"print(\x0c", "\x1b[H\x1b[2J> print("},                                                                      // a clear screen
		{"'" + strings.Repeat("x", 150) + "')\r", "xx\r\n> "},                                                        // longer than the screen is wide
		{"\x1b[200~local pasted =\t1\ndo print(pasted)\rpasted = 2 end\npasted\x1b[201~", "local pasted =  1\r\n> "}, // Tab completes nothing
		{"", "\r\n1\r\n> pasted"},
		{"\r", "\r\n2\r\n> "},
	}...)
	c.typed("\x04")
	c.end("0")
}

// What is known of a mistake is told of threads' errors, too, by what was typed long before; and Python's
// blocks at once, not when more lines have come.
func TestPromptMistakes(t *testing.T) {
	c := newTerminal(t)
	c.see("> ")
	c.session([][2]string{
		{"local s, go = socket.socket(), thread.event()\r", "\r\n> "},
		{"thread.start(function() go:wait() s.connect('h', 80) end)\r", "thread(thread-1)\r\n> "},
		{"go:set()\r", "thread-1: stdin:2: "},
		{"", "s.connect('h', 80)"},
		{"", "^\r\nhint: methods are called with a colon: s:connect('h', 80)\r\nstack traceback:"},
		{"\x15while True:\r", "stdin:4: "},
		{"", "while True:\r\n"},
		{"", "hint: a loop is \"while true do ... end\"\r\n> "},
		{"f(function()\r", "\r\n>> "},
		{"for x in y:\r", "hint: a loop is "},
		{"", "> "},
		{"[[ text:\r", "\r\n>> "},
		{"]]\r", "\" text:\\n\"\r\n> "},
	}...)
	c.typed("\x04")
	c.end("0")
}

func TestPromptCompletion(t *testing.T) {
	c := newTerminal(t)
	c.see("> ")
	c.session([][2]string{
		{"local s, t = socket.socket(), {}\r", "\r\n> "},
		{"function t.call(host, port, ...) end function t:method(what) end\r", "\r\n> "},
		{"s:settim\t", "s:settimeout("},
		{"(\t", "s:settimeout("},
		{"\x15t.ca\t", "t.call(host, port, ...)\r\n> "},
		{"(1, \t", "t.call(host, port, ...)\r\n> t.call(1, "},
		{"\x15t:me\t", "t:method(what)\r\n> "},
		{"\x15s.ti\t", "meout"},
		{"\x15socket.create_s\t", "socket.create_server("},
		{"\x15inspe\t", "inspect(value"}, // global functions of modules
		{"\x15s:se\t", "sendall "}, {"", "\r\n> s:se"},
		{"\x15t.a = {{port = 1}, ['a b'] = socket}\r", "socket}\r\n> "},
		{"t.a[1].po\t", "rt"}, {"\r", "\r\n1\r\n> "}, // what stands in brackets is looked at, and nothing is called
		{"t.a['a b'].create_s\t", "].create_server(host, port"},
	}...)
	c.typed("\x03")
	c.see("^C\r\n> ")
	c.typed("\x04")
	c.end("0")
}

func TestPromptCtrlC(t *testing.T) {
	c := newTerminal(t)
	c.see("> ")
	c.session([][2]string{
		{"thread.start(function() thread.sleep(0.05) print('while one types') end) nil\x7f\x7f\x7f\r", "\r\n> "},
		{"half a line", "while one types\r\n> half a line"},
		{"\x03", "^C\r\n> "},
		{"print('waits') socket.socketpair():recv(1)\r", "\r\nwaits\r\n"},
		{"\x03", "interrupted!\r\n"},
		{"print('loops') while true do end\r", "\r\nloops\r\n"},
		{"\x03", "interrupted!\r\n"},
		{"", "> "},
		{"\x03", "^C\r\nCtrl-C again leaves\r\n> "},
		{"1\r", "1\r\n1\r\n> "}, // no longer twice in a row
		{"\x03", "^C\r\nCtrl-C again leaves\r\n> "},
	}...)
	c.typed("\x03")
	c.end("0")
}

// All Lua in README and HOWTO can be pasted as it is, one block after the other, whether or not the terminal
// says that it is pasted.
func TestPromptPasted(t *testing.T) {
	for _, doc := range []string{"README.md", "scripts/HOWTO.md"} {
		text, err := os.ReadFile("../../" + doc)
		if err != nil {
			t.Fatal(err)
		}
		blocks := regexp.MustCompile("(?ms)^```lua\n(.*?)^```$").FindAllSubmatch(text, -1)
		if len(blocks) < 3 {
			t.Fatalf("%s has %d blocks", doc, len(blocks))
		}
		for name, marks := range map[string][2]string{"told": {"\x1b[200~", "\x1b[201~"}, "not told": {}} {
			t.Run(doc+" "+name, func(t *testing.T) {
				t.Parallel()
				c := newTerminal(t)
				c.see("> ")
				for _, b := range blocks {
					c.paste(marks, string(b[1]))
				}
				c.typed("\x04")
				c.end("0")
			})
		}
	}
}

func (c *terminal) paste(marks [2]string, block string) {
	c.t.Helper()
	go c.f.WriteString(marks[0] + strings.ReplaceAll(block, "\n", "\r") + marks[1] + "\rprint('all' .. ' of it')\r")
	before := len(c.log)
	c.see("\nall of it\r\n")
	c.see("> ") // it reads keys again: until then Ctrl-D is the terminal's
	if said := c.log[before:]; bytes.Contains(said, []byte("stdin:")) || bytes.Contains(said, []byte("traceback")) {
		c.t.Errorf("%s\nshown:\n%s", block, said)
	}
}
