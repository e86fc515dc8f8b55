//go:build linux

package stdlib_test

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"weak"

	lua "github.com/yuin/gopher-lua"
	"golang.org/x/sys/unix"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/interp/trace"
	"wirelua/stdlib"
)

const (
	callsSteps = 400
	callsHang  = 30 * time.Second // a step, or Close, that takes longer hangs
	callsTime  = 3 * time.Second  // for threads that a step has left behind, and that may compute
	callsGrace = 8 * time.Second  // what it may take after its context has ended: they, and the machine is busy
)

//go:embed testdata/calls/world.lua
var callsWorld string

// callsFuzzer is the process that fuzzes, and the sequence it is at.
type callsFuzzer struct {
	t   *testing.T
	dir string

	steps, succeeded, stopped atomic.Int64

	mu       sync.Mutex // of the rest
	log      *os.File
	reported map[string]bool

	seed   uint64
	in     *interp.Interpreter
	maker  *maker
	stderr callsOutput
	ends   []io.Closer // of the host's
	before leftovers
}

// leftovers are what must not become more.
type leftovers struct {
	goroutines, descriptors, children int
	interpreter                       bool // it is still somewhere
}

func countLeftovers() (l leftovers) {
	l.goroutines = runtime.NumGoroutine()
	list, _ := os.ReadDir("/proc/self/fd")
	l.descriptors = len(list)
	tasks, _ := filepath.Glob("/proc/self/task/*/children")
	for _, task := range tasks {
		data, _ := os.ReadFile(task)
		l.children += len(strings.Fields(string(data)))
	}
	return l
}

// settle makes the process one in which nothing can happen outside: no name is looked up anywhere,
// relative paths are in the temporary folder, and "sh" does only as it is told here.
func (f *callsFuzzer) settle() {
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no name server")
	}}
	bin := filepath.Join(f.dir, "bin")
	os.Mkdir(bin, 0o700)
	for _, name := range []string{"true", "cat"} {
		os.Symlink("/bin/"+name, bin+"/"+name)
	}
	os.WriteFile(bin+"/sh", []byte("#!/bin/sh\ncase \"$2\" in cat) exec cat;; echo) echo hello;; *) exit 3;; esac\n"), 0o700)
	f.t.Setenv("PATH", bin)
	f.t.Setenv("TMPDIR", f.dir+"/world")
	f.t.Chdir(f.dir)
	var err error
	if f.log, err = os.Create("log.lua"); err != nil {
		f.t.Fatal(err)
	}
}

// sharedMemory is the name of this process's shared memory.
func sharedMemory() string { return fmt.Sprintf("/dev/shm/wirelua_calls_%d", os.Getpid()) }

// loopback is an address of this machine's that no other process has reason to use.
func loopback() string { return fmt.Sprintf("127.77.%d.%d", os.Getpid()>>8&255, os.Getpid()&255) }

func (f *callsFuzzer) config(dir string) interp.Config {
	c := interp.Config{Modules: stdlib.Modules(), Stdin: strings.NewReader(strings.Repeat("input\n", 1000)), Stderr: &f.stderr, Stdout: io.Discard}
	if !f.denied() {
		all := []string{loopback(), "[::1]", "unix:" + dir + "/s1", "unix:" + dir + "/s2", "unix:" + dir + "/d1", "unix:@abstract"}
		c.Policy = policy.Policy{Connect: all, Listen: all, Read: []string{dir, sharedMemory()}, Write: []string{dir, sharedMemory()}, Run: []string{"true", "cat", "sh"}, Env: []string{"HOME"}}
	}
	c.Limits = interp.Limits{Memory: 600 << 20, Threads: 2000, Sockets: 2000, Time: callsTime}
	if f.limited() {
		c.Limits = interp.Limits{Memory: 300 << 20, Threads: 20, Sockets: 30, Descriptors: 60, Output: 1 << 16, Time: callsTime}
	}
	if f.seed&8 != 0 {
		c.Observer = callsObserver{}
	}
	if f.seed&16 != 0 { // the host's own files: one with a beginning and an end, and one without
		in, _ := os.Open(dir + "/data")
		r, w, _ := os.Pipe()
		w.WriteString("line\n")
		go io.Copy(io.Discard, r)
		c.Stdin, c.Stdout = in, w
		f.ends = append(f.ends, in, r, w)
	}
	return c
}

