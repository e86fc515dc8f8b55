// Command load is a load generator whose scenario is a Lua script: what one user does, in the blocking style. Each
// user is a call with a thread of its own, thousands of them in each interpreter, and begins anew until the time is
// up. Measuring is Go's: the script reports what it timed to a host function. The script may connect to the target,
// and to nothing else.
//
//	go run ./scripts/hosts/load --users 500 --duration 5s scripts/hosts/load/scenario.lua 127.0.0.1:7000
//
// The scenario is for scripts/hosts/server, which has to run meanwhile.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		log.Fatal("load: ", err)
	}
}

// run does what the arguments say, until the time is up or ctx ends, and prints what came out.
func run(ctx context.Context, args []string) error {
	flags := pflag.NewFlagSet("load [flags] SCRIPT HOST:PORT", pflag.ContinueOnError)
	users := flags.Int("users", 100, "how many users there are at once")
	duration := flags.Duration("duration", 10*time.Second, "how long they go on")
	n := flags.Int("interpreters", runtime.GOMAXPROCS(0), "how many interpreters share the users")
	switch err := flags.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		return nil
	case err != nil:
		return err
	case flags.NArg() != 2 || *n < 1:
		return errors.New("a script and a target are needed, and an interpreter; --help says more")
	}
	script, target := flags.Arg(0), flags.Arg(1)
	source, err := os.ReadFile(script)
	if err != nil {
		return err
	}
	prog, err := interp.Compile(filepath.Base(script), string(source))
	if err != nil {
		return err
	}
	crews := make([]*crew, *n)
	for i := range crews {
		if crews[i], err = hire(ctx, prog, target); err != nil {
			return err
		}
		defer crews[i].in.Close()
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, *duration)
	defer cancel()
	var working sync.WaitGroup
	for id := range *users {
		working.Go(func() { crews[id%*n].user(ctx, id) })
	}
	working.Wait()
	ran := time.Since(began)
	for _, c := range crews {
		c.in.Close() // whatever a script left running reports no more
	}
	return report(os.Stdout, crews, ran)
}

// crew is the users of one interpreter.
type crew struct {
	in   *interp.Interpreter
	user func(ctx context.Context, id int)

	// What only functions of the script's turn touch needs no lock.
	took map[string][]time.Duration

	mu       sync.Mutex
	visits   int
	failures map[string]int // by the text of the error
}

// hire makes an interpreter whose users do what the script's function does.
func hire(ctx context.Context, prog *interp.Program, target string) (*crew, error) {
	host, port, err := net.SplitHostPort(target)
	if err != nil {
		return nil, err
	}
	in, err := interp.New(interp.Config{
		Modules: stdlib.Modules(), Stdout: os.Stdout, Stderr: os.Stderr,
		Policy: policy.Policy{Connect: []string{target}},
	})
	if err != nil {
		return nil, err
	}
	c := &crew{in: in, took: map[string][]time.Duration{}, failures: map[string]int{}}
	err = in.Set("report", func(name string, took time.Duration) { c.took[name] = append(c.took[name], took) })
	var scenario interp.Func
	if err == nil {
		err = in.RunInto(ctx, &scenario, prog)
	}
	if err == nil && scenario == (interp.Func{}) {
		err = errors.New("the script must return the function that is what one user does")
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	c.user = func(ctx context.Context, id int) {
		for ctx.Err() == nil {
			_, err := scenario.Call(ctx, id, host, port)
			c.visited(ctx, err)
		}
	}
	return c, nil
}

// visited counts a visit. After one that failed a user waits, rather than knock at a closed door without end.
func (c *crew) visited(ctx context.Context, err error) {
	if err != nil && ctx.Err() != nil {
		return // the end of the time is no failure
	}
	c.mu.Lock()
	c.visits++
	if err != nil {
		c.failures[err.Error()]++
	}
	c.mu.Unlock()
	if err != nil {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// report writes a line for each name that was reported, and one for each failure. It fails if there was any.
func report(w io.Writer, crews []*crew, ran time.Duration) error {
	took, failures, visits, failed := map[string][]time.Duration{}, map[string]int{}, 0, 0
	for _, c := range crews {
		for name, times := range c.took {
			took[name] = append(took[name], times...)
		}
		for text, n := range c.failures {
			failures[text] += n
			failed += n
		}
		visits += c.visits
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "what\tcount\tper second\tmedian\t99 %\tmost\t\n")
	for _, name := range slices.Sorted(maps.Keys(took)) {
		times := took[name]
		slices.Sort(times)
		n := len(times)
		at := func(part float64) time.Duration { return times[int(part*float64(n-1))].Round(time.Microsecond) }
		fmt.Fprintf(table, "%s\t%d\t%.0f\t%v\t%v\t%v\t\n", name, n, float64(n)/ran.Seconds(), at(0.5), at(0.99), at(1))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, text := range slices.Sorted(maps.Keys(failures)) {
		fmt.Fprintf(w, "%d times: %s\n", failures[text], text)
	}
	if failed > 0 || visits == 0 {
		return fmt.Errorf("%d of %d visits failed", failed, visits)
	}
	return nil
}
