package repl_test

import (
	"errors"
	"strings"
	"testing"

	"wirelua/interp"
)

func TestEditing(t *testing.T) {
	c := newConsole(t, true)
	for _, step := range []struct{ keys, shown string }{
		{"", "> "},
		{"1 + 1\r", "1 + 1\r\n2\r\n> "},
		{"2\x1b[D1\r", "\r\n12\r\n> "},                  // left
		{"\x1b[A\x1b[A", "\x1b[1D + 1"},                 // up, up
		{" + 1\r", "\r\n3\r\n> "},                       //
		{"\x1b[A\x03", "1 + 1 + 1^C\r\n> "},             // abandoned
		{"\x1b[A\x7f5\r", "\r\n7\r\n> "},                // and it is not in the history
		{"if true then\r", "\r\n>> "},                   //
		{"\x03", "^C\r\n> "},                            // all of it abandoned
		{"'a'\x03'b'\r", "'a'^C\r\n> 'b'\r\n\"b\"\r\n"}, // in one piece
		{"io.write('no end')\r", "\r\nno endfile"},
		{"io.write('no end') io.read()\r", "\r\nno end"},
		{"\r", "\r\n> "},
		{"print(\t1)\r", "print(  1)\r\n1\r\n> "}, // pasted
	} {
		c.typed(step.keys)
		c.see(step.shown)
	}
	c.typed("\x04")
	if err := c.end(); err != nil {
		t.Error(err)
	}
	c.see("\r\n")
}

// What threads write while a line is typed appears above it.
func TestOutputAbove(t *testing.T) {
	c := newConsole(t, true)
	c.typed("q = thread.queue() t = thread.start(function() while true do io.write(q:get()) end end)\r")
	c.see("end end)\r\n> ")
	c.typed("half")
	c.see("half")
	put := func(text string) {
		if _, err := c.in.Call(t.Context(), "put", text); err != nil {
			t.Error(err)
		}
	}
	if err := c.in.RunString(t.Context(), "put", "function put(text) q:put(text) thread.yield() end"); err != nil {
		t.Fatal(err)
	}
	put("whole line\n")
	c.see("\r\x1b[Jwhole line\r\n> half")
	put("no line")
	c.see("\r\x1b[Jno line\r\n> half")
	c.typed("\x15q\r")
	c.see("\r\nqueue")
}

func TestCompletion(t *testing.T) {
	c := newConsole(t, true)
	c.see("> ")
	c.typed(`s = socket.socket() t = {only = 1, one = 2, on = function() end, ["not a name"] = 3}` + "\r")
	c.see("\r\n> ")
	c.typed(`u = setmetatable({}, {__index = function() error("asked") end}) v = setmetatable({own = 1}, {__index = t})` + "\r")
	c.see("\r\n> ")
	for keys, shown := range map[string]string{
		"prin\t":              "print",
		"soc\t":               "socket",
		"socket.create_con\t": "socket.create_connection",
		"x = -s:setbl\t":      "x = -s:setblocking",
		"s.fam\t":             "s.family",
		"'a'..sel\t":          "'a'..select",
		"t.on\t":              "\x1b[Jon    one   only\r\n> t.on",
		"t:o\t":               "t:on",
		"v.onl\t":             "v.only",
		"v.ow\t":              "v.own",
		"('x').up\t!":         "('x').up!",
		"u.x\t!":              "u.x!",
		"nothing.x\t!":        "nothing.x!",
		"_G.os.clo\t":         "_G.os.clock",
		"\t\t!":               "    !",
		"(prin)\x1b[D\t":      "\x1b[Jprint(...)\r\n> (prin)\x1b[1Dt)",
	} {
		c.typed(keys)
		c.see(shown)
		c.typed("\x03")
		c.see("^C\r\n> ")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.Contains(string(c.shown), "asked)") {
		t.Errorf("a metamethod was called: %q", c.shown)
	}
}

// A thread that computes keeps the turn: Tab gives up, and so does Ctrl-C.
func TestBusy(t *testing.T) {
	c := newConsole(t, true)
	computing := make(chan struct{})
	if err := c.in.Set("computing", func() { close(computing) }); err != nil {
		t.Fatal(err)
	}
	c.typed("x = thread.start(function() computing() while true do end end)\r")
	c.see("end end)\r\n> ")
	<-computing
	c.typed("pri\t!")
	c.see("pri!")
	c.typed("\r")
	c.see("\r\n")
	for !c.p.Interrupt() { // until the piece is on its way
	}
	c.see("interrupted!\r\n> ")
	c.typed("\x04")
	if err := c.end(); err != nil && !errors.Is(err, interp.ErrClosed) {
		t.Error(err)
	}
}
