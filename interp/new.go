package interp

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"wirelua/interp/internal/glua"
	"wirelua/interp/internal/turn"
)

// New makes an interpreter. It fails when a policy rule cannot be parsed, or when two
// modules have the same name. It starts no goroutine. Call Close in the end: nothing
// else ends what scripts have started.
func New(c Config) (*Interpreter, error) {
	if err := glua.Check(); err != nil {
		return nil, err
	}
	checker, err := c.Policy.Compile()
	if err != nil {
		return nil, err
	}
	if c.Remedy != nil {
		checker = checker.WithRemedy(c.Remedy)
	}
	if c.Audit != nil {
		checker = c.Audit.Checker()
	}
	in := &Interpreter{
		config:   c,
		policy:   checker,
		stdout:   newOutput(c.Stdout),
		stderr:   newOutput(c.Stderr),
		streams:  &plainStreams{host: c.Stdin},
		handling: handlingFunction,
		raises:   raisingFunction,
	}
	if sameWriter(c.Stdout, c.Stderr) {
		in.stderr.mu = in.stdout.mu
	}
	for i, m := range c.Modules {
		if m == nil {
			return nil, fmt.Errorf("interp: Config.Modules[%d] is nil", i)
		}
		if slices.ContainsFunc(c.Modules[:i], func(other *Module) bool { return other.Name == m.Name }) {
			return nil, errors.New("interp: two modules are called " + m.Name)
		}
	}
	in.config.Modules = slices.Clone(c.Modules) // the host may do with its own what it likes
	in.seed()
	in.turn = turn.New(&in.wg)
	in.turns.turn = in.turn
	if c.FindDeadlocks {
		in.turn.Idle = in.findDeadlock
	}
	in.folder = in.codeFolder("")
	in.open()
	memory.made(c.Limits.Memory)
	return in, nil
}

// seed chooses what decides about disturbances, when the host has not.
func (in *Interpreter) seed() {
	if _, given := in.config.Chaos.Seed(); given || !in.config.Chaos.On() {
		return
	}
	seed := uint64(rand.Uint32())
	in.config.Chaos = in.config.Chaos.WithSeed(seed)
	_, _ = fmt.Fprintf(in.stderr, "chaos: seed=%d\n", seed)
}

func (in *Interpreter) open() {
	g := globals().Copy(moreGlobals)
	glua.Put(g, "_G", g)
	g.Metatable = globalsMetatable().Copy(0)
	in.root = glua.NewState(g, &lua.LTable{Metatable: lua.LNil}, room(64))
	in.parent = glua.NewThread(in.root, room(glua.FramesPerSegment))
	in.loaded, in.opened = loadedNames().Copy(0), make(map[string]lua.LValue, len(libraryNames))
	glua.Put(in.loaded, "_G", g)
	in.openPackage()
	in.openString()
	for _, lib := range []*library{&coroutineLib, &debugLib, &tableLib, &mathLib} {
		in.openLibrary(lib)
	}
	in.openEarly()
	in.extendLibraries()
	in.extendTypes()
}
