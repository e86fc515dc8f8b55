package interp_test

import (
	"sync"
	"testing"

	"wirelua/interp"
	"wirelua/stdlib"
)

// reach is a script that visits whatever scripts can reach, whichever way.
const reach = `
	local seen = {}
	local function visit(v, at)
		if v == nil or seen[v] then return end
		seen[v] = true
		visit(getmetatable(v), at)
		visit(debug.getmetatable(v), at)
		visit(debug.getfenv(v), at)
		if type(v) == "table" then
			at(v)
			for k, field in pairs(v) do visit(k, at) visit(field, at) end
		elseif type(v) == "function" then
			for i = 1, 100 do
				local name, value = debug.getupvalue(v, i)
				if not name then break end
				visit(value, at)
			end
		end
	end
	for name in ("bit bit32 channel errno hash hex json process proto random select selectors signal socket struct thread time tls"):gmatch("%w+") do
		visit(_G[name], function() end)
	end
	local a, b = socket.socketpair()
	local roots = {_G, package.loaded, debug.getregistry(), "", a, a.recv, io.stdout, io.stdout.write, channel.make(1), thread.lock(), select.select,
		coroutine.create(print), select(2, pcall(a.connect, a, "no such"))}
	a:close() b:close()
	function walk(at) seen = {} for _, v in pairs(roots) do visit(v, at) end end
`

// What interpreters share no script can change: one that writes to each table that it finds, and takes the functions'
// environments away, does so for itself alone. (With the race detector it is told of any that two write to.)
func TestSharedIsOutOfReach(t *testing.T) {
	open := func() *interp.Interpreter {
		in, _ := embed(t, interp.Config{Modules: stdlib.Modules()})
		return in
	}
	vandals := []*interp.Interpreter{open(), open(), open()}
	bystander := open()
	run(t, bystander, reach)
	var wg sync.WaitGroup
	for _, in := range vandals {
		wg.Go(func() {
			run(t, in, reach+`
				local tables, own = 0, {}
				walk(function(t) tables = tables + 1 own[#own + 1] = t end)
				assert(tables > 40, tables)
				for _, f in pairs(_G) do if type(f) == "function" then pcall(debug.setfenv, f, {}) end end
				local _G, rawset, pairs, pcall = _G, rawset, pairs, pcall
				for _, t in pairs(own) do
					for k, v in pairs(t) do if type(v) == "function" then pcall(debug.setfenv, v, {}) end end
				end
				for _, t in pairs(own) do pcall(rawset, t, "vandal", true) end
				debug.setmetatable("", nil)
				debug.setmetatable(print, {})
			`)
		})
	}
	wg.Wait()
	for _, in := range []*interp.Interpreter{bystander, open()} {
		run(t, in, reach+`
			walk(function(t) assert(rawget(t, "vandal") == nil) end)
			assert(("x"):rep(2) == "xx" and "1" + 1 == 2 and not pcall(function() return print.x end))
			assert(getfenv(print) == _G and getfenv(string.rep) == _G)
		`)
	}
}
