package socket_test

import (
	"context"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// TestUnixRace: while a folder and a link that leads out take turns under one name, connections and
// datagrams to a Unix socket in it reach the one that is allowed, or none: the path was checked, and
// the system resolved it again.
func TestUnixRace(t *testing.T) {
	dir, err := os.MkdirTemp("", "w") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	name := dir + "/x"
	for _, folder := range []string{name, dir + "/out"} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(dir+"/out", dir+"/evil"); err != nil {
		t.Fatal(err)
	}
	var inside, outside atomic.Int32
	serveUnix(t, name, &inside)
	serveUnix(t, dir+"/out", &outside)
	in, err := interp.New(interp.Config{
		Modules: stdlib.Modules(),
		Policy:  policy.Policy{Connect: []string{"unix:" + name + "/s", "unix:" + name + "/d"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	stop := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			os.Rename(name, dir+"/real")
			os.Rename(dir+"/evil", name)
			os.Rename(name, dir+"/evil")
			os.Rename(dir+"/real", name)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	end := time.Now().Add(400 * time.Millisecond)
	in.Set("over", func() bool { return time.Now().After(end) })
	in.Set("folder", name)
	err = in.RunString(ctx, "race", `
		local d = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		while not over() do
			local s = socket.socket(socket.AF_UNIX)
			pcall(s.connect, s, folder .. "/s")
			s:close()
			pcall(d.sendto, d, "x", socket.MSG_DONTWAIT, folder .. "/d")
			pcall(d.sendmsg, d, "x", {}, socket.MSG_DONTWAIT, folder .. "/d")
		end`)
	close(stop)
	group.Wait()
	if err != nil || outside.Load() > 0 || inside.Load() == 0 {
		t.Errorf("%v; outside was reached %d times, inside %d times", err, outside.Load(), inside.Load())
	}
}

// serveUnix counts the connections and datagrams that the sockets "s" and "d" in a folder get.
func serveUnix(t *testing.T, folder string, got *atomic.Int32) {
	l, err := net.Listen("unix", folder+"/s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p, err := net.ListenPacket("unixgram", folder+"/d")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			got.Add(1)
			c.Close()
		}
	}()
	go func() {
		for _, _, err := p.ReadFrom(make([]byte, 10)); err == nil; _, _, err = p.ReadFrom(make([]byte, 10)) {
			got.Add(1)
		}
	}()
}
