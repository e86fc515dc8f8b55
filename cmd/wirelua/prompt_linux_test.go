package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a command that runs on a pseudo-terminal of its own.
type terminal struct {
	t     *testing.T
	f     *os.File // its other end
	cmd   *exec.Cmd
	shown []byte // and not yet seen
	log   []byte // all that was shown
}

func newTerminal(t *testing.T, args ...string) *terminal {
	t.Helper()
	return newTerminalWith(t, t.TempDir(), args...)
}

// newTerminalWith is newTerminal with the folder where a history is kept.
func newTerminalWith(t *testing.T, state string, args ...string) *terminal {
	t.Helper()
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { f.Close() })
	raw, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	_ = raw.Control(func(fd uintptr) {
		n, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		err = errors.Join(err, unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0),
			unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 100}))
	})
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer tty.Close()
	cmd := exec.Command("wirelua", args...)
	cmd.Env = append(os.Environ(), "TERM=xterm", "XDG_STATE_HOME="+state)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	return &terminal{t: t, f: f, cmd: cmd}
}

// pasteModes is for what is of no interest: that the terminal is to say what is pasted.
var pasteModes = regexp.MustCompile("\x1b\\[\\?2004[hl]")

// see waits until text is shown.
func (c *terminal) see(text string) {
	c.t.Helper()
	_ = c.f.SetReadDeadline(time.Now().Add(2 * time.Minute))
	for {
		if _, rest, found := bytes.Cut(c.shown, []byte(text)); found {
			c.shown = rest
			return
		}
		piece := make([]byte, 4096)
		n, err := c.f.Read(piece)
		c.log = append(c.log, piece[:n]...)
		c.shown = pasteModes.ReplaceAll(append(c.shown, piece[:n]...), nil)
		if err != nil {
			c.t.Fatalf("%q is not shown (%v); what is: %q", text, err, c.shown)
		}
	}
}

func (c *terminal) typed(keys string) {
	c.t.Helper()
	if _, err := c.f.WriteString(keys); err != nil {
		c.t.Fatal(err)
	}
}

// end waits for the command's end, and checks that the terminal is as it was.
func (c *terminal) end(want string) {
	c.t.Helper()
	late := time.AfterFunc(2*time.Minute, func() { c.cmd.Process.Kill() })
	defer late.Stop()
	_ = c.cmd.Wait()
	if got := ended(c.cmd.ProcessState); got != want {
		c.t.Errorf("ended with %s, not %s; shown: %q", got, want, c.shown)
	}
	raw, err := c.f.SyscallConn()
	if err != nil {
		c.t.Fatal(err)
	}
	_ = raw.Control(func(fd uintptr) {
		mode, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		if err != nil || mode.Lflag&unix.ICANON == 0 || mode.Lflag&unix.ECHO == 0 || mode.Lflag&unix.ISIG == 0 {
			c.t.Errorf("the terminal is still raw (%v)", err)
		}
	})
}

func TestTerminal(t *testing.T) {
	c := newTerminal(t)
	c.see("Ctrl-D leaves\r\n> ")
	c.typed("1 + 1\r")
	c.see("1 + 1\r\n2\r\n> ")
	c.typed("socket.create_con\t")
	c.see("socket.create_connection")
	c.typed("\x03") // abandons the line
	c.see("^C\r\n> ")
	c.typed("for i = 1, 2 do\r")
	c.see("\r\n>> ")
	c.typed("print('line', i) end\r")
	c.see("\r\nline\t1\r\nline\t2\r\n> ")

	c.typed("print('begun') while true do end\r")
	c.see("\r\nbegun\r\n")
	c.typed("\x03") // stops what runs
	c.see("interrupted!\r\nstack traceback:\r\n\tstdin:3: in main chunk\r\n> ")
	c.typed("print('begun') io.read()\r")
	c.see("\r\nbegun\r\n")
	c.typed("\x03")
	c.see("interrupted!\r\n")
	c.see("> ")
	c.typed("'taken by the ' .. 'prompt'\r")
	c.see("\r\n\"taken by the prompt\"\r\n> ")
	c.typed("print('begun') x = io.read()\r")
	c.see("\r\nbegun\r\n")
	c.typed("by a script\n")
	c.see("> ")
	c.typed("x:upper()\r")
	c.see("\r\n\"BY A SCRIPT\"\r\n> ")
	c.typed("print('begun') = io.read('*a')\r")
	c.see("near '='\r\n     print('begun') = io.read('*a')\r\n                    ^\r\n> ")
	c.typed("print('begun') x = io.read('*a')\r")
	c.see("\r\nbegun\r\n")
	c.typed("\x04") // the end for a script, not for the prompt
	c.see("> ")

	c.typed("q = thread.queue() t = thread.start(function() while true do print(q:get()) end end)\r")
	c.see("\r\n> ")
	c.typed("thread.daemon(function() thread.sleep(0.05) q:put('above') end)\r")
	c.see("\r\n> ")
	c.typed("half")
	c.see("above\r\n> half")
	c.typed("\x15signal.on('INT', function() print('mine') end)\r")
	c.see("true\r\n> ")
	c.typed("print('begun') io.read()\r")
	c.see("\r\nbegun\r\n")
	c.typed("\x03")
	c.see("mine\r\n")
	c.typed("\n")
	c.see("> ")
	c.typed("os.execute('stty -a')\r")
	c.see(" icanon")
	c.see("> ")
	c.typed("os.exit(5)\r")
	c.end("5")
}

