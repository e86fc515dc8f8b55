//go:build unix

package file_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/file"
)

// Many threads use one File: lines and writes stay whole.
func TestHammerFile(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ends := []*file.File{
		file.New(file.OS(r), file.Options{Readable: true}),
		file.New(file.OS(w), file.Options{Writable: true}),
	}
	m := fileModule(func() *file.File { f := ends[0]; ends = ends[1:]; return f })
	got := newRun(t, interp.Config{Modules: []*interp.Module{m}}).run(t, `
		local r, w = fake.make(), fake.make()
		local line = ("x"):rep(999)
		local n, readers, writers = 0, 10, 20
		for i = 1, readers do
			helpers.start(function()
				for l in r:lines() do assert(l == line) n = n + 1 end
				readers = readers - 1
				if readers == 0 then print("all", n) end
			end)
		end
		for i = 1, writers do
			helpers.start(function()
				for i = 1, 100 do w:write(line, "\n") end
				writers = writers - 1
				if writers == 0 then w:close() end
			end)
		end`)
	same(t, got, "all\t2000\n")
}

func TestCloseWakesReader(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	m := fileModule(func() *file.File { return file.New(file.OS(r), file.Options{Readable: true}) })
	got := newRun(t, interp.Config{Modules: []*interp.Module{m}}).run(t, `
		local f = fake.make()
		for i = 1, 2 do
			helpers.start(function() local ok, err = pcall(f.read, f) print(ok, err.code, err.op) end)
		end
		helpers.sleep(0.02)
		f:close()`)
	same(t, got, "false\tEBADF\tread\nfalse\tEBADF\tread\n")
}

func TestPipeTimeouts(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ends := []*file.File{
		file.New(file.OS(r), file.Options{Readable: true}),
		file.New(file.OS(w), file.Options{Writable: true, Buffering: file.BufferNone}),
	}
	m := fileModule(func() *file.File { f := ends[0]; ends = ends[1:]; return f })
	got := newRun(t, interp.Config{Modules: []*interp.Module{m}}).run(t, `
		local r, w = fake.make(), fake.make()
		print(r:gettimeout())
		r:settimeout(0.02)
		print(r:gettimeout())
		w:write("half ")
		local ok, err = pcall(r.read, r) print(ok, err)
		r:settimeout(0)
		print(r:read())
		w:write("a line\nrest")
		print(r:read(), r:read())
		r:settimeout(nil)
		print(r:read(4))
		local data = ("x"):rep(1e6)
		w:settimeout(0)
		local _, code, sent = w:write(data)
		w:settimeout(0.02)
		local ok, err = pcall(w.write, w, data:sub(sent + 1))
		print(code, sent > 0, ok, err.code, err.sent)
		w:settimeout(nil)
		helpers.start(function() w:write(data:sub(sent + 1)) w:close() end)
		local all = r:read("*a")
		print(all == data, r:read(1))`)
	same(t, got, "nil\n0.02\nfalse\tread: timed out\nnil\tEAGAIN\nhalf a line\tnil\tEAGAIN\nrest\nEAGAIN\ttrue\tfalse\tETIMEDOUT\t0\ntrue\tnil\n")
}

func fifo(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(name, 0o600); err != nil {
		t.Skip("no FIFOs here:", err)
	}
	return name
}

// Opening a FIFO waits for the other end, reading it for a writer; both let other
// threads run.
func TestFIFO(t *testing.T) {
	got := newRun(t, interp.Config{Args: []string{fifo(t)}}).run(t, `
		local name = ...
		local opened, done = false, false
		helpers.start(function()
			local f = assert(io.open(name))
			opened = true
			print(f:read("*l", "*l", "*l"))
			f:close()
			done = true
		end)
		helpers.sleep(0.02)
		assert(not opened)
		local w = assert(io.open(name, "w"))
		while not opened do helpers.sleep(0.001) end
		w:write("one\n") helpers.sleep(0.01) w:write("two\n")
		w:close()
		while not done do helpers.sleep(0.001) end
		helpers.start(function() local w = assert(io.open(name, "w")) w:write("again") w:close() end)
		helpers.sleep(0.02)
		print(io.open(name):read("*a"))`)
	same(t, got, "one\ttwo\tnil\nagain\n")
}

func TestFIFOEndsWithItsContext(t *testing.T) {
	for _, script := range []string{
		`io.open(...)`,
		`io.open(..., "w")`,
		`io.open(..., "r+"):read()`,
		`for l in io.open(..., "r+"):lines() do end`,
		`local f = io.open(..., "r+") f:write(("x"):rep(1e6))`,
		`helpers.start(function(...) io.open(name, "r+"):read() end) helpers.sleep(10)`,
		`io.popen("sleep 100"):read()`,
		`io.popen("sleep 100"):close()`,
		`os.execute("sleep 100")`,
	} {
		before := openDescriptors(t)
		r := newRun(t, interp.Config{Args: []string{fifo(t)}})
		r.in.Set("name", r.config.Args[0])
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		err := r.in.RunString(ctx, "test.lua", script)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", script, err)
		}
		cancel()
		r.in.Close()
		if now := openDescriptors(t); now > before {
			t.Errorf("%s: %d descriptors more than before", script, now-before)
		}
	}
}

// A thread that is cancelled hears of it once, by an error also from io's files.
func TestFIFOReadCancelled(t *testing.T) {
	got := newRun(t, interp.Config{Args: []string{fifo(t)}}).run(t, `
		local f = io.open(..., "r+")
		local reader = helpers.start(function()
			local ok, err = pcall(f.read, f, "*l")
			print(ok, err.code, err.op)
			print(f:read("*l"))
		end)
		f:write("begun ")
		helpers.sleep(0.02)
		helpers.cancel(reader)
		helpers.sleep(0.02)
		f:write("and ended\n")`)
	same(t, got, "false\tECANCELED\tread\nbegun and ended\n")
}

// openDescriptors counts this process's; 0 where that cannot be told.
func openDescriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}
