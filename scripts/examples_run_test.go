//go:build unix

package scripts

import (
	"bufio"
	"bytes"
	"io"
	"math/rand"
	"net"
	"os/exec"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func exitCode(err error) int {
	if e, ok := err.(*exec.ExitError); ok {
		return e.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}

// example runs a program to its end.
func example(t *testing.T, script string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	stdout, stderr, err := run(t, root, wirelua, append([]string{"scripts/examples/" + script}, args...)...)
	return stdout, stderr, exitCode(err)
}

// program is one that runs.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	lines  chan string  // of standard output
	stderr bytes.Buffer // to be looked at once it has ended
	ended  bool
}

// startExample starts an example, and startProgram any program, which is killed at the end
// of the test if it still runs.
func startExample(t *testing.T, script string, args ...string) *program {
	t.Helper()
	return startProgram(t, wirelua, append([]string{"scripts/examples/" + script}, args...)...)
}

func startProgram(t *testing.T, name string, args ...string) *program {
	t.Helper()
	p := &program{t: t, lines: make(chan string, 10000)}
	p.cmd = exec.Command(name, args...)
	p.cmd.Dir, p.cmd.Stderr = root, &p.stderr
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	go func() {
		defer close(p.lines)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			select {
			case p.lines <- lines.Text():
			default: // nobody looks at so many
			}
		}
	}()
	t.Cleanup(func() { p.cmd.Process.Kill(); p.wait() })
	return p
}

// wait waits until the program has ended, and returns its exit status. One that does not
// end shows where its goroutines are.
func (p *program) wait() int {
	p.t.Helper()
	if !p.ended {
		overdue := time.AfterFunc(limit, func() { p.cmd.Process.Signal(syscall.SIGQUIT) })
		for range p.lines { // Wait would close the pipe under the scanner
		}
		p.cmd.Wait()
		p.ended = true
		if !overdue.Stop() {
			p.t.Errorf("%s did not end\n%s", p.cmd.Args[1], p.stderr.String())
		}
	}
	return p.cmd.ProcessState.ExitCode()
}

// interrupt is Ctrl-C; it returns the exit status of a program that does nothing about it.
func (p *program) interrupt() int {
	ctrlC, status := syscall.SIGINT, 130
	if signal.Ignored(ctrlC) { // and so it is for our children
		ctrlC, status = syscall.SIGTERM, 143
	}
	p.cmd.Process.Signal(ctrlC)
	return status
}

// next waits for the next line of output, line for one that has a text in it.
func (p *program) next() string {
	p.t.Helper()
	return p.line("")
}

func (p *program) line(text string) string {
	p.t.Helper()
	overdue := time.After(limit)
	var before []string
	for {
		select {
		case line, open := <-p.lines:
			if strings.Contains(line, text) && open {
				return line
			}
			if before = append(before, line); open {
				continue
			}
		case <-overdue:
		}
		p.t.Fatalf("%s: no line with %q, but %q", p.cmd.Args[1], text, before)
	}
}

func (p *program) say(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.stdin, text); err != nil {
		p.t.Fatal(err)
	}
}

// hears checks what the next lines of output are.
func (p *program) hears(lines ...string) {
	p.t.Helper()
	for _, want := range lines {
		if got := p.next(); got != want {
			p.t.Fatalf("%q came, want %q", got, want)
		}
	}
}

func (p *program) ends(status int) {
	p.t.Helper()
	if got := p.wait(); got != status {
		p.t.Errorf("%v: status %d, want %d\n%s", p.cmd.Args[1:], got, status, p.stderr.String())
	}
}

// server is an example that listens.
type server struct {
	*program
	port string
}

// exampleServer starts a server, and stops it at the end of the test.
func exampleServer(t *testing.T, script string, args ...string) *server {
	t.Helper()
	s := &server{program: startExample(t, script, args...)}
	t.Cleanup(func() { s.stop() })
	first := s.line("listening on ")
	s.port = first[strings.LastIndex(first, ":")+1:]
	return s
}

// ofAClient is what a server says on standard error: a line for a client that something went
// wrong with. A traceback would be a fault of the server's own.
var ofAClient = regexp.MustCompile(`^(127\.0\.0\.1|\[::1\]):\d+: [^\t]+$`)

// stop ends the server with Ctrl-C, and returns what it said on standard error. It must
// have lived until then.
func (s *server) stop() string {
	s.t.Helper()
	if s.ended {
		return s.stderr.String()
	}
	status := s.interrupt()
	got := s.wait()
	said := s.stderr.String()
	if got != status {
		s.t.Errorf("%s: status %d, want %d\n%s", s.cmd.Args[1], got, status, said)
	}
	for line := range strings.Lines(said) {
		if !ofAClient.MatchString(strings.TrimSuffix(line, "\n")) {
			s.t.Errorf("%s said %q", s.cmd.Args[1], line)
		}
	}
	return said
}

// startUntil starts a program that is not ours, and returns the line of its output that
// has a text in it; "" if it ended without one.
func startUntil(t *testing.T, text, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), text) {
			go io.Copy(io.Discard, out)
			return strings.TrimSpace(lines.Text())
		}
	}
	return ""
}

func dial(t *testing.T, port string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(limit))
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn)
}

func listenTCP(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func portOf(l net.Listener) string { return strconv.Itoa(l.Addr().(*net.TCPAddr).Port) }

// abuse is what any server has to live through: garbage, lines without an end, and
// clients that leave in all the ways there are.
func (s *server) abuse() {
	s.t.Helper()
	garbage := make([]byte, 5000)
	rand.New(rand.NewSource(1)).Read(garbage)
	inputs := [][]byte{nil, {0}, []byte("\n"), []byte("\r\n\r\n"), []byte("\xff\xff\xff\xff\xff\xff"), garbage,
		bytes.Repeat([]byte("x"), 300000), []byte(strings.Repeat("nonsense\r\n", 1000)), []byte("GET / HTTP/1.1\r\nHost: x\r\n")}
	var wg sync.WaitGroup
	for _, input := range inputs {
		for _, leave := range []func(*net.TCPConn){
			func(c *net.TCPConn) {},
			func(c *net.TCPConn) { c.SetLinger(0) }, // a reset
			func(c *net.TCPConn) { c.CloseWrite(); io.Copy(io.Discard, c) },
		} {
			conn := dial(s.t, s.port)
			wg.Go(func() {
				conn.Write(input) // which may fail: nobody has to listen to that
				leave(conn)
				conn.Close()
			})
		}
	}
	wg.Wait()
}

func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("no %s here", program)
	}
}

func python(t *testing.T, code string, args ...string) string {
	t.Helper()
	needs(t, "python3")
	stdout, stderr, err := run(t, root, "python3", append([]string{"-c", code}, args...)...)
	if err != nil {
		t.Fatalf("python3: %v\n%s%s", err, stdout, stderr)
	}
	return stdout
}

// say sends, and expect reads until a text has come.
func say(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, r io.Reader, text string) string {
	t.Helper()
	var got []byte
	for b := make([]byte, 1); !bytes.HasSuffix(got, []byte(text)); got = append(got, b...) {
		if _, err := io.ReadFull(r, b); err != nil {
			t.Fatalf("waiting for %q: %v after %q", text, err, got)
		}
	}
	return string(got)
}
