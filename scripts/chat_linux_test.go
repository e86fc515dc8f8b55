package scripts

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal returns both ends of a new pseudo-terminal.
func openTerminal(t *testing.T) (master, tty *os.File) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { master.Close() })
	raw, err := master.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	_ = raw.Control(func(fd uintptr) {
		n, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		err = errors.Join(err, unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0))
	})
	if err != nil {
		t.Fatal(err)
	}
	if tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Skip(err)
	}
	return master, tty
}

// TestExampleChatTyping: what others say appears above the line that is being typed, which stays.
func TestExampleChatTyping(t *testing.T) {
	t.Parallel()
	s := exampleServer(t, "chat_server.lua")
	master, tty := openTerminal(t)
	cmd := exec.Command(wirelua, "scripts/examples/chat_client.lua", "ada", "127.0.0.1:"+s.port)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = root, tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close()
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	shown := ""
	sees := func(text string) {
		t.Helper()
		_ = master.SetReadDeadline(time.Now().Add(limit))
		for buf := make([]byte, 4096); !strings.Contains(shown, text); {
			n, err := master.Read(buf)
			if err != nil {
				t.Fatalf("%v; %q does not show %q", err, shown, text)
			}
			shown += string(buf[:n])
		}
		_, shown, _ = strings.Cut(shown, text)
	}
	above := func(line string) string { return "\x1bD\x1b[A\x1b7\r\x1b[L" + line + "\x1b8\x1b[B" }

	sees(above("* here: ada"))
	fmt.Fprint(master, "half a li")
	sees("half a li")
	bob := s.join("bob", "ada", "bob")
	sees(above("* bob joins"))
	bob.say(strings.Repeat("ä", 80) + "\n") // in two pieces
	sees(above("bob: " + strings.Repeat("ä", 67)))
	sees(above(strings.Repeat("ä", 13)))
	fmt.Fprint(master, "ne\n")
	bob.hears("ada: half a line")
}
