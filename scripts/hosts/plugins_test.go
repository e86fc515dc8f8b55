//go:build unix

package hosts

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A hundred tenants, a few of whom compute without end, hoard memory, start threads that do, or never come to be, all
// the time, by several requests at once: the others are served, each from what is its own.
func TestPlugins(t *testing.T) {
	hostile := map[string]string{
		"threads": `return function() while true do pcall(thread.daemon, function() while true do end end) end end`,
		"late":    `while true do end`,
		"printer": `return function() while true do pcall(print, ("x"):rep(1000)) end end`,
	}
	folder := t.TempDir()
	for _, name := range []string{"loop", "hoard"} {
		hostile[name] = scriptOf(t, "plugins/tenants/"+name+".lua")
	}
	for name, source := range hostile {
		addTenant(t, folder, name, source)
	}
	greet := scriptOf(t, "plugins/tenants/greet.lua")
	polite := 100 - len(hostile)
	for i := range polite {
		addTenant(t, folder, fmt.Sprint("polite", i), strings.Replace(greet, "hello", fmt.Sprint("here is ", i), 1))
	}
	addTenant(t, folder, "wrong", "return function(")
	h := start(t, "plugins", "--limit=1m", folder)
	h.hears("for 100 tenants")
	h.hears(`wrong\.lua:1: .* expected near`)

	ctx, enough := context.WithCancel(t.Context())
	var attacks sync.WaitGroup
	for name := range hostile {
		for range 2 {
			attacks.Go(func() {
				for ctx.Err() == nil {
					if got, err := fetch(ctx, h, "GET", "/"+name, ""); err == nil && !strings.HasPrefix(got, "503 ") {
						t.Errorf("%s: %s", name, got)
					}
				}
			})
		}
	}
	h.hears("hoard took too much memory, and begins anew")
	var requests sync.WaitGroup
	began := time.Now()
	for i := range polite {
		requests.Go(func() {
			for n := range 5 {
				want := fmt.Sprintf("200 text/plain; charset=utf-8: here is %d you, visitor %d\nand more", i, n+1)
				gives(t, h, "POST", fmt.Sprintf("/polite%d/you", i), "and more", want)
			}
		})
	}
	requests.Wait()
	t.Logf("%d requests of %d tenants took %v", 5*polite, polite, time.Since(began))
	enough()
	attacks.Wait()
}

// What each limit says; and the tenants that met one are served again.
func TestPluginsLimits(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	folder := t.TempDir()
	addTenant(t, folder, "reach", scriptOf(t, "plugins/tenants/reach.lua"))
	addTenant(t, folder, "both", `local held = {}
		return function(path)
			while path == "loop" do end
			while path == "hoard" do held[#held + 1] = ("x"):rep(100000) .. #held end
			return "kept " .. #held
		end`)
	addTenant(t, folder, "boom", `return function(path) print("at " .. path) error("boom") end`)
	addTenant(t, folder, "none", ``)
	denied := start(t, "plugins", "--limit=1m", folder)
	gives(t, denied, "GET", "/reach/"+l.Addr().String(), "", "200 text/plain; charset=utf-8: create_connection "+l.Addr().String()+
		": not allowed: connect to "+l.Addr().String()+"\n/etc/passwd: not allowed: read /etc/passwd\nspawn id: not allowed: run id\nno HOME\n")
	gives(t, denied, "GET", "/boom/sea", "", "500 text/plain; charset=utf-8: the script failed\n")
	denied.hears("boom: at sea")
	denied.hears(`boom: boom\.lua:1: boom`)
	gives(t, denied, "GET", "/none/", "", "500 text/plain; charset=utf-8: the script failed\n")
	denied.hears("none: the script must return the function")
	gives(t, denied, "GET", "/nobody/", "", "404 text/plain; charset=utf-8: 404 page not found\n")

	h := start(t, "plugins", "--limit=1m", "--memory=8", "--allow-connect="+l.Addr().String(), folder)
	if got, err := fetch(t.Context(), h, "GET", "/reach/"+l.Addr().String(), ""); !strings.Contains(got, "socket(") || err != nil {
		t.Error(got, err)
	}
	gives(t, h, "GET", "/both/hoard", "", "503 text/plain; charset=utf-8: the script took too much memory\n")
	gives(t, h, "GET", "/both/", "", "200 text/plain; charset=utf-8: kept 0") // it began anew
	short := start(t, "plugins", "--limit=50ms", folder)
	gives(t, short, "GET", "/both/loop", "", "503 text/plain; charset=utf-8: this takes too long\n")
}

// Of one tenant's requests there are so many at once, and no more.
func TestPluginsBusy(t *testing.T) {
	folder := t.TempDir()
	addTenant(t, folder, "slow", `return function(path) if path == "wait" then print("waiting") time.sleep(3600) end end`)
	addTenant(t, folder, "other", `return function() return "here" end`)
	h := start(t, "plugins", "--limit=1h", folder)
	ctx, leave := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	busy := make(chan bool, 100)
	for range 17 {
		waiting.Go(func() {
			if got, err := fetch(ctx, h, "GET", "/slow/wait", ""); err == nil {
				busy <- strings.HasPrefix(got, "429 ")
			}
		})
	}
	if !<-busy {
		t.Error("a request that waits was answered")
	}
	gives(t, h, "GET", "/slow/", "", "429 text/plain; charset=utf-8: there are too many requests already\n")
	gives(t, h, "GET", "/other/", "", "200 text/plain; charset=utf-8: here")
	leave()
	waiting.Wait()
}

func addTenant(t *testing.T, folder, name, source string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name+".lua"), []byte(source), 0o666); err != nil {
		t.Fatal(err)
	}
}

func scriptOf(t *testing.T, path string) string {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}
