//go:build linux

package stdlib_test

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"testing"
	"time"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// deadlineInputs are what ran on past its deadline, for up to 13 seconds, or could have: what is
// made before, and the call. Strings are of 256 MB where that is the most that there can be.
var deadlineInputs = map[string]struct{ before, call string }{
	"os.date":              {`s = ("%c"):rep(2^24)`, `os.date(s)`},
	"json.decode":          {`s = "[" .. ("1,"):rep(2^25) .. "1]"`, `json.decode(s)`},
	"json.decode nested":   {`s = ("[{\"a\":"):rep(2^24)`, `json.decode(s)`},
	"json.encode":          {`s = ("\1"):rep(2^28)`, `json.encode(s)`},
	"json.encode a table":  {`t = {} for i = 1, 2^20 do t[i] = ("\1"):rep(100) end`, `json.encode(t)`},
	"string.format":        {`s = ("\0"):rep(2^28)`, `string.format("%q", s)`},
	"string.format of it":  {`s = ("%d"):rep(2^27)`, `string.format(s)`},
	"string.upper":         {`s = ("x"):rep(2^28)`, `s:upper()`},
	"string.lower":         {`s = ("X"):rep(2^28)`, `s:lower()`},
	"string.reverse":       {`s = ("x"):rep(2^28)`, `s:reverse()`},
	"string.rep":           {`s = ("x"):rep(2^27)`, `s:rep(2)`},
	"string.rep of one":    {``, `("x"):rep(2^28)`},
	"string.find":          {`s = ("x"):rep(2^28)`, `s:find("xxy", 1, true)`},
	"string.find itself":   {`s, p = ("x"):rep(2^28), ("x"):rep(2^27) .. "y"`, `s:find(p, 1, true)`},
	"string.gsub":          {`s = ("x"):rep(2^28)`, `s:gsub(".", "%0")`},
	"string.gsub by it":    {`s = ("%0"):rep(2^27)`, `("x"):gsub("x", s)`},
	"string.sub":           {`s = ("x"):rep(2^28)`, `s:sub(2, 2^24)`},
	"concatenation":        {`s = ("x"):rep(2^27)`, `s .. s`},
	"comparison":           {`s, r = ("x"):rep(2^28), ("x"):rep(2^28)`, `s == r`},
	"a key":                {`s, t = ("x"):rep(2^28), {}`, `rawset(t, s, 1)`},
	"a field":              {`s, t = ("x"):rep(2^28), {}`, `t[s]`},
	"a global":             {`s = ("x"):rep(2^28)`, `_G[s]`},
	"tonumber":             {`s = ("1"):rep(2^26)`, `tonumber(s)`},
	"tonumber of nothing":  {`s = (" "):rep(2^28)`, `tonumber(s)`},
	"arithmetic":           {`s = ("1"):rep(2^26)`, `pcall(function() return s + 0 end)`},
	"arithmetic, no digit": {`s = ("1"):rep(2^26) .. "x"`, `pcall(function() return -s end)`},
	"hash.md5":             {`s = ("x"):rep(2^28)`, `hash.md5(s)`},
	"hash.sha1":            {`s = ("x"):rep(2^28)`, `hash.sha1(s)`},
	"hash.sha256":          {`s = ("x"):rep(2^28)`, `hash.sha256(s)`},
	"hash.sha512":          {`s = ("x"):rep(2^28)`, `hash.sha512(s)`},
	"hash.crc32":           {`s = ("x"):rep(2^28)`, `hash.crc32(s)`},
	"hash.hmac":            {`s = ("x"):rep(2^28)`, `hash.hmac("sha512", s, s)`},
	"hash.hmac, its name":  {`s = ("x"):rep(2^28)`, `pcall(hash.hmac, s, "", "")`},
	"hex":                  {`s = ("x"):rep(2^27)`, `hex.encode(s)`},
	"hex.dump":             {`s = ("x"):rep(2^25)`, `hex.dump(s)`},
	"base64":               {`s = ("QUJD"):rep(2^26)`, `base64.decode(s)`},
	"require":              {`s = ("x"):rep(2^26)`, `pcall(require, s)`},
	"require of dots":      {`s = ("a."):rep(2^25)`, `pcall(require, s)`},
	"loadstring":           {`s = ("x=f() "):rep(2^25)`, `loadstring(s)`},
	"table.sort":           {`t = {} for i = 1, 3e6 do t[i] = math.random() end`, `table.sort(t)`},
	"table.concat":         {`t = {} for i = 1, 2^20 do t[i] = ("x"):rep(200) end`, `table.concat(t)`},
	"table.insert":         {`t = {} for i = 1, 3e6 do t[i] = i end`, `(function() while true do table.insert(t, 1, 0) end end)()`},
	"table.remove":         {`t = {} for i = 1, 3e6 do t[i] = i end`, `(function() while true do table.remove(t, 1) end end)()`},
	"unpack":               {`t = {} for i = 1, 3e6 do t[i] = i end`, `pcall(unpack, t)`},
	"next":                 {`t = {} for i = 1, 2e5 do t[i + 0.5] = true end for i = 1, 2e5 do t[i + 0.5] = nil end`, `next(t)`},
	"next, every time":     {`t = {} for i = 1, 2e5 do t[i + 0.5] = true end for i = 1, 2e5 do t[i + 0.5] = nil end`, `(function() while true do next(t) end end)()`},
	"pairs":                {`t = {} for i = 1, 2e5 do t["x" .. i] = true end for i = 1, 2e5 do t["x" .. i] = nil end`, `(function() while true do for k in pairs(t) do end end end)()`},
	"length":               {`t = {} for i = 1, 1e6 do t[i] = i end for i = 1e6, 2, -1 do t[i] = nil end`, `(function() while true do local n = #t end end)()`},
	"getfenv":              {``, `pcall(function() local function f(n) if n > 0 then return 1 + f(n - 1) end return getfenv(2^30) end f(15000) end)`},
	"debug.traceback":      {``, `(function() local function f(n) if n > 0 then return 1 + f(n - 1) end while true do debug.traceback() end end f(15000) end)()`},
	"debug.getinfo":        {``, `(function() local function f(n) if n > 0 then return 1 + f(n - 1) end while true do debug.getinfo(2^30) end end f(15000) end)()`},
	"error levels":         {``, `(function() local function f(n) if n > 0 then return 1 + f(n - 1) end while true do pcall(error, "x", 2^30) end end f(15000) end)()`},
	"semaphore:release":    {`x = thread.semaphore(0) for i = 1, 50 do thread.daemon(function() x:acquire() end) end thread.yield()`, `pcall(x.release, x, 2^28)`},
	"os.getenv":            {`s = ("x"):rep(2^28)`, `os.getenv(s)`},
	"io.open":              {`s = ("x/"):rep(2^27)`, `io.open(s)`},
	"io.open upwards":      {`s = ("../"):rep(2^26)`, `io.open(s)`},
	"io.write":             {`s = ("x"):rep(2^28)`, `io.write(s)`},
	"print":                {`s = ("x"):rep(2^28)`, `print(s)`},
	"error":                {`s = ("x"):rep(2^28)`, `pcall(error, s)`},
	"struct.pack":          {`s = ("x"):rep(2^27)`, `struct.pack("134217728s", s)`},
	"struct, its format":   {`s = ("b"):rep(2^27)`, `pcall(struct.calcsize, s)`},
	"string.pack":          {`s = ("b"):rep(2^27)`, `pcall(string.packsize, s)`},
	"string.unpack":        {`s = ("x"):rep(2^28)`, `pcall(string.unpack, "z", s)`},
	"process.spawn":        {`s = ("x/"):rep(2^25)`, `pcall(process.spawn, {s})`},
	"process.spawn, many":  {`t = {} for i = 1, 3e6 do t[i] = "x" end`, `pcall(process.spawn, t)`},
	"process.spawn, env":   {`t = {} for i = 1, 2e5 do t["x" .. i] = "x" end`, `pcall(process.spawn, {"true"}, {env = t})`},
	"process:kill":         {`s, x = ("\255"):rep(2^26), process.spawn("true")`, `pcall(x.kill, x, s)`},
	"signal.on":            {`s = ("\255"):rep(2^26)`, `pcall(signal.on, s, print)`},
	"sendto, a port":       {`s, x = ("1"):rep(2^26), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)`, `pcall(x.sendto, x, "x", "127.0.0.1", s)`},
	"connect_ex":           {`s, x = ("a."):rep(2^25), socket.socket()`, `pcall(x.connect_ex, x, s, 1)`},
	"bind":                 {`s, x = ("1."):rep(2^25), socket.socket()`, `pcall(x.bind, x, s, 1)`},
	"bind, Unix":           {`s, x = ("x/"):rep(2^25), socket.socket(socket.AF_UNIX)`, `pcall(x.bind, x, s)`},
	"inet_aton":            {`s = ("\255"):rep(2^26)`, `pcall(socket.inet_aton, s)`},
	"inet_aton of dots":    {`s = ("a."):rep(2^25)`, `pcall(socket.inet_aton, s)`},
	"a port":               {`s = ("1"):rep(2^26)`, `pcall(socket.create_server, "127.0.0.1", s)`},
	"getaddrinfo":          {`s = ("xn--"):rep(2^24)`, `pcall(socket.getaddrinfo, s, 80)`},
	"inet_pton":            {`s = ("1:"):rep(2^25)`, `pcall(socket.inet_pton, socket.AF_INET6, s)`},
	"tls.wrap":             {`s, x = ("-----BEGIN CERTIFICATE-----\n"):rep(2^21), socket.socketpair()`, `pcall(tls.wrap, x, {ca = s})`},
}

