package interp_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/interptest"
	"wirelua/stdlib"
)

var (
	programCount = flag.Int("programs", 3000, "how many random programs to compare with Lua 5.1 and LuaJIT, each")
	programSeed  = flag.Uint64("programs.seed", 2, "where the random programs begin; 0: elsewhere each time")
)

// running is the Lua code in which the programs run, alike in both Luas.
const running = showing + `
local lines, left
function out(...) lines[#lines + 1] = results(...) if #lines > 400 then error("too much", 0) end end
function none() end _G.print = out -- which a program may come by
function two(...) return ..., 2 end
function three() return 1, 2, 3 end
function num(v) return ((type(v) ~= "string" or not v:find("^%s*[-+]?%a")) and tonumber(v) or 0) + 0 end -- "nan" and -0 are no numbers here
function few(v)
  v = tonumber(v) or 1
  if not (v > -1e6 and v < 1e6) then v = 1 end
  return (v - v % 1) % 5
end
function some(v) if v == nil then return 'some' end return v end
function slot(t, v) if type(v) == "number" and not (v >= 1 and v <= #t + 1 and v % 1 == 0) then return 'n' .. short(v) end return some(v) end
function enough() left = left - 1 return left < 0 end
function short(v) -- which both write alike
  if type(v) == "string" then return v:sub(1, 20) end
  if type(v) ~= "number" then return v end
  return v ~= v and "nan" or (v > 1e13 or v < -1e13) and "big" or v
end
function kind(v) return type(v) end
function text(v)
  v = short(tostring(short(v)))
  return v:match("^%a+: ") or v
end
function call(f, ...) if type(f) == "function" and not enough() then return f(...) end return f end
function range(n) return function(_, i) if i < n then return i + 1, i * i end end, nil, 0 end
function sorted(t)
  local keys = {}
  for k in pairs(t) do if type(k) == "string" then keys[#keys + 1] = k end end
  sort(keys)
  local i = 0
  return function() i = i + 1 return keys[i], t[keys[i]] end
end
local globals = {}
for k in pairs(_G) do globals[k] = true end
function program(i, source)
  lines, left = {}, 60
  local fn, err = loadstring(source, "=p")
  if not fn then print(i, "does not compile", (gsub(err, "%c", "?"))) return end
  local env = setmetatable({}, {__index = _G})
  setfenv(fn, env)
  local busy = true
  local function done(...) busy = false return results(...) end
  local hook = not thread and debug.sethook or function() end -- the other Lua has no other limit
  hook(function() if busy then error("never ends", 0) end end, "", 1.6e7)
  local r = done(pcall(fn, 1, "b", {10, 20, 30, x = "x"}))
  print(i, (gsub(gsub(concat(lines, "|") .. "=>" .. r, "0x%x%x%x+", "address"), "%c", "?")))
  hook()
end
`

// TestPrograms compares what random programs do here and in Lua 5.1; those with goto
// and labels, in LuaJIT.
func TestPrograms(t *testing.T) {
	seed := *programSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-programs.seed=%d", seed)
	for i, peer := range []string{"lua5.1", "luajit"} {
		t.Run(peer, func(t *testing.T) {
			path := interptest.Program(t, peer)
			n := *programCount
			if testing.Short() {
				n = min(n, 300)
			}
			p := &programs{r: rand.New(rand.NewPCG(seed, uint64(i))), gotos: peer == "luajit"}
			for n > 0 {
				batch := min(n, 1000)
				comparePrograms(t, path, random(p.r, batch, func(*rand.Rand) string { return p.program() }))
				n -= batch
			}
		})
	}
}

// TestProgramsRecorded compares with what the other Luas did with programs that are
// always the same, be they installed or not.
func TestProgramsRecorded(t *testing.T) {
	for i, peer := range []string{"lua5.1", "luajit"} {
		t.Run(peer, func(t *testing.T) {
			p := &programs{r: rand.New(rand.NewPCG(1, uint64(i))), gotos: peer == "luajit"}
			sources := random(p.r, 500, func(*rand.Rand) string { return p.program() })
			want := recorded(t, "programs-"+peer, peer, sources, func(path string) []string {
				lines, err := doThere(t, path, programScript(sources))
				if err != nil {
					t.Fatal(err)
				}
				return lines[:len(lines)-1]
			})
			got, err := doHere(t, peer, programScript(sources))
			if err != nil || len(got) != len(sources)+1 {
				t.Fatal(len(got), err)
			}
			for i, s := range sources {
				if got[i] != want[i] {
					t.Errorf("%s\n\tis   %s\n\twant %s", s, got[i], want[i])
				}
			}
		})
	}
}

