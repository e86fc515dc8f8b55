package pack_test

import (
	"context"
	"strings"
	"testing"
)

// FuzzFormat feeds both parsers any text: they answer or refuse, and what they
// say of the size holds for what they make.
func FuzzFormat(f *testing.F) {
	for _, seed := range []string{"", "!HI8s", "@b0q", "<3x", "12", ">s2", "!4 b i4", "Xd", "c99999999999999999999", "i16", "9999999s", "b\xff"} {
		f.Add(seed)
	}
	in := newInterp(f)
	const check = `
		function check(format)
			local ok, size = pcall(struct.calcsize, format)
			if ok and size < 65536 then
				local zeros = ("\0"):rep(size)
				assert(struct.pack(format, struct.unpack(format, zeros)) == zeros)
			end
			local ok, size = pcall(string.packsize, format)
			if ok and size < 65536 then
				local values = {string.unpack(format, ("\0"):rep(size))}
				assert(table.remove(values) == size + 1)
				assert(#string.pack(format, unpack(values)) == size)
			end
		end`
	if err := in.RunString(context.Background(), "check", check); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, format string) {
		if _, err := in.Call(context.Background(), "check", format); err != nil {
			t.Fatalf("%q: %v", format, err)
		}
	})
}

// FuzzRoundTrip unpacks any bytes by any format: packed again they are the same.
func FuzzRoundTrip(f *testing.F) {
	f.Add("!HI8s", []byte("0123456789abcd"))
	f.Add("<efd", []byte("0123456789abcd"))
	f.Add("4cqQ", []byte("\x01\x02\x03\x04\x00\x00\x00\x00\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x00\x80"))
	f.Add("<i3I7!8i8", []byte("\xff\xff\xff\x00\x00\x00\x00\x00\x00\x01"))
	in := newInterp(f)
	const check = `
		function check(format, data)
			local ok, size = pcall(struct.calcsize, format)
			if ok and size <= #data then
				local r = {pcall(struct.unpack_from, format, data)}
				if r[1] then assert(struct.pack(format, unpack(r, 2)) == data:sub(1, size)) end
			end
			local r = {pcall(string.unpack, format, data)}
			if r[1] then
				local pos = table.remove(r)
				assert(string.pack(format, unpack(r, 2)) == data:sub(1, pos - 1))
			end
		end`
	if err := in.RunString(context.Background(), "check", check); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, format string, data []byte) {
		// What does not keep all its bits: padding, booleans, the rest of a p,
		// the payload of a not-a-number, alignment.
		if strings.ContainsAny(format, "x?pefdn@!X") || format == "" || !strings.Contains("=<>", format[:1]) {
			return
		}
		if _, err := in.Call(context.Background(), "check", format, data); err != nil {
			t.Fatalf("%q, %q: %v", format, data, err)
		}
	})
}
