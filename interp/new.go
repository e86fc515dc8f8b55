package interp

import (
	"errors"
	"fmt"
	"math/rand/v2"

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
		config:    c,
		policy:    checker,
		stdout:    newOutput(c.Stdout),
		stderr:    newOutput(c.Stderr),
		streams:   plainStreams{NewInput(c.Stdin)},
		funcs:     map[*lua.LFunction]*Function{},
		envs:      map[*lua.LFunction]*lua.LTable{},
		unseen:    map[*lua.LFunction]bool{concatenation: true, popping: true},
		manuals:   map[*lua.LFunction]*Function{},
		defined:   map[*lua.FunctionProto]bool{},
		types:     map[*Type]*lua.LTable{},
		methods:   map[*Type]*lua.LTable{},
		classes:   map[classKey]*lua.LTable{},
		typeOf:    map[lua.LValue]*Type{},
		modules:   map[string]*Module{},
		opened:    map[string]lua.LValue{},
		loading:   map[string]*loading{},
		constants: map[*lua.LTable]map[string]lua.LValue{},
		members:   map[lua.LValue]*lua.LTable{},
		locals:    map[any]any{},
	}
	if sameWriter(c.Stdout, c.Stderr) {
		in.stderr.mu = in.stdout.mu
	}
	for i, m := range c.Modules {
		if m == nil {
			return nil, fmt.Errorf("interp: Config.Modules[%d] is nil", i)
		}
		if in.modules[m.Name] != nil {
			return nil, errors.New("interp: two modules are called " + m.Name)
		}
		in.modules[m.Name] = m
	}
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
	few := glua.Room{Values: registryStart, Step: registryGrow, Most: registryMax, Calls: 64}
	in.root = glua.NewState(glua.NewNames(56), glua.NewNames(2), few)
	in.loaded = glua.NewNames(14)
	in.root.G.Registry.RawSetString("_LOADED", in.loaded)
	few.Calls = glua.FramesPerSegment
	in.parent = glua.NewThread(in.root, few)
	in.openModules()
	in.openProtect()
	in.openCoroutine()
	in.openBase()
	in.openRequire()
	in.openPackage()
	in.openDebug()
	in.openString()
	in.openTable()
	in.openLibrary(&mathLib)
	in.noteLibraries()
	in.openEarly()
	in.extendLibraries()
	in.extendTypes()
}
