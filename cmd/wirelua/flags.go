package main

import (
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// options are what the command line says.
type options struct {
	execute     []string
	interactive bool // in the end the prompt follows
	check       bool
	timeout     time.Duration
	report      reports
	version     bool
	help        bool
	fence       fence
	wire        wire

	script bool     // a script follows -e, or stands alone
	name   string   // arg[0]: the script's, "-" for standard input and the prompt, "-e"
	args   []string // the script's
	before []string // what stands before its name, the program first
	files  []string // --check's
	loaded sources  // what was run

	chaos    disturbed
	examples examples
	bundling bundling
	docs     docs
	watching bool
	watcher  *watcher // nil without --watch
	bundle   *bundle  // what the command carries, and runs; nil: nothing

	flags *pflag.FlagSet
}

const usageHead = `wirelua runs Lua scripts that use sockets.

Usage:
  wirelua [flags] [script.lua | -] [args...]

Flags after the script are the script's: it finds them in arg[1], arg[2]... and "...".
With -, and without a script, standard input is the script; without one on a terminal, there is a
prompt.

Flags:
`

const usageTail = `
Ctrl-\ (SIGQUIT) prints what each thread waits in, and the script goes on; so does the end of --timeout.
A script whose threads all wait for each other fails.

Examples:
  wirelua server.lua 8080
  wirelua -e 'print(socket.gethostbyname("localhost"))'
  wirelua --timeout 5s -e 'print(socket.create_connection("example.org", 80):getpeername())'
  echo 'print(thread.current().name)' | wirelua
  wirelua -i server.lua 8080
  wirelua --check *.lua
  wirelua --allow-listen=127.0.0.1:8080 --allow-read=/srv/www server.lua
  wirelua --audit client.lua
  wirelua --trace client.lua
  wirelua --watch server.lua
  wirelua --examples
  wirelua --doc socket.bind
  wirelua --run-example chat_server
  wirelua --bundle chat server.lua

The fence:
  Rules for --allow-connect and --allow-listen are HOST, HOST:PORT, HOST:PORT-PORT, :PORT,
  10.0.0.0/8:443, [::1]:80, unix:/path and unix:@abstract; they hold for addresses, and a name
  covers what it resolves to. Those for --allow-read and --allow-write are files and folders with
  all that is below, for --allow-run programs, for --allow-env variables. * allows all. A flag
  takes RULE,RULE and may be repeated; a comma of a rule's own is written "\,". Inside the fence
  a script may still load Lua files from its own folder and below (one that is no file has none), and
  read standard input. SSLKEYLOGFILE counts only if --allow-write covers that file. --audit
  prints ports that the system hands out as their whole range.

Chaos:
  --chaos disturbs real sockets, at the system call. Its words, joined by commas: short-read and
  short-write (a part is received, sent), delay=20ms, jitter=5ms, bandwidth=64KB/s, reset (the
  connection), refuse (connect), accept-delay=10ms, drop, dup, reorder (datagrams that are sent),
  dns-fail, dns-delay=100ms. Each may be followed by =PERCENT% of the calls that it hits, or else
  hits all; only=RULE limits it to some peers, seed=7 repeats what was done before.

Exit status:
  0 success; 1 the script failed, is missing, or --check found an error; 2 wrong usage;
  124 the --timeout ran out; 130 after Ctrl-C, 143 after SIGTERM; else what os.exit(n) says.
`

// parse reads the command line; its errors are about wrong usage.
func parse(args []string) (*options, error) {
	o := &options{}
	f := pflag.NewFlagSet("wirelua", pflag.ContinueOnError)
	f.SetInterspersed(false)
	f.SortFlags = false
	f.Usage = func() {}
	f.VarP((*texts)(&o.execute), "execute", "e", "run `CODE`; may be repeated, and a script may follow: together they are one script")
	f.BoolVarP(&o.interactive, "interactive", "i", false, "after -e and the script, go on at a prompt, where help() says more")
	f.BoolVar(&o.check, "check", false, "run nothing; find what is wrong in the files that follow: syntax, globals that nothing sets, names that modules and sockets lack, wrong numbers of arguments")
	f.BoolVar(&o.report.leaks, "leaks", false, "list at the end what the script opened and did not close; the status is 1 then")
	f.Var((*duration)(&o.timeout), "timeout", "stop the script after `DURATION`: 300ms, 5s, 1m30s, or in seconds: 1.5")
	o.fence.define(f)
	o.wire.define(f)
	o.chaos.define(f)
	o.examples.define(f)
	o.bundling.define(f)
	o.docs.define(f)
	f.BoolVar(&o.watching, "watch", false, "run the script again whenever it, or a file of Lua that it loaded, changes: what it listens on stays open")
	f.BoolVar(&o.version, "version", false, "print the version")
	f.BoolVarP(&o.help, "help", "h", false, "print this")
	o.flags = f
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	o.before = append([]string{os.Args[0]}, args[:len(args)-f.NArg()]...)
	if err := o.fence.complete(); err != nil {
		return nil, err
	}
	if err := o.operands(f.Args()); err != nil {
		return nil, err
	}
	if err := o.watch(); err != nil {
		return nil, err
	}
	return o, o.wire.complete(o.interactive)
}

// operands reads what follows the flags.
func (o *options) operands(args []string) error {
	switch {
	case o.help || o.version:
	case o.bundling.out != "":
		return o.bundling.operands(args)
	case o.docs.asked():
		return o.docs.operands(args)
	case o.examples.asked():
		return o.examples.operands(args)
	case o.examples.run.set:
		if run := &o.examples.run; run.name == "" {
			if len(args) == 0 {
				return errors.New("--run-example needs the name of one; --examples lists them")
			}
			run.name, args = args[0], args[1:]
		}
		o.script, o.args = true, args
	case o.check:
		if len(o.execute) > 0 {
			return errors.New("--check runs nothing, and -e is to be run")
		}
		if o.interactive {
			return errors.New("--check runs nothing, and the prompt (-i) does")
		}
		if len(args) == 0 {
			return errors.New("--check needs the files to check")
		}
		o.files = args
	case len(args) > 0 && args[0] == "":
		return errors.New("the script's name is empty")
	case len(args) > 0:
		o.script, o.name, o.args = true, args[0], args[1:]
	case len(o.execute) > 0:
		o.name = "-e"
	case o.interactive || isTerminal(os.Stdin):
		o.interactive, o.name = true, "-"
	default:
		o.script, o.name = true, "-"
	}
	return nil
}

// usageHint says what to do about an error of parse.
func usageHint(err error) string {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		return "a script's own flags go after the script; wirelua --help lists wirelua's"
	}
	return "wirelua --help says how to use it"
}

func (o *options) usage() string {
	return usageHead + o.flags.FlagUsagesWrapped(100) + usageTail
}

// duration is the value of --timeout: as time.ParseDuration has it, or seconds.
type duration time.Duration

func (d *duration) Set(s string) error {
	t, err := time.ParseDuration(s)
	if x, e := strconv.ParseFloat(s, 64); e == nil {
		if math.IsNaN(x) || math.Abs(x) > math.MaxInt64/float64(time.Second) {
			return errors.New("out of range")
		}
		t, err = time.Duration(x*float64(time.Second)), nil
	}
	switch {
	case err != nil:
		return errors.New("not a duration such as 300ms, 5s or 1.5")
	case t <= 0:
		return errors.New("must be more than 0")
	}
	*d = duration(t)
	return nil
}

func (d *duration) String() string {
	if *d == 0 {
		return ""
	}
	return strings.TrimSpace(time.Duration(*d).String())
}

func (d *duration) Type() string { return "duration" }

// texts is the value of a flag that may be repeated, as often as it was given.
type texts []string

func (t *texts) Set(s string) error { *t = append(*t, s); return nil }
func (t *texts) String() string     { return "" }
func (t *texts) Type() string       { return "text" }
