package channel_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wirelua/interp"
)

type job struct {
	ID   int `json:"id"`
	Tags []string
}

// Channels of Go's own types: values are converted as they pass.
func TestGoValues(t *testing.T) {
	jobs, results := make(chan job), make(chan any, 1)
	in, _ := open(t, map[string]any{"jobs": (<-chan job)(jobs), "results": results, "finish": func() { close(results) }})
	var wg sync.WaitGroup
	var got []string
	wg.Go(func() {
		for i := range 3 {
			jobs <- job{i, []string{"a"}}
		}
		close(jobs)
	})
	wg.Go(func() {
		for v := range results {
			got = append(got, fmt.Sprint(v))
		}
	})
	run(t, in, `
		while true do
			local ok, job = jobs:receive()
			if not ok then break end
			results:send({id = 10 * job.id, tag = job.Tags[1]})
		end
		results:send(nil) results:send(1) results:send("x") results:send{1, 2}
		local i, v, ok = channel.select({"<-|", results, {7}, function(v) assert(v[1] == 7) end}, {"|<-", channel.make()})
		assert(i == 1)
		same = results
		assert(same == results and jobs ~= results)
		finish()
		local ok, err = pcall(results.send, results, 1)
		assert(err.code == "EPIPE")
		assert(select("#", jobs:receive()) == 2)`)
	wg.Wait()
	if want := "[map[id:0 tag:a] map[id:10 tag:a] map[id:20 tag:a] <nil> 1 x [1 2] [7]]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if v, err := in.Get("same"); err != nil || v != results {
		t.Errorf("the channel came back as %v, %v", v, err)
	}
}

func TestGoChannelErrors(t *testing.T) {
	ints, out := make(chan int, 1), make(chan complex64, 1)
	in, _ := open(t, map[string]any{"ints": ints, "recv": (<-chan int)(ints), "send": (chan<- int)(ints), "odd": out,
		"take": func(c chan int, m map[string]int) int { return cap(c) }})
	out <- 1
	for script, want := range map[string]string{
		`ints:send("x")`:                     "bad argument #1 to 'send' (number expected, got string)",
		`ints:send(1.5)`:                     "integer expected, got 1.5",
		`ints:send()`:                        "value expected, got no value",
		`recv:send(1)`:                       "the channel is for receiving only",
		`recv:close()`:                       "only who made the channel can close it",
		`send:receive()`:                     "the channel is for sending only",
		`odd:receive()`:                      "received value: a complex64 has no form in Lua",
		`channel.select{"|<-", send}`:        "the channel is for sending only",
		`channel.select{"<-|", ints, "no"}`:  "number expected, got string",
		`assert(take(ints) == 1) take(recv)`: "bad argument #1 to 'take' (chan int expected, got channel)",
	} {
		if err := in.RunString(context.Background(), "x", script); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", script, err, want)
		}
	}
}

// A thread that waits for a channel of the host's leaves nothing behind when the
// interpreter closes: the package's goroutines are counted.
func TestCloseWhileWaiting(t *testing.T) {
	never, full := make(chan any), make(chan any)
	in, _ := open(t, map[string]any{"never": never, "full": full})
	var wg sync.WaitGroup
	for _, script := range []string{"never:receive()", "full:send(1)", `channel.select({"|<-", never})`} {
		wg.Go(func() {
			if err := in.RunString(context.Background(), "x", script); err != interp.ErrClosed {
				t.Error(err)
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	in.Close()
	wg.Wait()
	select {
	case v := <-full:
		t.Errorf("a thread that is gone sent %v", v)
	default:
	}
}