// denied, and others below, are the settings that a seed chooses.
func (f *callsFuzzer) denied() bool  { return f.seed&1 != 0 }
func (f *callsFuzzer) limited() bool { return f.seed&2 != 0 }

func (f *callsFuzzer) workers() int {
	if f.seed&4 != 0 {
		return 3
	}
	return 1
}

type callsObserver struct{}

func (callsObserver) Observe(e trace.Event) { fmt.Fprint(io.Discard, e) }

// begin makes an interpreter with all that steps work on.
func (f *callsFuzzer) begin(seed uint64) {
	f.seed, f.ends = seed, nil
	f.stderr.buf.Reset()
	f.log.Truncate(0)
	f.log.Seek(0, io.SeekStart)
	fmt.Fprintf(f.log, "-- seed %d\n", seed)
	runtime.GC()
	f.before = countLeftovers()
	dir := filepath.Join(f.dir, "world")
	f.makeFiles(dir)
	var err error
	if f.in, err = interp.New(f.config(dir)); err != nil {
		f.t.Fatal(err)
	}
	f.maker = &maker{Rand: rand.New(rand.NewPCG(seed, 7)), manuals: map[string]manual{}, consts: callsConstants()}
	if err := f.in.RunString(f.t.Context(), "world.lua", "function begin_world(...) "+callsWorld+"\nend"); err != nil {
		f.t.Fatal(err)
	}
	f.setHost()
	out, err := f.in.Call(f.t.Context(), "begin_world", dir, loopback(), filepath.Base(sharedMemory()))
	if err != nil {
		f.t.Fatal(err)
	}
	for _, k := range out[0].([]any) {
		f.maker.kinds = append(f.maker.kinds, k.(string))
	}
	for _, n := range out[1].([]any) {
		f.maker.names = append(f.maker.names, n.(string))
		if strings.Contains(n.(string), ":") {
			f.maker.methods = append(f.maker.methods, n.(string))
		}
	}
	f.maker.fixed = len(f.maker.kinds)
	f.complete()
	for _, m := range f.maker.manuals {
		f.maker.options = append(f.maker.options, m.options...)
	}
	f.maker.options = append(f.maker.options, "n", "host", "port", "fileno", "name")
	slices.Sort(f.maker.options)
	f.maker.options = slices.Compact(f.maker.options)
}

// complete fails the test when there is a function of a module's, or a method of an object's, that
// steps cannot call: then world.lua makes no such object.
func (f *callsFuzzer) complete() {
	if f.denied() || f.limited() {
		return
	}
	var missing []string
	need := func(name string) {
		if !slices.Contains(f.maker.names, name) {
			missing = append(missing, name)
		}
	}
	for _, m := range stdlib.Modules() {
		for _, fn := range m.Funcs {
			need(m.Name + "." + fn.Name)
		}
		for _, t := range m.Types {
			for _, fn := range t.Methods {
				need(t.Name + ":" + fn.Name)
			}
		}
	}
	if missing != nil {
		f.report("nothing calls "+strings.Join(missing, " "), "the beginning")
	}
}

// makeFiles makes the folder that the fence lets scripts read and write.
func (f *callsFuzzer) makeFiles(dir string) {
	os.RemoveAll(dir)
	os.MkdirAll(dir+"/sub", 0o700)
	for name, text := range map[string]string{
		"data": strings.Repeat("line 1\n2 0x10\n\x00\xff", 500), "code.lua": "return ...", "broken.lua": "x = = 1",
	} {
		os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
	}
	os.Symlink("/etc", dir+"/link")
	unix.Mkfifo(dir+"/fifo", 0o600)
}