// TestDeadlineInputs: whatever a script is at, it ends with its deadline.
func TestDeadlineInputs(t *testing.T) {
	names := slices.Sorted(maps.Keys(deadlineInputs))
	for i, name := range names {
		if (testing.Short() || patience > 1) && i%6 > 0 {
			continue
		}
		input := deadlineInputs[name]
		t.Run(name, func(t *testing.T) {
			in, err := interp.New(interp.Config{Modules: stdlib.Modules(), Policy: policy.Policy{Run: []string{"true"}, Listen: []string{"127.0.0.1:0"}}})
			if err != nil {
				t.Fatal(err)
			}
			defer runtime.GC() // of some hundred megabytes, before the next
			defer in.Close()
			if err := in.RunString(t.Context(), "before", input.before+" function call() return select('#', "+input.call+") end"); err != nil {
				t.Fatal(err)
			}
			var late time.Duration
			for range 4 { // others are at work on this machine, too
				end := time.Now().Add(littleTime)
				ctx, cancel := context.WithDeadline(t.Context(), end)
				_, _ = in.Call(ctx, "call")
				cancel()
				if late = time.Since(end); late < soon*patience {
					return
				}
				runtime.GC()
			}
			t.Errorf("%v late", late.Round(time.Millisecond))
		})
	}
}