func TestTerminalEnds(t *testing.T) {
	t.Run("Ctrl-D", func(t *testing.T) {
		c := newTerminal(t)
		c.see("> ")
		c.typed("\x04")
		c.see("\r\n")
		c.end("0")
	})
	t.Run("time", func(t *testing.T) {
		c := newTerminal(t, "--timeout", "200ms")
		c.see("> ")
		c.typed("half")
		c.see("half\r\nwirelua: timed out: still running after 200ms\r\n")
		c.end("124")
	})
	t.Run("SIGTERM", func(t *testing.T) {
		c := newTerminal(t)
		c.see("> ")
		_ = c.cmd.Process.Signal(syscall.SIGTERM)
		c.end("143")
	})
	t.Run("SIGINT while a line is typed", func(t *testing.T) {
		c := newTerminal(t)
		c.see("> ")
		_ = c.cmd.Process.Signal(syscall.SIGINT)
		c.typed("x = 1\r")
		c.see("> ")
		c.typed("\x04")
		c.end("0")
	})
	t.Run("a script is stopped, and the prompt follows", func(t *testing.T) {
		c := newTerminal(t, "-i", "-e", "x = 'from the script' print('begun') thread.sleep(60)")
		c.see("begun\r\n")
		c.typed("\x03")
		c.see("interrupted!\r\n")
		c.see("> ")
		c.typed("x, arg[0]\r")
		c.see("\"from the script\"\t\"-e\"\r\n> ")
		c.typed("thread.start(function() os.exit(6) end)\r")
		c.end("6")
	})
	t.Run("-e without -i", func(t *testing.T) {
		c := newTerminal(t, "-e", "print('done')")
		c.see("done\r\n")
		c.end("0")
	})
}

// On a terminal a trace has directions and failures in colours, unless NO_COLOR is set.
func TestTraceColours(t *testing.T) {
	const script = `local a, b = socket.socketpair() a:send("x") pcall(socket.connect, socket.socket(), "127.0.0.1", 1)`
	c := newTerminal(t, "--trace", "-e", script)
	c.see("\x1b[36m-> 127.0.0.1:1\x1b[0m")
	c.see(" \x1b[31mECONNREFUSED\x1b[0m\r\n")
	t.Setenv("NO_COLOR", "1")
	c = newTerminal(t, "--trace", "-e", script)
	c.see(" -> 127.0.0.1:1")
	c.see(" ECONNREFUSED\r\n")
}

// Ctrl-C and Ctrl-\ as they are typed: the second ends nothing, and the first says in ten lines at most what
// it ends.
func TestTerminalReports(t *testing.T) {
	c := newTerminal(t, "-e", `local server = socket.create_server("127.0.0.1", 0)
		local all = {}
		for i = 1, 60 do
			all[i] = socket.create_connection("127.0.0.1", server:getsockname().port)
			local conn = server:accept()
			thread.start(function() conn:recv() end)
		end
		thread.start(function() thread.queue():get() end)
		for i = 1, 12 do thread.start(load("thread.sleep(60)", "=sleeper" .. i)) end
		thread.start(function() print("begun") thread.sleep(60) end) -- once the main thread waits
		server:accept()`)
	c.see("begun\r\n")
	c.typed("\x1c")
	c.see("wirelua: what the 75 threads do:\r\nmain: accept on #1 127.0.0.1:")
	c.see("thread-73: sleep")
	c.see("in main chunk\r\n")
	c.typed("\x03")
	c.see("wirelua: interrupted; what the 75 threads do:\r\n60 threads: recv at -e:6\r\nmain: accept at -e:11\r\nthread-61: get at -e:8\r\nthread-62: sleep at sleeper1:1\r\n")
	c.see("... and 7 threads more\r\n")
	c.end("130")
}
