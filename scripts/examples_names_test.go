//go:build unix

package scripts

import (
	"fmt"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const pythonDNS = `
import socket, struct, threading
t = socket.create_server(("127.0.0.1", 0))
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(t.getsockname())
print("port", t.getsockname()[1], flush=True)

def name(n): return b"".join(bytes([len(l)]) + l.encode() for l in n.split(".")) + b"\0"
def record(kind, data, owner=b"\xc0\x0c"): return owner + struct.pack("!HHIH", kind, 1, 60, len(data)) + data

def answer(q, udp):
    pos, labels = 12, []
    while q[pos]:
        labels.append(q[pos+1:pos+1+q[pos]].decode())
        pos += 1 + q[pos]
    asked = ".".join(labels)
    pos += 1
    kind, = struct.unpack("!H", q[pos:pos+2])
    question = q[12:pos+4]
    end = 12 + len(question)
    flags, records, count = 0x8180, [], None
    if asked == "missing.test": flags |= 3
    elif asked == "refused.test": flags |= 5
    elif asked == "circle.test": records = [record(5, struct.pack("!H", 0xc000 + end + 12))]
    elif asked == "ahead.test": records = [record(5, struct.pack("!H", 0xc000 + end + 14) + name("x"))]
    elif asked == "cut.test": records, count = [b"\xc0"], 9
    elif asked == "label.test": records = [record(5, b"\x80abc")]
    elif asked == "strange.test": records = [record(99, b"\x01\xff")]
    elif asked == "long.test" and udp: flags |= 0x200
    elif asked == "long.test": records = [record(16, b"\xc8" + b"x" * 200) for _ in range(20)]
    elif kind == 1: records = [record(5, b"\x04real\xc0\x0c"), record(1, bytes([192, 0, 2, 7]), b"\x04real\xc0\x0c")]
    elif kind == 28: records = [record(28, socket.inet_pton(socket.AF_INET6, "2001:db8::7"))]
    elif kind == 15: records = [record(15, b"\x00\x0a\x04mail\xc0\x0c"), record(15, b"\x00\x14" + name("mx.example.org"))]
    elif kind == 16: records = [record(16, b"\x05hello\x07a \"q\" \x1b")]
    return q[:2] + struct.pack("!HHHHH", flags, 1, len(records) if count is None else count, 0, 0) + question + b"".join(records)

def streams():
    while True:
        c, _ = t.accept()
        length = c.recv(2, socket.MSG_WAITALL)
        if len(length) == 2: # else it is the scanner of the other test
            a = answer(c.recv(*struct.unpack("!H", length), socket.MSG_WAITALL), False)
            c.sendall(struct.pack("!H", len(a)) + a)
        c.close()

threading.Thread(target=streams, daemon=True).start()
lost = set()
while True:
    q, a = u.recvfrom(4096)
    if b"silent" in q: continue
    if b"lossy" in q and q not in lost:
        lost.add(q)
        continue
    if b"forged" in q:
        for junk in b"", b"x", b"\0\0" + answer(q, True)[2:], q, q[:2] + b"\x81\x80": u.sendto(junk, a)
    u.sendto(answer(q, True), a)
`

func TestExampleDNSLookup(t *testing.T) {
	t.Parallel()
	port := startServer(t, "python3", "-c", pythonDNS)
	for _, c := range []struct {
		name, kind, want string
		status           int
	}{
		{"www.test", "A", "www.test.\t60\tCNAME\treal.www.test.\nreal.www.test.\t60\tA\t192.0.2.7\n", 0},
		{"www.test.", "aaaa", "www.test.\t60\tAAAA\t2001:db8::7\n", 0},
		{"www.test", "MX", "www.test.\t60\tMX\t10 mail.www.test.\nwww.test.\t60\tMX\t20 mx.example.org.\n", 0},
		{"www.test", "TXT", "www.test.\t60\tTXT\t\"hello\" \"a \\\"q\\\" \\027\"\n", 0},
		{"strange.test", "A", "strange.test.\t60\tTYPE99\t01ff\n", 0},
		{"lossy.test", "AAAA", "lossy.test.\t60\tAAAA\t2001:db8::7\n", 0},
		{"forged.test", "AAAA", "forged.test.\t60\tAAAA\t2001:db8::7\n", 0},
		{"long.test", "TXT", strings.Repeat("long.test.\t60\tTXT\t\""+strings.Repeat("x", 200)+"\"\n", 20), 0},
		{"www.test", "NS", "www.test: no NS records", 1},
		{"missing.test", "A", "NXDOMAIN", 1},
		{"refused.test", "A", "REFUSED", 1},
		{"circle.test", "A", "makes no sense", 1},
		{"ahead.test", "A", "makes no sense", 1},
		{"cut.test", "A", "makes no sense", 1},
		{"label.test", "A", "makes no sense", 1},
		{"silent.test", "A", "no answer from 127.0.0.1:" + port, 1},
		{"a..test", "A", "not a name", 1},
		{strings.Repeat("x", 64) + ".test", "A", "not a name", 1},
	} {
		t.Run(c.name+" "+c.kind, func(t *testing.T) {
			t.Parallel()
			patience := "10"
			if strings.Contains("lossy.test silent.test", c.name) {
				patience = "0.2"
			}
			stdout, stderr, status := example(t, "dns_lookup.lua", "-t", patience, c.name, c.kind, "127.0.0.1", port)
			if status != c.status || status == 0 && stdout != c.want || !strings.Contains(stdout+stderr, c.want) || strings.Contains(stderr, "traceback") {
				t.Errorf("status %d, want %q\n%s%s", status, c.want, stdout, stderr)
			}
		})
	}
}

// freePort is one that nobody had a moment ago, for programs that cannot choose one themselves.
func freePort(t *testing.T) string {
	t.Helper()
	l := listenTCP(t)
	defer l.Close()
	return portOf(l)
}

// startOnFreePort starts a program with arguments that the port is put into, and returns the
// port once a text tells that it runs.
func startOnFreePort(t *testing.T, text, name string, args ...string) string {
	t.Helper()
	needs(t, name)
	for range 5 {
		port := freePort(t)
		with := slices.Clone(args)
		for i := range with {
			with[i] = strings.ReplaceAll(with[i], "PORT", port)
		}
		if startUntil(t, text, name, with...) != "" {
			return port
		}
	}
	t.Fatalf("%s does not start", name)
	return ""
}

func TestExampleDNSLookupDnsmasq(t *testing.T) {
	t.Parallel()
	port := startOnFreePort(t, "started", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=PORT",
		"--listen-address=127.0.0.1", "--bind-interfaces", "--no-resolv", "--no-hosts", "--pid-file=", "--user=", "--log-facility=-",
		"--local=/test/", "--host-record=www.test,192.0.2.7,2001:db8::7", "--cname=alias.test,www.test",
		"--mx-host=www.test,mail.test,10", "--txt-record=www.test,hello,a \"q\"", "--txt-record=long.test"+strings.Repeat(",x", 300))
	for query, want := range map[string]string{
		"www.test A":    "www.test.\t0\tA\t192.0.2.7\n",
		"www.test AAAA": "www.test.\t0\tAAAA\t2001:db8::7\n",
		"alias.test A":  "alias.test.\t0\tCNAME\twww.test.\nwww.test.\t0\tA\t192.0.2.7\n",
		"www.test MX":   "www.test.\t0\tMX\t10 mail.test.\n",
		"www.test TXT":  "www.test.\t0\tTXT\t\"hello\" \"a \\\"q\\\"\"\n",
		"www.test NS":   "no NS records",
		"none.test A":   "NXDOMAIN",
		"long.test TXT": "long.test.\t0\tTXT\t" + strings.TrimSpace(strings.Repeat("\"x\" ", 300)) + "\n", // by TCP
	} {
		name, kind, _ := strings.Cut(query, " ")
		stdout, stderr, status := example(t, "dns_lookup.lua", name, kind, "127.0.0.1", port)
		if found := strings.HasSuffix(want, "\n"); found && (status != 0 || stdout != want) || !found && (status != 1 || !strings.Contains(stderr, want)) {
			t.Errorf("%s: status %d, want %q\n%s%s", query, status, want, stdout, stderr)
		}
	}
}

func TestExampleNTPClientChrony(t *testing.T) {
	t.Parallel()
	needs(t, "chronyd")
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	port := startOnFreePort(t, "starting", "chronyd", "-d", "-x", "-u", me.Username, "port PORT", "bindaddress 127.0.0.1",
		"cmdport 0", "bindcmdaddress /", "local stratum 3", "allow 127.0.0.1", "pidfile "+filepath.Join(t.TempDir(), "pid"))
	var stdout, stderr string
	status := 1
	for end := time.Now().Add(limit); status != 0 && time.Now().Before(end); { // it listens some time after it said so
		stdout, stderr, status = example(t, "ntp_client.lua", "-n", "20", "-t", "0.5", "127.0.0.1", port)
	}
	var offset float64
	_, second, _ := strings.Cut(stdout, "\n")
	if n, _ := fmt.Sscanf(second, "offset %f s", &offset); status != 0 || n != 1 || max(offset, -offset) > 0.3 || !strings.Contains(second, "stratum 3") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

func TestExampleNTPClient(t *testing.T) {
	t.Parallel()
	port := startServer(t, "python3", "-c", `
import socket, struct, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print("port", s.getsockname()[1], flush=True)
lost = False
while True:
    q, a = s.recvfrom(1024)
    if not lost:
        lost = True
        continue
    t = time.time() + 3600.5 + 2208988800
    stamp = struct.pack("!II", int(t) % 2**32, int(t % 1 * 2**32))
    def answer(first, stratum, mark): return struct.pack("!BBbbII4s", first, stratum, 0, -20, 0, 0, b"RATE") + stamp + mark + stamp + stamp
    for forged in b"junk", q, answer(0x24, 2, bytes(8)): s.sendto(forged, a)
    first, stratum = (0x24, 0) if q[0] != 0x23 else (0x24, 2)
    s.sendto(answer(first, stratum, q[40:48]), a)
`)
	stdout, stderr, status := example(t, "ntp_client.lua", "-t", "0.5", "127.0.0.1", port)
	var offset float64
	if _, second, _ := strings.Cut(stdout, "\n"); status != 0 || second == "" {
		t.Fatalf("status %d\n%s%s", status, stdout, stderr)
	} else if fmt.Sscanf(second, "offset %f s", &offset); offset < 3600.2 || offset > 3600.8 {
		t.Errorf("3600.5 expected\n%s", stdout)
	}
	l := listenTCP(t)
	if _, stderr, status := example(t, "ntp_client.lua", "127.0.0.1", portOf(l)); status != 1 || !strings.Contains(stderr, "connection refused") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}
