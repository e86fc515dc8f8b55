package thread_test

import "testing"

// TestWaitingTakesNoStack has threads wait in what servers wait in most, below what they are called by most:
// none of these keeps a stack of Go's.
func TestWaitingTakesNoStack(t *testing.T) {
	for name, body := range map[string]string{
		"queue get":         `local v = queue:get()`,
		"recv":              `local a = pair() local d = a:recv()`,
		"recv, tail call":   `local a = pair() return a:recv()`,
		"recv in pcall":     `local a = pair() pcall(function() local d = a:recv() end)`,
		"pcall, tail call":  `local a = pair() return pcall(a.recv, a)`,
		"recv in xpcall":    `local a = pair() return xpcall(function() local d = a:recv() end, debug.traceback)`,
		"lines":             `local a = pair() for line in a:lines() do end`,
		"chunks, in pcall":  `local a = pair() return pcall(function() for d in a:chunks() do end end)`,
		"clients":           `local l = socket.create_server("127.0.0.1", 0) kept[l] = true for c in l:clients() do end`,
		"items":             `for v in queue:items() do end`,
		"readline, in deep": `local function f(a, n) if n > 0 then return (f(a, n - 1)) end return a:readline() end f(pair(), 20)`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, stacks := waiting(t, body, 50); stacks > 0.2 {
				t.Errorf("%.2f stacks for each thread", stacks)
			}
		})
	}
}