// comparePrograms reports the programs that do something else here than in peer, the
// first of them as short as it can be made.
func comparePrograms(t *testing.T, peer string, sources []string) {
	got, want, err := runPrograms(t, peer, sources)
	if err != nil {
		t.Fatal(err)
	}
	for i, does := range want {
		if strings.Contains(does, "does not compile") {
			t.Fatalf("this is no program: %s\n%s", does, sources[i])
		}
	}
	differ := differing(got, want)
	if len(differ) == 0 {
		return
	}
	short := sources[differ[0]]
	t.Logf("%s\n\tis   %s\n\twant %s", short, got[differ[0]], want[differ[0]])
	for smaller, ok := shorter(t, peer, short); ok; smaller, ok = shorter(t, peer, short) {
		short = smaller
	}
	if got, want, err = runPrograms(t, peer, []string{short}); err != nil {
		t.Fatal(err)
	}
	t.Errorf("%d of %d differ; the first, shortened:\n%s\n\tis   %s\n\twant %s", len(differ), len(sources), short, got[0], want[0])
}

// shorter leaves lines of a program out that make no difference to there being one.
func shorter(t *testing.T, peer, source string) (string, bool) {
	lines := strings.Split(source, "\n")
	for size := len(lines) / 2; size > 0; size /= 2 {
		var candidates []string
		for at := 0; at+size <= len(lines); at += (size + 1) / 2 {
			candidates = append(candidates, strings.Join(slices.Concat(lines[:at], lines[at+size:]), "\n"))
		}
		got, want, err := runPrograms(t, peer, candidates)
		if err != nil { // without a line it may never end here
			continue
		}
		for _, i := range differing(got, want) {
			return candidates[i], true
		}
	}
	return "", false
}

// differing returns which programs do something else here than in the other Lua.
func differing(got, want []string) (all []int) {
	for i := range len(want) - 1 {
		if got[i] != want[i] && !strings.Contains(want[i], "does not compile") && !strings.Contains(want[i], "never ends") {
			all = append(all, i)
		}
	}
	return all
}

var variableNames = regexp.MustCompile(`\w+ '[^']*' \((a \w+ value)\)`)

// runPrograms returns a line of what each program does, here and in peer.
func runPrograms(t *testing.T, peer string, sources []string) (got, want []string, err error) {
	script := programScript(sources)
	if want, err = doThere(t, peer, script); err != nil {
		return nil, nil, err
	}
	if got, err = doHere(t, peer, script); err != nil {
		return nil, nil, fmt.Errorf("%w in\n%s", err, sources[len(got)-1])
	}
	if len(got) != len(want) || len(got) != len(sources)+1 {
		t.Fatalf("%d lines for %d programs, the other has %d", len(got), len(sources), len(want))
	}
	return got, want, nil
}

func programScript(sources []string) string {
	var script strings.Builder
	script.WriteString(running)
	for i, s := range sources {
		fmt.Fprintf(&script, "program(%d, %s)\n", i, luaString(s))
	}
	return script.String()
}

func doThere(t *testing.T, peer, script string) ([]string, error) {
	file := filepath.Join(t.TempDir(), "programs.lua")
	if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, peer, "programs.lua")
	if isJIT(peer) { // its compiler to machine code is not what we compare with
		cmd = exec.CommandContext(ctx, peer, "-joff", "programs.lua")
	}
	cmd.Dir = filepath.Dir(file)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s: %v\n%.2000s", peer, err, out)
	}
	return doings(peer, string(out)), nil
}

// doHere returns the lines so far beside an error.
func doHere(t *testing.T, peer, script string) ([]string, error) {
	var out bytes.Buffer
	in, err := interp.New(interp.Config{Stdout: &out, Modules: stdlib.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	err = in.RunString(ctx, "programs.lua", script)
	return doings(peer, out.String()), err
}

// doings are the lines of an output, without the names of variables where the peer is
// LuaJIT, which has its own for them.
func doings(peer, out string) []string {
	lines := strings.Split(out, "\n")
	for i := range lines {
		if isJIT(peer) {
			lines[i] = variableNames.ReplaceAllString(lines[i], "$1")
		}
	}
	return lines
}

func isJIT(peer string) bool { return strings.Contains(peer, "luajit") }