// setHost sets what world.lua needs of the host, and functions and values such as hosts give to
// scripts.
func (f *callsFuzzer) setHost() {
	functions := map[string]bool{}
	for _, m := range stdlib.Modules() {
		for _, fn := range m.Funcs {
			functions[m.Name+"."+fn.Name] = true
		}
	}
	type inner struct {
		Kids []*inner
		Name string `json:"name"`
	}
	conn, other := net.Pipe()
	listener, err := net.Listen("tcp", loopback()+":0")
	if err != nil {
		f.t.Fatal(err)
	}
	hosted, err := hostedListener()
	if err != nil {
		f.t.Fatal(err)
	}
	f.ends = append(f.ends, conn, other, listener, hosted)
	for name, v := range map[string]any{
		"fuzz_methods": func(s *interp.State) int {
			list := s.NewTable()
			if t, ok := s.Interp().Manual(s.Get(1)).(*interp.Type); ok {
				for _, m := range t.Methods {
					list.Append(lua.LString(m.Name))
				}
			}
			return s.Return(list)
		},
		"fuzz_manual": func(s *interp.State) int {
			var m manual
			if fn, ok := s.Interp().Manual(s.Get(2)).(*interp.Function); ok {
				m = newManual(fn.Args, fn.Doc)
			}
			f.maker.manuals[s.Get(1).String()] = m
			return 0
		},
		"fuzz_functions": functions,
		"fuzz_hosts": map[string]any{
			"each": func(_ context.Context, list []any, fn interp.Func) error {
				for _, v := range list {
					if _, err := fn.Call(context.Background(), v); err != nil {
						return err
					}
				}
				return nil
			},
			"struct":  func(v inner) inner { return v },
			"bytes":   func(b []byte, n uint16, m map[string]float64) []byte { return b[:min(len(b), int(n))] },
			"any":     func(v ...any) any { return v },
			"fails":   func(text string) error { return errors.New("host: " + text) },
			"channel": make(chan any, 1), "conn": conn, "listener": listener, "hosted": hosted,
		},
	} {
		if err := f.in.Set(name, v); err != nil {
			f.t.Fatal(err)
		}
	}
}

// callsConstants returns the names of the socket module's and its kin's constants.
func callsConstants() map[string][]string {
	all := map[string][]string{}
	in, err := interp.New(interp.Config{Modules: stdlib.Modules()})
	if err != nil {
		return all
	}
	defer in.Close()
	in.Set("found", func(module, name string) {
		full := module + "." + name
		prefix := name[:strings.IndexByte(name+"_", '_')]
		all[prefix+"_"] = append(all[prefix+"_"], full)
		all[""] = append(all[""], full)
	})
	in.RunString(context.Background(), "constants", `
for _, module in ipairs{"socket", "selectors"} do
  local names = {}
  for k, v in pairs(require(module)) do if type(v) == "number" or k == "INADDR_ANY" then names[#names + 1] = k end end
  table.sort(names)
  for _, k in ipairs(names) do found(module, k) end
end`)
	return all
}

// sequence runs the steps of a seed: one worker's, or several at once.
func (f *callsFuzzer) sequence(seed uint64) {
	f.begin(seed)
	var wg sync.WaitGroup
	var mu sync.Mutex // of the maker
	n := f.workers()
	for w := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range callsSteps / n {
				mu.Lock()
				line, slot := f.maker.step()
				limit := pick(f.maker, []time.Duration{3 * time.Millisecond, 20 * time.Millisecond, 60 * time.Millisecond})
				mu.Unlock()
				f.write(w, line)
				kinds := f.do(slot, line, limit)
				mu.Lock()
				f.maker.keep(slot, kinds)
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	f.end()
}

// keep notes of what kinds the values are that a step has left.
func (m *maker) keep(slot int, kinds []string) {
	for i, k := range kinds {
		for len(m.kinds) < slot+i {
			m.kinds = append(m.kinds, "nil")
		}
		m.kinds[slot+i-1] = k
	}
}

// do makes a step and checks how it ended.
func (f *callsFuzzer) do(slot int, line string, limit time.Duration) (kinds []string) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	f.steps.Add(1)
	out, err := f.within(line, limit, func() ([]any, error) { return f.in.Call(ctx, "run_step", line) })
	if err != nil {
		f.judge(err, line)
		return nil
	}
	if len(out) == 0 { // os.exit(0)
		return nil
	}
	if out[0] == true {
		f.succeeded.Add(1)
	}
	f.check(out[3].(string), line)
	if strings.Contains(out[3].(string), "internal error") { // again, with nobody who catches it: the host is told
		_, err := f.in.Call(ctx, "run_step", strings.Replace(line, "step(", "bare(", 1))
		if failure := (*interp.Error)(nil); errors.As(err, &failure) {
			f.report(failure.Traceback, line)
		}
	}
	if strings.Contains(line, `F["export"]`) && slot > 0 {
		if _, err := f.within(line, limit, func() ([]any, error) { return f.in.Call(ctx, "get_value", slot) }); err != nil {
			f.judge(err, line)
		}
	}
	return []string{out[1].(string), out[2].(string)}
}

