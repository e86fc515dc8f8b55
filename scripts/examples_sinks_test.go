//go:build unix

package scripts

import (
	"fmt"
	"io"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestExampleMulticastDiscovery(t *testing.T) {
	t.Parallel()
	s := exampleServer(t, "multicast_discovery.lua", "-p", "0", "printer", "631")
	exampleServer(t, "multicast_discovery.lua", "-p", s.port, "chat", "5000")
	find := func(args ...string) (string, string, int) {
		return example(t, "multicast_discovery.lua", append([]string{"-t", "0.3", "-p", s.port}, args...)...)
	}
	stdout, stderr, status := find()
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	slices.Sort(lines)
	if status != 0 || !slices.Equal(lines, []string{"chat\t127.0.0.1:5000", "printer\t127.0.0.1:631"}) {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if stdout, stderr, status := find("chat"); status != 0 || stdout != "chat\t127.0.0.1:5000\n" {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if stdout, stderr, status := find("nobody"); status != 1 || stdout != "" || !strings.Contains(stderr, "nobody answered") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	stdout = python(t, `
import json, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
s.settimeout(20)
group = ("239.255.42.99", int(sys.argv[1]))
for junk in b"", b"junk", b"[]", b"{}", b'{"name": 1}', b"\xff" * 1000, b"[" * 2000: s.sendto(junk, group)
s.sendto(json.dumps({"name": "printer"}).encode(), group)
data, address = s.recvfrom(2048)
print(json.loads(data)["port"], address[0])`, s.port)
	if stdout != "631 127.0.0.1\n" {
		t.Errorf("Python gets %s", stdout)
	}

	// Answers are not to be trusted, either.
	stdout = python(t, `
import socket, subprocess, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("239.255.42.99", 0))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.255.42.99") + socket.inet_aton("127.0.0.1"))
s.settimeout(20)
p = subprocess.Popen(sys.argv[1:] + ["-t", "0.5", "-p", str(s.getsockname()[1])], stdout=subprocess.PIPE)
_, asker = s.recvfrom(2048)
for answer in b"", b"{", b'{"name": "no port"}', b'{"name": "x", "port": "y"}', b'{"name": "a\\nb", "port": 7}': s.sendto(answer, asker)
print(p.communicate()[0].decode(), end="")`, wirelua, filepath.Join(root, "scripts/examples/multicast_discovery.lua"))
	if stdout != "a?b\t127.0.0.1:7\n" {
		t.Errorf("answers of another's: %q", stdout)
	}
}

func TestExampleSyslogSink(t *testing.T) {
	t.Parallel()
	s := exampleServer(t, "syslog_sink.lua")
	udp, err := net.Dial("udp", "127.0.0.1:"+s.port)
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	for sent, want := range map[string]string{
		"<34>Oct 11 22:14:15 mymachine su: 'su root' failed":                                                                      "auth.crit Oct 11 22:14:15 mymachine su: 'su root' failed",
		"<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!":                                                                              "user.notice Feb  5 17:32:18 - -: 10.0.0.99 Use the BFG!",
		"<30>Oct 11 22:14:15 prog[7]: no host":                                                                                    "daemon.info Oct 11 22:14:15 - prog[7]: no host",
		"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xef\xbb\xbf'su root' failed":                           "auth.crit 2003-10-11T22:14:15.003Z mymachine.example.com su: 'su root' failed",
		"<165>1 2003-10-11T22:14:15.003Z h evntslog 12 ID47 [x@3 iut=\"3\" source=\"App\\]\\\"lication\"][b c=\"d\"] text [here]": "local4.notice 2003-10-11T22:14:15.003Z h evntslog[12]: text [here]",
		"<165>1 2003-10-11T22:14:15.003Z h evntslog - - [open":                                                                    "local4.notice - 127.0.0.1 -: 1 2003-10-11T22:14:15.003Z h evntslog - - [open",
		"no priority \x1b[31m, and\ntwo lines\x00":                                                                                "user.notice - 127.0.0.1 -: no priority \\027[31m, and\\010two lines",
		"<999>beyond": "?.debug - 127.0.0.1 -: beyond",
		"":            "user.notice - 127.0.0.1 -:",
	} {
		io.WriteString(udp, sent)
		if got := s.line(""); got != want {
			t.Errorf("%q:\n%s\nwant\n%s", sent, got, want)
		}
	}
	s.abuse()
	conn := dial(t, s.port)
	say(t, conn, "<14>Oct 11 22:14:15 h p: a line\n36 <14>Oct 11 22:14:15 h p: two\nlines!!"+"<14>Oct 11 22:14:15 h p: the last")
	conn.CloseWrite()
	s.line("user.info Oct 11 22:14:15 h p: a line")
	s.line("user.info Oct 11 22:14:15 h p: two\\010lines!")
	s.line("user.info Oct 11 22:14:15 h p: the last")

	t.Run("logger", func(t *testing.T) {
		needs(t, "logger")
		for i, kind := range []string{"-d --rfc3164", "-d --rfc5424", "-T --rfc3164", "-T --rfc5424", "-T --octet-count --rfc5424"} {
			mark := fmt.Sprintf("prog[12]: message %d", i)
			args := append(strings.Fields(kind), "-n", "127.0.0.1", "-P", s.port, "-p", "mail.crit", "-t", "prog", "--id=12", fmt.Sprintf("message %d", i))
			if _, stderr, err := run(t, root, "logger", args...); err != nil {
				t.Skipf("this logger cannot do %s: %s", kind, stderr)
			}
			if line := s.line(mark); !strings.HasPrefix(line, "mail.crit ") {
				t.Errorf("%s: %s", kind, line)
			}
		}
	})
	t.Run("python", func(t *testing.T) {
		python(t, `
import logging, logging.handlers, socket, sys
for kind in socket.SOCK_DGRAM, socket.SOCK_STREAM:
    handler = logging.handlers.SysLogHandler(("127.0.0.1", int(sys.argv[1])), facility="local3", socktype=kind)
    handler.append_nul = False
    handler.setFormatter(logging.Formatter("prog: %(message)s\n"))
    logger = logging.getLogger(str(kind))
    logger.addHandler(handler)
    logger.error("from Python")`, s.port)
		s.line("local3.err - 127.0.0.1 -: prog: from Python")
		s.line("local3.err - 127.0.0.1 -: prog: from Python")
	})
}

func TestExampleSMTPSink(t *testing.T) {
	t.Parallel()
	s := exampleServer(t, "smtp_sink.lua")
	s.abuse()

	mail := "Subject: a test\r\n\r\n.one dot\r\n..two\r\n.\r\nthe end, grüße\r\n"
	if err := smtp.SendMail("127.0.0.1:"+s.port, nil, "ada@example.org", []string{"bob@example.org", "eve@example.org"}, []byte(mail)); err != nil {
		t.Fatal(err)
	}
	s.line("--- from <ada@example.org> to <bob@example.org>, <eve@example.org>")
	for line := range strings.SplitSeq(strings.TrimSuffix(mail, "\r\n"), "\r\n") {
		if got := s.line(""); got != line {
			t.Errorf("%q became %q", line, got)
		}
	}

	conn := dial(t, s.port)
	expect(t, conn, "220 wirelua takes all mail\r\n")
	for _, c := range [][2]string{
		{"MAIL FROM:<a@b>", "503"}, {"HELO", "501"}, {"helo x", "250"}, {"RCPT TO:<a>", "503"}, {"DATA", "503"}, {"NOOP", "250"},
		{"MAIL nobody", "501"}, {"MAIL FROM:<>", "250"}, {"MAIL FROM:<a>", "503"}, {"RCPT TO:<>", "501"}, {"RCPT TO:<a>", "250"},
		{"RSET", "250"}, {"DATA", "503"}, {"MAIL FROM:<a@b> SIZE=99999999", "552"}, {"VRFY a", "252"}, {"WHAT", "500"}, {"", "500"},
		{"mail from: <a@b> BODY=8BITMIME", "250"}, {"rcpt to: <a@b>", "250"}, {"DATA", "354"},
	} {
		say(t, conn, c[0]+"\r\n")
		if reply := expect(t, conn, "\r\n"); !strings.HasPrefix(reply, c[1]) {
			t.Errorf("%q: %s", c[0], reply)
		}
	}
	line := strings.Repeat("x", 999) + "\n"
	say(t, conn, strings.Repeat(line, 11_000)+".\r\nQUIT\r\n")
	expect(t, conn, "552 too long\r\n221 bye\r\n")

	conn = dial(t, s.port) // all at once, as PIPELINING allows
	say(t, conn, "EHLO x\r\nMAIL FROM:<p@x>\r\nRCPT TO:<q@x>\r\nDATA\r\n")
	say(t, conn, "piped\r\n.\r\nQUIT\r\n")
	expect(t, conn, "250 OK\r\n221 bye\r\n")
	s.line("--- from <p@x> to <q@x>")
	s.line("piped")

	t.Run("python", func(t *testing.T) {
		python(t, `
import smtplib, sys
from email.message import EmailMessage
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = "ada@x.test", "bob@y.test", "from Python"
mail.set_content(".dot\n..two\nend\n")
with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=20) as s:
    s.send_message(mail)
    assert s.noop()[0] == 250 and s.verify("x")[0] == 252 and s.esmtp_features["size"] == "10485760"`, s.port)
		s.line("Subject: from Python")
		for _, want := range []string{".dot", "..two", "end"} {
			if got := s.line(want); got != want {
				t.Errorf("%q became %q", want, got)
			}
		}
	})
	t.Run("curl", func(t *testing.T) {
		needs(t, "curl")
		file := filepath.Join(t.TempDir(), "mail")
		os.WriteFile(file, []byte("Subject: from curl\r\n\r\n.hello\r\n"), 0o644)
		if _, stderr, err := run(t, root, "curl", "-sS", "smtp://127.0.0.1:"+s.port, "--mail-from", "c@d", "--mail-rcpt", "e@f", "-T", file); err != nil {
			t.Fatalf("%v\n%s", err, stderr)
		}
		s.line("--- from <c@d> to <e@f>")
		s.line("Subject: from curl")
		s.line(".hello")
	})
}
