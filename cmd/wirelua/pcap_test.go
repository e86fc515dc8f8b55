package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/interp/trace/pcapng"
	"wirelua/stdlib"
)

// tshark runs it on a capture.
func tshark(t *testing.T, capture string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "tshark", append([]string{"-r", capture}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || strings.Contains(stderr.String(), "cut short") {
		t.Fatalf("tshark: %v\n%s", err, &stderr)
	}
	return string(out)
}

// plain has tshark take the ports that the system gives for nothing that it knows: what goes there
// is none of it.
func plain(t *testing.T) (args []string) {
	t.Helper()
	out, err := exec.Command("tshark", "-G", "decodes").Output()
	if err != nil {
		t.Fatal(err)
	}
	disabled := map[string]bool{"tls": true} // which must not be
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line) // tcp.port 44818 enip
		if len(f) < 3 || f[0] != "tcp.port" && f[0] != "udp.port" || disabled[f[2]] {
			continue
		}
		if port, err := strconv.Atoi(f[1]); err == nil && port >= 1<<15 {
			disabled[f[2]] = true
			args = append(args, "--disable-protocol", f[2])
		}
	}
	return args
}

// conversation is what was said both ways.
type conversation struct{ there, back string }

// capture runs testdata/busy.lua and returns what it says was said, by whom.
func capture(t *testing.T, path string) map[string]conversation {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("testdata", "busy.lua"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.All(), Observer: pcapng.New(f)})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	said := map[string]conversation{}
	in.Set("path", path+".sock")
	in.Set("sent", func(who, there, back string) { said[who] = conversation{there, back} })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := in.RunString(ctx, "busy.lua", string(script)); err != nil {
		t.Fatal(err)
	}
	return said
}

// Wireshark's own tool finds nothing wrong with the capture of a busy run: no packet that it cannot read, no
// sequence that it wonders at, no checksum that is not right; and following the conversations
// gives what was said, that of TLS too.
func TestTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("no tshark here to read captures with (apt-get install tshark)")
	}
	path := filepath.Join(t.TempDir(), "busy.pcapng")
	said, plain := capture(t, path), plain(t)
	wrong := tshark(t, path, append([]string{"-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y",
		"_ws.malformed || tcp.analysis.flags || tcp.checksum.status == 0 || udp.checksum.status == 0 || ip.checksum.status == 0 || !frame.comment"}, plain...)...)
	if wrong != "" {
		t.Errorf("tshark complains:\n%s", wrong)
	}
	count := func(field string) (n int) {
		seen := map[string]bool{}
		for _, number := range strings.Fields(tshark(t, path, append([]string{"-T", "fields", "-e", field}, plain...)...)) {
			seen[number] = true
		}
		return len(seen)
	}
	args := plain
	for n := range count("tcp.stream") {
		args = append(args, "-z", fmt.Sprint("follow,tcp,raw,", n), "-z", fmt.Sprint("follow,tls,raw,", n))
	}
	for n := range count("udp.stream") {
		args = append(args, "-z", fmt.Sprint("follow,udp,raw,", n))
	}
	followed := follow(t, tshark(t, path, append([]string{"-q"}, args...)...))
	for who, want := range said {
		times := 1
		if strings.HasPrefix(who, "relay-") {
			times = 2
		}
		turned := conversation{want.back, want.there} // of TLS 1.3, tshark has who it heard first first
		if got := followed[want] + followed[turned]; got != times {
			t.Errorf("%s: %d such conversations, want %d", who, got, times)
		}
		delete(followed, want)
		delete(followed, turned)
	}
	for c := range followed { // TLS, as it went over the wire
		if !strings.HasPrefix(c.there, "\x16\x03\x01") {
			t.Errorf("nobody said %.60q", c.there)
		}
	}
	if len(said) != 43 || len(followed) != 6 {
		t.Errorf("%d conversations, and %d of TLS", len(said), len(followed))
	}
}

// follow reads tshark's output of follow,...,raw: a line for each piece, those of the server indented.
func follow(t *testing.T, out string) map[conversation]int {
	t.Helper()
	all := map[conversation]int{}
	for _, section := range strings.Split(out, "===================================================================\n") {
		var c conversation
		for line := range strings.Lines(section) {
			data, err := hex.DecodeString(strings.TrimSpace(line))
			switch {
			case err != nil: // its head
			case line[0] == '\t':
				c.back += string(data)
			default:
				c.there += string(data)
			}
		}
		if c.there != "" {
			all[c]++
		}
	}
	return all
}

// payloads reads a capture, which has to be whole, and returns the data in it.
func payloads(t *testing.T, path string) (all []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewNgReader(f, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	for {
		data, _, err := r.ReadPacketData()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if l := gopacket.NewPacket(data, layers.LayerTypeIPv4, gopacket.NoCopy).ApplicationLayer(); l != nil {
			all = append(all, string(l.Payload()))
		}
	}
}

// A capture is whole up to the last event when the process is killed in the midst of it.
func TestPcapKilled(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command("wirelua", "--pcap", "killed.pcapng", "-e", `
		local a, b = socket.socketpair()
		local progress = io.open("progress", "w")
		progress:setvbuf("no")
		for i = 1, math.huge do
			a:send(("%9d"):format(i))
			b:recv(100)
			progress:seek("set")
			progress:write(("%9d"):format(i))
			if i == 1000 then print("busy") end
		end`)
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 10)); err != nil {
		t.Error(err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	progress, err := os.ReadFile(filepath.Join(dir, "progress"))
	if err != nil {
		t.Fatal(err)
	}
	all := payloads(t, filepath.Join(dir, "killed.pcapng"))
	if len(all) < 1000 || all[len(all)-1] < string(progress) {
		t.Errorf("%d packets, the last of them %q; the script had sent %q", len(all), all[len(all)-1], progress)
	}
}