// within reports what is late, with what is being computed instead, and ends the process when it
// hangs, with the stacks of all.
func (f *callsFuzzer) within(line string, limit time.Duration, fn func() ([]any, error)) ([]any, error) {
	late := time.AfterFunc(limit+callsGrace, func() { f.report("late; computing:\n"+computing(), line) })
	defer late.Stop()
	hang := time.AfterFunc(limit+callsHang, func() { panic("hangs: " + line) })
	defer hang.Stop()
	return fn()
}

// computing returns the stacks of goroutines that do not wait.
func computing() string {
	var all strings.Builder
	pprof.Lookup("goroutine").WriteTo(&all, 2)
	var busy []string
	for stack := range strings.SplitSeq(all.String(), "\n\n") {
		if head, _, _ := strings.Cut(stack, "\n"); strings.Contains(head, "[run") || strings.Contains(head, "[syscall") || strings.Contains(head, "[sleep") {
			busy = append(busy, stack)
		}
	}
	return strings.Join(busy, "\n\n")
}

// judge says what is wrong with the end of a step that did not return.
func (f *callsFuzzer) judge(err error, line string) {
	var failure *interp.Error
	var exit *interp.ExitError
	errors.As(err, &failure)
	f.stopped.Add(1)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &exit), errors.Is(err, syscall.ENOMEM):
	case errors.Is(err, interp.ErrClosed):
		f.report("closed", line)
	case failure != nil && strings.Contains(failure.Message, "step:"):
		f.report("not a step: "+failure.Message, line)
	}
	text := err.Error()
	if failure != nil {
		text += "\n" + failure.Traceback
	}
	if !errors.Is(err, context.DeadlineExceeded) { // whose text is Go's
		f.check(text, line)
	}
}

// goWords is what no message may say.
var goWords = regexp.MustCompile(`runtime error|interface conversion|internal error|goroutine|reflect[.:]|nil pointer|\*interp\.|unexpected fault|wirelua/|gopher|\*?lua\.L|%!|\.go:|` +
	`slice bounds|out of range \[|makeslice|strconv\.|syscall\.|memory address|context deadline|context canceled|use of closed|i/o timeout|fork/exec|panic|unreachable|<nil>|&\{|map\[|` +
	`\[\]interface|\*(os|net|tls|exec|socket|process|thread|json|channel|sys)\.|crypto/|json: |x509: |lookup |unsafe|deadlock|sync:|hash/|encoding/`)

// randomText is in messages that quote random bytes, in which there may be any word.
var randomText = regexp.MustCompile(`(?s)[^ -~\s].{0,40}[^ -~\s]`)

// threadTold is how an error that ended a thread begins.
var threadTold = regexp.MustCompile(`(?m)^thread-\d+: (.*\n)+?stack traceback:$`)

func (f *callsFuzzer) check(text, line string) {
	text = randomText.ReplaceAllString(text, "?")
	if at := goWords.FindStringIndex(text); at != nil {
		f.report(fmt.Sprintf("says %q: %s", text[at[0]:at[1]], text[max(0, at[0]-300):min(len(text), at[1]+1000)]), line)
	}
}

// end closes the interpreter and looks for what it has left.
func (f *callsFuzzer) end() {
	f.write(0, "the end")
	f.within("Close", 0, func() ([]any, error) { return nil, f.in.Close() })
	for _, told := range threadTold.FindAllString(f.stderr.buf.String(), -1) { // the rest is what scripts wrote
		f.check(told, "standard error")
	}
	for _, c := range f.ends {
		c.Close()
	}
	os.Remove(sharedMemory())
	freed := weak.Make(f.in)
	f.in, f.maker, f.ends = nil, nil, nil
	var now leftovers
	for start := time.Now(); time.Since(start) < 5*time.Second; {
		runtime.GC()
		now = countLeftovers()
		now.interpreter = freed.Value() != nil
		if now.goroutines <= f.before.goroutines && now.descriptors <= f.before.descriptors && now.children <= f.before.children && !now.interpreter {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	var stacks strings.Builder
	if now.goroutines > f.before.goroutines {
		pprof.Lookup("goroutine").WriteTo(&stacks, 2)
	}
	list, _ := os.ReadDir("/proc/self/fd")
	for _, fd := range list {
		to, _ := os.Readlink("/proc/self/fd/" + fd.Name())
		fmt.Fprintln(&stacks, fd.Name(), to)
	}
	f.report(fmt.Sprintf("before %+v, after %+v\n%s", f.before, now, stacks.String()), "left over")
}
