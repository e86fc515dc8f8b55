//go:build unix

package scripts

import (
	"bufio"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const redisCommands = `PING
SET "a b" "hello world"
GET "a b"
get none
INCR n

RPUSH l one two three 4 5 6 7 8 9 10 11
LRANGE l 0 -1
LRANGE none 0 -1
HSET h f v
EVAL "return {1,{2,{3,'x',{}}},'y',false,{err='oops'},{11,12}}" 0
NOSUCH x
GET l
CLIENT GETNAME
SET bin 'x "quoted" \ and é'
GET bin
`

func TestExampleRedisClient(t *testing.T) {
	t.Parallel()
	port := startOnFreePort(t, "eady to accept connections", "redis-server", "--port", "PORT", "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir())

	for line, want := range map[string]string{
		"SET key -5": "OK\n", "GET none": "(nil)\n", "INCR count": "(integer) 1\n", "NOSUCH": "(error) ERR unknown command",
	} {
		stdout, stderr, status := example(t, "redis_client.lua", append([]string{"-p", port}, strings.Fields(line)...)...)
		if !strings.HasPrefix(stdout, want) || stderr != "" || (status == 1) != (line == "NOSUCH") {
			t.Errorf("%s: status %d\n%s%s", line, status, stdout, stderr)
		}
	}

	t.Run("as redis-cli", func(t *testing.T) {
		needs(t, "redis-cli")
		printed := map[string]string{}
		for name, args := range map[string][]string{
			"ours":  {wirelua, "scripts/examples/redis_client.lua", "-p", port},
			"redis": {"redis-cli", "--no-raw", "-p", port},
		} {
			run(t, root, "redis-cli", "-p", port, "FLUSHALL")
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Dir = root
			cmd.Stdin = strings.NewReader(redisCommands)
			out, _ := cmd.Output()
			printed[name] = strings.ReplaceAll(string(out), "\n\n", "\n") // redis-cli prints a line after some errors
		}
		if printed["ours"] != printed["redis"] || len(printed["ours"]) < 500 {
			t.Errorf("printed\n%s\nand redis-cli prints\n%s", printed["ours"], printed["redis"])
		}
	})
}

// TestExampleRedisClientBadServer: what is no Redis at the other end.
func TestExampleRedisClientBadServer(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string]string{
		"":                                "closed",
		"HTTP/1.1 400 Bad Request\r\n":    "not Redis",
		"$5\r\nab":                        "EOF", // the code is not shown, the message is
		"$9999999999\r\n":                 "not Redis",
		"*2\r\n:1\r\n":                    "closed",
		strings.Repeat("*1\r\n", 100_000): "not Redis",
		"$x\r\n":                          "not Redis",
		"\r\n":                            "not Redis",
	} {
		l := listenTCP(t)
		go func() {
			conn, err := l.Accept()
			if err == nil {
				for lines := bufio.NewScanner(conn); lines.Scan() && lines.Text() != "x"; { // the whole question
				}
				io.WriteString(conn, reply)
				conn.Close()
			}
		}()
		if want == "EOF" {
			want = "closed after 2 bytes"
		}
		stdout, stderr, status := example(t, "redis_client.lua", "-p", portOf(l), "GET", "x")
		if status != 1 || !strings.Contains(stderr, want) || strings.Contains(stderr, "traceback") {
			t.Errorf("%.30q: status %d, want %q\n%s%s", reply, status, want, stdout, stderr)
		}
	}
}
