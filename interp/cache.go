package interp

import (
	"crypto/sha256"
	"sync"

	lua "github.com/yuin/gopher-lua"
)

// Cache keeps compiled files: a value to be shared by any number of interpreters, as their Config.Cache, whose zero is
// ready to be used. Files are still read each time; what has the same name and content is not compiled again, so that one that
// has changed is. It keeps what was last used, of some 32 MB of source. Any goroutine may use it. What it holds
// counts to the account of each interpreter that runs it; see Limits.Memory.
//
//	cache := new(interp.Cache)
//	for range tenants {
//		in, err := interp.New(interp.Config{FS: scripts, Cache: cache})
//		...
//	}
type Cache struct {
	mu       sync.Mutex
	new, old map[cacheKey]*lua.FunctionProto // those in old were not used since new was made
	size     int                             // of the source of what is in new
}

type cacheKey struct {
	name chunkName
	sum  [sha256.Size]byte // of the source
}

// cacheHalf is how much source there is in one half of a cache.
const cacheHalf = 16 << 20

// compile returns source compiled.
func (c *Cache) compile(source string, name chunkName, stop *stopFlag) (*lua.FunctionProto, *Error) {
	key := cacheKey{name, sha256.Sum256([]byte(source))}
	if proto := c.find(key, len(source)); proto != nil {
		return proto, nil
	}
	proto, failure := compileSource(source, name, stop)
	if failure == nil {
		c.keep(key, proto, len(source))
	}
	return proto, failure
}

func (c *Cache) find(key cacheKey, size int) *lua.FunctionProto {
	c.mu.Lock()
	defer c.mu.Unlock()
	if proto := c.new[key]; proto != nil {
		return proto
	}
	proto := c.old[key]
	if proto != nil {
		c.add(key, proto, size)
	}
	return proto
}

func (c *Cache) keep(key cacheKey, proto *lua.FunctionProto, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(key, proto, size)
}

func (c *Cache) add(key cacheKey, proto *lua.FunctionProto, size int) {
	if c.new == nil || c.size > cacheHalf {
		c.old, c.new, c.size = c.new, map[cacheKey]*lua.FunctionProto{}, 0
	}
	c.new[key] = proto
	c.size += size
}

// compileFile is compile for the text of a file, which interpreters may have in common.
func (s *State) compileFile(source string, name chunkName) (*lua.LFunction, *Error) {
	cache := s.in.config.Cache
	if cache == nil || isDump(source) {
		return s.compile(source, name)
	}
	proto, failure := cache.compile(source, name, s.stop)
	if failure != nil {
		return nil, failure
	}
	return s.instance(proto), nil
}
