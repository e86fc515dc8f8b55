//go:build unix

package tls_test

import (
	"context"
	"slices"
	"testing"

	"wirelua/interp"
	"wirelua/interp/policy"
	"wirelua/stdlib"
)

// TestWithoutSocket: tls needs no other module. It looked for the module socket by its name, and an
// interpreter without that could not even connect; what it cannot do is give a plain socket back, and
// the connection goes on after it has said so.
func TestWithoutSocket(t *testing.T) {
	modules := slices.DeleteFunc(stdlib.Modules(), func(m *interp.Module) bool { return m.Name == "socket" })
	in, err := interp.New(interp.Config{Policy: policy.All(), Modules: modules})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	err = in.RunString(context.Background(), "alone", `
		local tls, thread = require "tls", require "thread"
		local cert, key = tls.self_signed {"localhost"}
		local server = tls.create_server("127.0.0.1", 0, {cert = cert, key = key})
		local answering = thread.start(function()
			for client in server:clients() do
				client:sendall(client:recv())
				client:close()
				return
			end
		end)
		local c = tls.connect("localhost", server:getsockname().port, {ca = cert, timeout = 20})
		local ok, err = pcall(c.unwrap, c)
		assert(not ok and err.code == "ENOTSUP" and tostring(err):find("module socket", 1, true), err)
		c:sendall("hello")
		assert(c:recv() == "hello")
		answering:join()
		c:close()
		server:close()
	`)
	if err != nil {
		t.Error(err)
	}
}
